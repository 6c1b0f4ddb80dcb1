from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A promise falls due and nobody has said yet whether it will hold."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('promise_unconfirmed', "Promise due soon")], ondelete={'promise_unconfirmed': 'cascade'})

    def _detect_promise_unconfirmed(self, accounts, today):
        """Due within the limit, of either side, without a forecast. At stake is what the promise says."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.promise' AS res_model, promise.id AS res_id, promise.amount,
                   jsonb_build_object('due_date', promise.date_due, 'owner_id', promise.user_id,
                                      'deadline', promise.date_due) AS facts
              FROM %(accounts)s account
              JOIN key_account_promise promise ON promise.account_id = account.id
             WHERE promise.company_id = %(company)s AND promise.state = 'open' AND promise.forecast IS NULL
               AND promise.date_due BETWEEN %(today)s AND %(until)s
            """, accounts=accounts, company=self.env.company.id, today=today, until=today + timedelta(days=self.threshold))
