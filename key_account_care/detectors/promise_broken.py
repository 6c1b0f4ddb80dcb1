from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A promise that is past its date, or that somebody gave up."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('promise_broken', "Promise broken")], ondelete={'promise_broken': 'cascade'})

    def _detect_promise_broken(self, accounts, today):
        """Open past its date, or given up, which stays a warning as many days as the limit says.

        At stake is what the promise says.
        """
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.promise' AS res_model, promise.id AS res_id, promise.amount,
                   jsonb_build_object('due_date', promise.date_due, 'owner_id', promise.user_id) AS facts
              FROM %(accounts)s account
              JOIN key_account_promise promise ON promise.account_id = account.id
             WHERE promise.company_id = %(company)s
               AND (promise.state = 'open' AND promise.date_due < %(today)s
                    OR promise.state = 'broken' AND promise.done_on >= %(since)s)
            """, accounts=accounts, company=self.env.company.id, today=today, since=today - timedelta(days=self.threshold))
