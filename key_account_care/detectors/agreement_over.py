from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The agreement is over and the customer goes on ordering: at which prices?"""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('agreement_over', "Ordering after the agreement")], ondelete={'agreement_over': 'cascade'})

    def _detect_agreement_over(self, accounts, today):
        """Orders after the last day of the last agreement, which was not longer ago than the limit.

        At stake is what was ordered since.
        """
        Agreement = self.env['key.account.agreement']
        over = SQL("agreement.date_until < %s AND agreement.date_until >= %s", today, today - timedelta(days=self.threshold))
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.agreement' AS res_model, agreement.id AS res_id,
                   late.amount * %(rate)s AS amount,
                   jsonb_build_object('orders', late.orders, 'end_date', agreement.date_until, 'last_date', late.last) AS facts
              FROM (%(late)s) late (id, orders, amount, last)
              JOIN key_account_agreement agreement ON agreement.id = late.id
              JOIN %(accounts)s account ON account.id = agreement.account_id
            """, accounts=accounts, late=Agreement._get_late_orders_sql(over), rate=Agreement._company_rate_sql(today))


class KeyAccountRisk(models.Model):
    """The orders are seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_agreement_over(self):
        return self.env['key.account.agreement'].browse(self.res_id).action_open_late_orders()
