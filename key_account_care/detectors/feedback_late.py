from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A complaint or a low score that is older than its answer time."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('feedback_late', "Complaint not answered in time")], ondelete={'feedback_late': 'cascade'})

    def _detect_feedback_late(self, accounts, today):
        """The answer was due more days ago than the limit says. One step more severe than the feedback.

        The money is counted with the complaint itself, so here is none.
        """
        late = self.env['key.account']._end_of_day(self.env.company, today - timedelta(days=1 + self.threshold))
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.feedback' AS res_model, feedback.id AS res_id, 0 AS amount,
                   jsonb_build_object('due_date', %(due)s, 'owner_id', feedback.owner_id,
                                      'severity', LEAST(feedback.severity::integer + 1, 3)::text) AS facts
              FROM %(accounts)s account
              JOIN key_account_feedback feedback ON feedback.account_id = account.id
             WHERE feedback.company_id = %(company)s AND feedback.state IN ('new', 'in_work')
               AND feedback.answer_due <= %(late)s
            """, accounts=accounts, company=self.env.company.id, due=self._day_sql(SQL("feedback.answer_due")), late=late)
