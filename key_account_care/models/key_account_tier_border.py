import math

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

BORDERS = {'pareto': 'pareto_share', 'top': 'top_count', 'amount': 'amount_min'}
CURVE_POINTS = 200
MAX_COUNT = 2 ** 31 - 1


class KeyAccountTier(models.Model):
    """What the tier borders assistant shows: the Pareto curve of a company and the effect of other borders."""
    _inherit = 'key.account.tier'

    @api.model
    def get_borders(self):
        """What the assistant needs to open, for the current company.

        :return: dict with ``currency_id``, ``account_count``, ``locked_count``, ``revenue``, ``other_companies``
            (whether there are any), the ``curve`` (at most 200 points: rank, cumulative share and revenue of the
            account there), the ``tiers`` with their rules, and the ``effect`` of those rules as in
            :meth:`get_border_effect`
        :raise AccessError: when the user is not a manager
        :raise ValidationError: when the extra filter of a tier cannot be used
        """
        self._check_border_access()
        company = self.env.company
        totals = self._get_border_totals(company)
        if not totals['revenue']:
            self._find_revenue(company)
            totals = self._get_border_totals(company)
        return {
            'currency_id': company.currency_id.id,
            # whether there are others, not which
            'other_companies': self.env['res.company'].sudo().search_count([], limit=2) > 1,
            **totals,
            'curve': self._get_curve(company),
            'tiers': [tier._get_border(company) for tier in self._get_rules(company)],
            'effect': self.get_border_effect({}),
        }

    @api.model
    def get_border_effect(self, borders):
        """What other borders would do. Nothing is stored.

        :param dict borders: ``{tier id: {pareto_share | top_count | amount_min: number}}``; the rest stays as stored
        :return: list of dicts, one per tier in order and one with ``tier_id`` False for accounts without a tier:
            ``accounts``, ``revenue``, ``share`` (0-1), ``reviews`` and ``contacts`` owed per year, and the number of
            accounts that move ``up`` into it and ``down`` into it against today, ``entering`` those without tier today
        :raise AccessError: when the user is not a manager
        :raise ValidationError: when a border is out of range, when the borders contradict each other, or when the
            extra filter of a tier cannot be used
        """
        self._check_border_access()
        company = self.env.company
        tiers = self._get_rules_with_borders(company, self._clean_borders(borders))
        self.env.flush_all()
        rows = {row['tier_id']: row for row in self.env.execute_query_dict(self._border_effect_sql(company, tiers))}
        # locked accounts stay in a tier that was archived
        archived = tiers.browse(sorted(rows.keys() - {None, *tiers._origin.ids}))
        return [tier._get_effect_row(rows) for tier in [*tiers, *archived, self.browse()]]

    @api.model
    def apply_borders(self, borders):
        """Store the borders and put every account of the current company in its tier at once.

        :param dict borders: as in :meth:`get_border_effect`
        :return: the new :meth:`get_borders`
        :raise AccessError: when the user is not a manager
        :raise UserError: when a refresh is at work on the company
        :raise ValidationError: when a border is out of range or the borders contradict each other
        """
        self._check_border_access()
        company = self.env.company
        self.env['key.account']._lock_refresh(company)
        self._write_borders(company, self._clean_borders(borders))
        # the manager has seen what will change, therefore neither grace nor proposals;
        # the rules hold for every account of the company, also those that a record rule hides from the manager
        accounts = self.env['key.account'].sudo()
        today = fields.Date.context_today(self)
        self.env.flush_all()
        # sudo: as the night does; whether the manager may move borders is checked above
        self.sudo()._refresh_tiers(company, today, accounts, immediate=True)
        self.env.invalidate_all()
        self.env['key.account.tier.change']._refresh_activities(company, today, accounts)
        return self.get_borders()

    # ------------------------------------------------------------
    # Borders
    # ------------------------------------------------------------

    @api.model
    def _check_border_access(self):
        if not self.env.user.has_group('key_account_care.group_manager'):
            raise AccessError(self.env._("Only a manager of key accounts moves the borders of tiers."))

    @api.model
    def _clean_borders(self, borders):
        """The web client sends keys as text; only borders are taken from it, and only numbers."""
        return {
            int(tier_id): {name: self._to_number(value) for name, value in values.items() if name in BORDERS.values()}
            for tier_id, values in borders.items()
        }

    @api.model
    def _to_number(self, value):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            raise ValidationError(self.env._("A border must be a number."))
        return number

    @api.model
    def _get_rules_with_borders(self, company, borders):
        """:return: the tiers of ``company`` in order, as unsaved copies with other borders, which are checked"""
        rules = self.sudo().browse()  # rules hold for whoever runs them
        for tier in self._get_rules(company):
            # every border is given: copies of one tier share their cache, and with it the borders of an earlier copy
            stored = {name: tier[name] for name in BORDERS.values()}
            rules += rules.new({**stored, **borders.get(tier.id, {})}, origin=tier)
        changed = rules.filtered(lambda tier: tier._origin.id in borders)
        changed._check_border_range()
        rules.filtered(lambda tier: tier.rule != 'manual')._refuse_unreachable(changed)
        return rules

    def _check_border_range(self):
        """The constraints of the table, for borders that are not stored yet."""
        for tier in self:
            if tier.rule == 'pareto' and not 0 < tier.pareto_share <= 100:
                raise ValidationError(self.env._(
                    "Tier “%(tier)s”: the share of revenue must be above 0 %% and at most 100 %%.", tier=tier.name))
            if tier.rule == 'top' and tier.top_count < 1:
                raise ValidationError(self.env._(
                    "Tier “%(tier)s”: the number of accounts must be at least 1.", tier=tier.name))
            if tier.rule == 'top' and tier.top_count > MAX_COUNT:
                raise ValidationError(self.env._(
                    "Tier “%(tier)s”: the number of accounts is too large.", tier=tier.name))
            if tier.rule == 'amount' and tier.amount_min < 0:
                raise ValidationError(self.env._("Tier “%(tier)s”: the amount must not be negative.", tier=tier.name))

    @api.model
    def _write_borders(self, company, borders):
        """Write lower tiers first where a border gets wider and upper ones first where it gets narrower.

        In this order no tier takes all accounts of another one half-way, which would be refused.
        """
        self._get_rules_with_borders(company, borders)
        tiers = self._get_rules(company).sudo(False).filtered(lambda tier: tier.id in borders)
        wider = tiers.filtered(lambda tier: tier._gets_wider(borders[tier.id]))
        for tier in [*reversed(wider), *(tiers - wider)]:
            tier.write(borders[tier.id])

    def _gets_wider(self, values):
        name = BORDERS.get(self.rule)
        if name not in values:
            return False
        return values[name] < self[name] if self.rule == 'amount' else values[name] > self[name]

    def _get_border(self, company):
        self.ensure_one()
        return {
            'id': self.id,
            'name': self.name,
            'color': self.color,
            'is_key': self.is_key,
            'rule': self.rule,
            'rule_summary': self.rule_summary,
            'amount_figure': self.amount_figure,
            'currency_id': self.currency_id.id,
            'rate': self.currency_id._convert(
                1.0, company.currency_id, company, fields.Date.context_today(self), round=False),
            'filtered': self._has_filter(),
            'shared': not self.company_id,
            **{name: self[name] for name in BORDERS.values()},
        }

    # ------------------------------------------------------------
    # Curve and effect
    # ------------------------------------------------------------

    @api.model
    def _find_revenue(self, company):
        """Fill the accounts of a company that had no revenue last night; their tiers are yet to be chosen."""
        accounts = self.env['key.account'].sudo()  # figures are stored for everybody, whoever looks first
        for step in (accounts._refresh_accounts, accounts._refresh_figures):
            accounts._do_step(step, company, fields.Date.context_today(self))

    @api.model
    def _get_border_totals(self, company):
        self.env.flush_all()
        return self.env.execute_query_dict(SQL(
            """
            SELECT COUNT(*) AS account_count, COUNT(*) FILTER (WHERE %s) AS locked_count,
                   COALESCE(SUM(GREATEST(account.revenue, 0)), 0)::float8 AS revenue
              FROM key_account account
             WHERE account.company_id = %s AND account.active
            """, self._get_lock_sql(), company.id))[0]

    @api.model
    def _get_lock_sql(self):
        """Whether a lock of ``account`` still holds when the borders are applied today, as SQL."""
        return SQL(
            "account.tier_locked AND (account.lock_until IS NULL OR account.lock_until >= %s)",
            fields.Date.context_today(self))

    @api.model
    def _get_curve(self, company):
        """Points of the Pareto curve, evenly over the ranks with the first ones dense, where the curve is steep."""
        rows = self.env.execute_query(SQL(
            """
            SELECT rank, cumulative_share, revenue
              FROM (SELECT rank, cumulative_share, revenue, MAX(rank) OVER () AS last
                      FROM key_account
                     WHERE company_id = %(company)s AND active AND rank > 0) account
             WHERE rank < %(dense)s OR rank = last OR rank * %(dense)s / last > (rank - 1) * %(dense)s / last
          ORDER BY rank
            """, company=company.id, dense=CURVE_POINTS // 2))
        return [
            {'rank': rank, 'share': share or 0.0, 'revenue': float(revenue or 0)}
            for rank, share, revenue in rows
        ]

    def _border_effect_sql(self, company, tiers):
        return SQL(
            """
            SELECT future.tier_id, COUNT(*) AS accounts, SUM(future.revenue)::float8 AS revenue,
                   SUM(future.share) AS share,
                   COUNT(*) FILTER (WHERE future.former_id IS NULL AND future.tier_id IS NOT NULL) AS entering,
                   COUNT(*) FILTER (WHERE (wanted.sequence, wanted.id) < (former.sequence, former.id)) AS up,
                   COUNT(*) FILTER (WHERE (wanted.sequence, wanted.id) > (former.sequence, former.id)
                                       OR (wanted.id IS NULL AND former.id IS NOT NULL)) AS down
              FROM (SELECT account.revenue, account.share, account.tier_id AS former_id,
                           CASE WHEN %(locked)s THEN account.tier_id ELSE %(target)s END AS tier_id
                      FROM key_account account
                     WHERE account.company_id = %(company)s AND account.active) future
         LEFT JOIN key_account_tier former ON former.id = future.former_id
         LEFT JOIN key_account_tier wanted ON wanted.id = future.tier_id
          GROUP BY future.tier_id
            """,
            locked=self._get_lock_sql(), company=company.id,
            target=tiers._get_target_sql(company, fields.Date.context_today(self)))

    def _get_effect_row(self, rows):
        row = rows.get(self._origin.id or None, {})
        accounts = row.get('accounts', 0)
        return {
            'tier_id': self._origin.id,
            'name': self.name or self.env._("No tier"),
            'color': self.color,
            'accounts': accounts,
            'revenue': row.get('revenue') or 0.0,
            'share': row.get('share') or 0.0,
            'reviews': round(accounts * 12 / self.review_months) if self.review_months else 0,
            'contacts': round(accounts * 365 / self.contact_days) if self.contact_days else 0,
            'entering': row.get('entering', 0),
            'up': row.get('up', 0),
            'down': row.get('down', 0),
        }
