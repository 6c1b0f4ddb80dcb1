from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A complaint or a low score, until the customer was told what came of it."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('feedback_open', "Complaint or low score")], ondelete={'feedback_open': 'cascade'})

    def _detect_feedback_open(self, accounts, today):
        """Owner, severity and the time to answer are those of the feedback; at stake is a share of the revenue."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.feedback' AS res_model, feedback.id AS res_id,
                   %(stake)s AS amount,
                   jsonb_build_object('due_date', %(due)s, 'severity', feedback.severity, 'owner_id', feedback.owner_id,
                                      'deadline', %(due)s) AS facts
              FROM %(accounts)s account
              JOIN key_account_feedback feedback ON feedback.account_id = account.id
             WHERE feedback.company_id = %(company)s AND feedback.state IN ('new', 'in_work')
            """, accounts=accounts, company=self.env.company.id, due=self._day_sql(SQL("feedback.answer_due")),
            stake=self._stake_sql(SQL("feedback.severity")))
