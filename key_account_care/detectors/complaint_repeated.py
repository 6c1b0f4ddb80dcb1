from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer complains about the same area again and again."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('complaint_repeated', "Repeated complaints")], ondelete={'complaint_repeated': 'cascade'})

    def _detect_complaint_repeated(self, accounts, today):
        """So many complaints about one area in 12 months, answered or not; at stake is a share of the revenue."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.area' AS res_model, complaint.area_id AS res_id,
                   %(stake)s AS amount,
                   jsonb_build_object('times', complaint.times, 'last_date', complaint.last_date) AS facts
              FROM (SELECT account_id, area_id, COUNT(*) AS times, MAX(date) AS last_date
                      FROM key_account_feedback
                     WHERE company_id = %(company)s AND kind = 'complaint' AND area_id IS NOT NULL
                       AND date > %(since)s AND date <= %(today)s
                  GROUP BY account_id, area_id HAVING COUNT(*) >= %(limit)s) complaint
              JOIN %(accounts)s account ON account.id = complaint.account_id
            """, accounts=accounts, company=self.env.company.id, stake=self._stake_sql(), today=today,
            since=today - relativedelta(years=1), limit=self.threshold)


class KeyAccountRisk(models.Model):
    """What was told is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_complaint_repeated(self):
        action = self.account_id.action_open_feedback()
        return {**action, 'domain': [*action['domain'], ('kind', '=', 'complaint'), ('area_id', '=', self.res_id)]}
