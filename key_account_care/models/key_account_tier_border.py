from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

BORDERS = ('pareto_share', 'top_count', 'amount_min')
CURVE_POINTS = 200


class KeyAccountTier(models.Model):
    """What the tier borders assistant shows: the Pareto curve of a company and the effect of other borders."""
    _inherit = 'key.account.tier'

    @api.model
    def get_borders(self):
        """What the assistant needs to open, for the current company.

        :return: dict with ``company``, ``currency_id``, ``account_count``, ``revenue``, the ``curve`` (at most 200
            points: rank, share of accounts, cumulative share and revenue of the account there), the ``tiers`` with
            their rules, and the ``effect`` of those rules as in :meth:`get_border_effect`
        :raise AccessError: when the user is not a manager
        """
        self._check_border_access()
        company = self.env.company
        if not self.env['key.account'].sudo().search_count([('company_id', '=', company.id)], limit=1):
            # the first visit of a company: its manager sees its customers without waiting for the night
            self.env['key.account']._refresh(fields.Date.context_today(self), companies=company)
        self.env.flush_all()
        count, revenue = self._get_totals(company)
        return {
            'company': company.name,
            'currency_id': company.currency_id.id,
            'account_count': count,
            'revenue': float(revenue),
            'curve': self._get_curve(company, count),
            'tiers': [tier._get_border() for tier in self._get_rules(company)],
            'effect': self.get_border_effect({}),
        }

    @api.model
    def get_border_effect(self, borders):
        """What other borders would do, without doing it.

        :param dict borders: ``{tier id: {pareto_share | top_count | amount_min: number}}``; the rest stays as stored
        :return: list of dicts, one per tier in order and one with ``tier_id`` False for accounts without a tier:
            ``accounts``, ``revenue``, ``share`` (0-1), ``reviews`` and ``contacts`` owed per year, and the number of
            accounts that move ``up`` into it and ``down`` into it against today, ``entering`` those without tier today
        :raise AccessError: when the user is not a manager
        :raise ValidationError: when a border is out of range or the extra filter of a tier cannot be used
        """
        self._check_border_access()
        company = self.env.company
        tiers = self._get_rules_with_borders(company, borders)
        self.env.flush_all()
        rows = {row['tier_id']: row for row in self.env.execute_query_dict(
            self._border_effect_sql(company, tiers))}
        total = float(sum(row['revenue'] for row in rows.values() if row['revenue'] > 0)) or 1.0
        return [
            tier._get_effect_row(rows.get(tier._origin.id or None, {}), total)
            for tier in [*tiers, self.browse()]
        ]

    @api.model
    def apply_borders(self, borders):
        """Store the borders and put every account of the current company in its tier at once.

        :param dict borders: as in :meth:`get_border_effect`
        :return: the new :meth:`get_borders`
        :raise AccessError: when the user is not a manager
        :raise ValidationError: when the borders contradict each other
        """
        self._check_border_access()
        company = self.env.company
        for tier_id, values in self._clean_borders(borders).items():
            self.browse(tier_id).write(values)
        self.env.flush_all()
        # the manager has seen what will change, therefore neither grace nor proposals
        self.sudo()._refresh_tiers(
            company, fields.Date.context_today(self), self.env['key.account'].sudo(), immediate=True)
        self.env.invalidate_all()
        self.env['key.account.tier.change'].sudo()._refresh_activities(
            company, fields.Date.context_today(self), self.env['key.account'])
        return self.get_borders()

    # ------------------------------------------------------------
    # Parts
    # ------------------------------------------------------------

    @api.model
    def _check_border_access(self):
        if not self.env.user.has_group('key_account_care.group_manager'):
            raise AccessError(self.env._("Only a manager of key accounts moves the borders of tiers."))

    @api.model
    def _clean_borders(self, borders):
        """The web client sends keys as text; only borders are taken from it."""
        return {
            int(tier_id): {name: value for name, value in values.items() if name in BORDERS}
            for tier_id, values in borders.items()
        }

    @api.model
    def _get_rules_with_borders(self, company, borders):
        """:return: the tiers of ``company`` in order, as unsaved copies with other borders"""
        borders = self._clean_borders(borders)
        rules = self.sudo().browse()
        for tier in self._get_rules(company):
            rules += self.sudo().new(borders.get(tier.id, {}), origin=tier)
        return rules

    @api.model
    def _get_totals(self, company):
        return self.env.execute_query(SQL(
            """
            SELECT COUNT(*), COALESCE(SUM(GREATEST(revenue, 0)), 0)
              FROM key_account WHERE company_id = %s AND active
            """, company.id))[0]

    @api.model
    def _get_curve(self, company, count):
        """Points of the Pareto curve, evenly over the ranks with the first ones dense, where the curve is steep."""
        step = max(count / (CURVE_POINTS / 2), 1)
        rows = self.env.execute_query(SQL(
            """
            SELECT rank, cumulative_share, revenue
              FROM key_account
             WHERE company_id = %(company)s AND active
               AND (rank <= %(dense)s OR rank = %(count)s OR FLOOR(rank / %(step)s) > FLOOR((rank - 1) / %(step)s))
          ORDER BY rank
            """, company=company.id, dense=CURVE_POINTS // 2 - 1, count=count, step=step))
        return [{
            'rank': rank,
            'accounts': rank / count,
            'share': share or 0.0,
            'revenue': float(revenue or 0),
        } for rank, share, revenue in rows]

    def _get_border(self):
        self.ensure_one()
        return {
            'id': self.id,
            'name': self.name,
            'color': self.color,
            'is_key': self.is_key,
            'rule': self.rule,
            'rule_summary': self.rule_summary,
            'amount_figure': self.amount_figure,
            'filtered': self._has_filter(),
            **{name: self[name] for name in BORDERS},
        }

    def _border_effect_sql(self, company, tiers):
        return SQL(
            """
            SELECT future.tier_id, COUNT(*) AS accounts, SUM(future.revenue) AS revenue,
                   COUNT(*) FILTER (WHERE future.former_id IS NULL AND future.tier_id IS NOT NULL) AS entering,
                   COUNT(*) FILTER (WHERE (wanted.sequence, wanted.id) < (former.sequence, former.id)) AS up,
                   COUNT(*) FILTER (WHERE (wanted.sequence, wanted.id) > (former.sequence, former.id)
                                       OR (wanted.id IS NULL AND former.id IS NOT NULL)) AS down
              FROM (SELECT account.revenue, account.tier_id AS former_id,
                           CASE WHEN account.tier_locked THEN account.tier_id ELSE %(target)s END AS tier_id
                      FROM key_account account
                     WHERE account.company_id = %(company)s AND account.active) future
         LEFT JOIN key_account_tier former ON former.id = future.former_id
         LEFT JOIN key_account_tier wanted ON wanted.id = future.tier_id
          GROUP BY future.tier_id
            """, target=tiers._get_target_sql(company, fields.Date.context_today(self)), company=company.id)

    def _get_effect_row(self, row, total):
        accounts = row.get('accounts', 0)
        revenue = float(row.get('revenue') or 0)
        return {
            'tier_id': self._origin.id or False,
            'name': self.name or self.env._("No tier"),
            'accounts': accounts,
            'revenue': revenue,
            'share': max(revenue, 0) / total,
            'reviews': round(accounts * 12 / self.review_months) if self.review_months else 0,
            'contacts': round(accounts * 365 / self.contact_days) if self.contact_days else 0,
            'entering': row.get('entering', 0),
            'up': row.get('up', 0),
            'down': row.get('down', 0),
        }
