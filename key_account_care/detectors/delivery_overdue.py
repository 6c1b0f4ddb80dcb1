from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """An order that should have been delivered."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('delivery_overdue', "Delivery overdue")], ondelete={'delivery_overdue': 'cascade'})

    def _detect_delivery_overdue(self, accounts, today):
        """Past the day on which it was promised by more than the limit, as the ledger of promises says.

        After a year nobody waits for it any more. At stake is what the order is worth.
        """
        since = today - relativedelta(years=1)
        return SQL(
            """
            SELECT account.id AS account_id, 'sale.order' AS res_model, delivery.order_id AS res_id, delivery.amount,
                   jsonb_build_object('due_date', delivery.date_due) AS facts
              FROM %(deliveries)s
             WHERE delivery.state = 'open' AND delivery.date_due < %(before)s AND delivery.date_due > %(since)s
            """, deliveries=self._deliveries_sql(accounts, self._undelivered_sql(since, today)),
            before=today - timedelta(days=self.threshold), since=since)
