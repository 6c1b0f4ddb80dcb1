from odoo import fields, models
from odoo.tools import SQL

FIRST_DAYS = 90  # before, a pace means nothing; nor in the first quarter of a short agreement


class KeyAccountRiskRule(models.Model):
    """The customer calls off less than was agreed."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('agreement_pace', "Commitment behind its pace")], ondelete={'agreement_pace': 'cascade'})

    def _detect_agreement_pace(self, accounts, today):
        """Called off is less than the limit's part of what was planned until today, of a period in part by its days.

        At stake is what is missing to the whole commitment.
        """
        Agreement = self.env['key.account.agreement']
        return SQL(
            """
            WITH plan AS MATERIALIZED (%(plan)s)
            SELECT plan.account_id, 'key.account.agreement' AS res_model, plan.id AS res_id,
                   (plan.total - COALESCE(sold.amount, 0)) * plan.rate AS amount,
                   jsonb_build_object('called_off_amount', ROUND(COALESCE(sold.amount, 0) * plan.rate, 2),
                                      'committed_amount', ROUND(plan.total * plan.rate, 2),
                                      'end_date', plan.date_end) AS facts
              FROM plan
         LEFT JOIN (%(sold)s) sold ON sold.origin_id = plan.origin_id
             WHERE COALESCE(sold.amount, 0) < plan.until_today * %(limit)s::numeric / 100
            """, plan=self._plan_sql(accounts, today), limit=self.threshold,
            sold=Agreement._called_off_sql(SQL("SELECT origin_id FROM plan")))

    def _plan_sql(self, accounts, today):
        """What was planned for each agreement in force, in all and until today, over all its revisions."""
        return SQL(
            """
            SELECT agreement.account_id, agreement.id, agreement.date_end, period.agreement_id AS origin_id,
                   %(rate)s AS rate, SUM(period.planned_amount) AS total,
                   SUM(period.planned_amount * LEAST(GREATEST(%(today)s - period.date_start + 1, 0)::numeric
                                                     / (period.date_end - period.date_start + 1), 1)) AS until_today
              FROM key_account_agreement agreement
              JOIN %(accounts)s account ON account.id = agreement.account_id
              JOIN key_account_agreement_period period
                   ON period.agreement_id = COALESCE(agreement.origin_id, agreement.id)
             WHERE agreement.state = 'signed' AND %(today)s BETWEEN agreement.date_start AND agreement.date_until
          GROUP BY agreement.id, period.agreement_id
            HAVING SUM(period.planned_amount) > 0
               AND %(today)s - MIN(period.date_start) >= LEAST(
                   %(first)s, (MAX(period.date_end) - MIN(period.date_start) + 1) / 4)
            """, accounts=accounts, today=SQL("%s::date", today), first=FIRST_DAYS,
            rate=self.env['key.account.agreement']._company_rate_sql(today))


class KeyAccountRisk(models.Model):
    """Planned and actual amounts are compared."""
    _inherit = 'key.account.risk'

    def _fix_agreement_pace(self):
        return self.env['key.account.agreement'].browse(self.res_id).action_open_progress()
