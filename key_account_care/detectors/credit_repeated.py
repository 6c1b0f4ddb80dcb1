from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """One credit note after the other."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('credit_repeated', "Repeated credit notes")], ondelete={'credit_repeated': 'cascade'})

    def _detect_credit_repeated(self, accounts, today):
        """So many credit notes in 12 months, those of a bonus aside; at stake is what they took back."""
        return SQL(
            """
            SELECT account_id, 'key.account' AS res_model, account_id AS res_id, SUM(amount) AS amount,
                   jsonb_build_object('times', COUNT(*), 'last_date', MAX(date)) AS facts
              FROM (%(notes)s) note
          GROUP BY account_id HAVING COUNT(*) >= %(limit)s
            """, notes=self._credit_notes_sql(accounts, today - relativedelta(years=1), today), limit=self.threshold)


class KeyAccountRisk(models.Model):
    """The credit notes are seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_credit_repeated(self):
        return self._open_credit_notes()
