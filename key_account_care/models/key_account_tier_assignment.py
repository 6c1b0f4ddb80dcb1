from odoo import api, models
from odoo.tools import SQL


class KeyAccountTier(models.Model):
    """The nightly step that puts every account in the tier whose rule it meets."""
    _inherit = 'key.account.tier'

    @api.model
    def _refresh_tiers(self, company, today, accounts, immediate=False):
        """Find the tier of each account by rule, then move it or propose the move.

        :param res.company company: the company whose accounts are assigned
        :param date today: day of the run; several runs on one day count as one for the grace
        :param key.account accounts: only these; empty for all of the company
        :param bool immediate: move without grace and without proposals, as the tier borders assistant does
        :raise ValidationError: when the extra filter of a tier cannot be used
        """
        scope = accounts._get_scope(company)
        self._end_locks(scope, today)
        self._get_rules(company)._update_rule_tiers(company, scope, today)
        due = self._get_due_condition(immediate)
        if immediate or company.key_account_assignment == 'automatic':
            self._move_accounts(scope, due, today)
        else:
            self._propose_moves(scope, due, today)
        self._withdraw_proposals(scope, due)

    @api.model
    def _get_rules(self, company):
        """:return: the active tiers of ``company``, the first to try first"""
        # rules hold for whoever runs them, also from a list that shows archived records
        return self.sudo().search([('active', '=', True), ('company_id', 'in', (False, company.id))])

    # ------------------------------------------------------------
    # Rules as SQL
    # ------------------------------------------------------------

    def _get_target_sql(self, company, today):
        """The tier by rule, as an expression over ``account``.

        :param res.company company: company of the accounts
        :param date today: day whose rate converts amounts of tiers in another currency
        :return: SQL
        """
        cases = [
            SQL("WHEN %s THEN %s", tier._get_condition_sql(company, today), tier._origin.id)
            for tier in self if tier.rule != 'manual'
        ]
        return SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::integer")

    def _get_condition_sql(self, company, today):
        """Whether ``account`` meets the rule and the extra filter of this tier, as SQL.

        The account that crosses the border of a share is the last one inside: without it the tier would bring less
        than was asked for. The small tolerance keeps the border where floating point sums differ in the last digit.
        """
        self.ensure_one()
        if self.rule == 'pareto':
            condition = SQL(
                "account.revenue > 0 AND account.cumulative_share - account.share < %s - 1e-9", self.pareto_share / 100)
        elif self.rule == 'top':
            condition = SQL("account.revenue > 0 AND account.rank <= %s", self.top_count)
        elif self.amount_min:
            amount = self.currency_id._convert(self.amount_min, company.currency_id, company, today)
            condition = SQL("%s >= %s", SQL.identifier('account', self.amount_figure), amount)
        else:
            condition = SQL("TRUE")
        domain = self._get_filter_domain()
        if domain.is_true():
            return condition
        # sudo: a rule takes all accounts of the company, whoever runs it
        matching = self.env['key.account'].sudo().with_company(company).with_context(active_test=False)._search(domain)
        return SQL("(%s AND account.id IN %s)", condition, matching.subselect())

    @api.model
    def _get_due_condition(self, immediate):
        """Which accounts have to change their tier now, over ``account`` and its present ``tier``, as SQL."""
        wanted = SQL("NOT account.tier_locked AND account.rule_tier_id IS DISTINCT FROM account.tier_id")
        if immediate:
            return wanted
        return SQL("%s AND (account.missed_runs = 0 OR account.missed_runs >= tier.grace_runs)", wanted)

    # ------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------

    @api.model
    def _end_locks(self, scope, today):
        self.env.cr.execute(SQL(
            """
            UPDATE key_account account
               SET tier_locked = FALSE, lock_reason = NULL, lock_until = NULL
             WHERE %s AND tier_locked AND lock_until < %s
            """, scope, today))

    def _update_rule_tiers(self, company, scope, today):
        """Store what the rules say, and for how many nights in a row an account has missed the rule of its tier.

        The nights of a lock do not count: grace begins when it ends.
        """
        self.env['key.account']._store_columns(SQL(
            """
            WITH target AS (
                SELECT account.*, %(target)s AS wanted_id
                  FROM key_account account
                 WHERE %(scope)s AND account.active
            ), verdict AS (
                SELECT target.*,
                       NOT target.tier_locked AND current.active
                           AND COALESCE(current.company_id, target.company_id) = target.company_id
                           AND (wanted.id IS NULL
                                OR (wanted.sequence, wanted.id) > (current.sequence, current.id)) AS missed
                  FROM target
             LEFT JOIN key_account_tier current ON current.id = target.tier_id
             LEFT JOIN key_account_tier wanted ON wanted.id = target.wanted_id
            )
            SELECT id, wanted_id AS rule_tier_id,
                   CASE WHEN missed IS NOT TRUE THEN 0
                        WHEN missed_on >= %(today)s THEN missed_runs
                        ELSE missed_runs + 1 END AS missed_runs,
                   CASE WHEN missed THEN GREATEST(missed_on, %(today)s::date) END AS missed_on,
                   decline_holds AND wanted_id IS NOT DISTINCT FROM rule_tier_id
                       AND wanted_id IS DISTINCT FROM tier_id AS decline_holds
              FROM verdict
            """, target=self._get_target_sql(company, today), scope=scope, today=today),
            ('rule_tier_id', 'missed_runs', 'missed_on', 'decline_holds'))

    @api.model
    def _move_accounts(self, scope, due, today):
        """Move the accounts that are due and record each move with the figures of that day."""
        Change = self.env['key.account.tier.change']
        self.env.cr.execute(SQL(
            """
            WITH moving AS (
                SELECT account.id, account.tier_id AS tier_from_id, account.rule_tier_id AS tier_to_id
                  FROM key_account account
             LEFT JOIN key_account_tier tier ON tier.id = account.tier_id
                 WHERE %(scope)s AND account.active AND %(due)s
            ), recorded AS (
                %(record)s
            )
            UPDATE key_account account
               SET tier_id = moving.tier_to_id, tier_since = %(today)s, missed_runs = 0, missed_on = NULL
              FROM moving
             WHERE account.id = moving.id
            """, scope=scope, due=due, today=today, record=Change._get_record_sql('done', today)))

    @api.model
    def _propose_moves(self, scope, due, today):
        """Propose the moves that are due; an open proposal of the rule is brought up to date."""
        Change = self.env['key.account.tier.change']
        self.env.cr.execute(SQL(
            """
            WITH moving AS (
                SELECT account.id, account.tier_id AS tier_from_id, account.rule_tier_id AS tier_to_id
                  FROM key_account account
             LEFT JOIN key_account_tier tier ON tier.id = account.tier_id
                 WHERE %(scope)s AND account.active AND %(due)s AND NOT account.decline_holds
            )
            %(record)s
            ON CONFLICT (account_id) WHERE state = 'proposed' DO UPDATE
               SET tier_from_id = EXCLUDED.tier_from_id, tier_to_id = EXCLUDED.tier_to_id, date = EXCLUDED.date,
                   revenue = EXCLUDED.revenue, margin = EXCLUDED.margin, share = EXCLUDED.share,
                   cumulative_share = EXCLUDED.cumulative_share, rank = EXCLUDED.rank,
                   announced = EXCLUDED.announced, write_date = EXCLUDED.write_date
             WHERE key_account_tier_change.cause = 'rule'
               AND key_account_tier_change.tier_to_id IS DISTINCT FROM EXCLUDED.tier_to_id
            """, scope=scope, due=due, record=Change._get_record_sql('proposed', today)))

    @api.model
    def _withdraw_proposals(self, scope, due):
        """Close the proposals of the rule whose cause is gone."""
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_tier_change change
               SET state = 'withdrawn'
              FROM key_account account
         LEFT JOIN key_account_tier tier ON tier.id = account.tier_id
             WHERE change.account_id = account.id AND change.state = 'proposed' AND change.cause = 'rule'
               AND %s AND NOT (account.active AND %s)
            """, scope, due))
