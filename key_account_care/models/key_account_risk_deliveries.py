from odoo import api, models
from odoo.tools import SQL

LEDGER = SQL(
    "id, name, kind, promise_id, order_id, account_id, tier_id, company_id, currency_id, direction, user_id, contact_id,"
    " date_due, done_on, state, told_on, amount")


class KeyAccountRiskRule(models.Model):
    """Orders against the day on which they were promised: what the ledger of promises says about some of them."""
    _inherit = 'key.account.risk.rule'

    @api.model
    def _deliveries_sql(self, accounts, orders):
        """:param SQL accounts: the accounts of the rule
        :param SQL orders: SELECT of the ids of the orders to look at: the ledger takes its time for each
        :return: SQL of a FROM clause: ``account`` and ``delivery``, a row of the ledger
        """
        return SQL(
            """
            (%(ledger)s) AS delivery (%(columns)s)
              JOIN %(accounts)s account ON account.id = delivery.account_id AND delivery.order_id IN (%(orders)s)
            """, ledger=self.env['key.account.promise.ledger']._orders_sql(), columns=LEDGER, accounts=accounts, orders=orders)

    @api.model
    def _undelivered_sql(self):
        """Orders of which something may not be delivered yet: by its quantities, or by a transfer that is not done."""
        lines = SQL(
            """
            SELECT line.order_id FROM sale_order_line line
             WHERE line.state = 'sale' AND line.display_type IS NULL AND line.qty_delivered < line.product_uom_qty
            """)
        if not self.env['key.account.promise.ledger']._has_transfers():
            return lines
        return SQL(
            "%s UNION SELECT sale_id FROM stock_picking WHERE sale_id IS NOT NULL AND state NOT IN ('done', 'cancel')", lines)

    @api.model
    def _maybe_late_sql(self, since):
        """Orders that may be late, or may have been delivered late since a day, which only transfers tell."""
        if not self.env['key.account.promise.ledger']._has_transfers():
            return self._undelivered_sql()
        return SQL(
            """
            %(undelivered)s
             UNION
            SELECT picking.sale_id
              FROM stock_picking picking
              JOIN sale_order ON sale_order.id = picking.sale_id
             WHERE picking.state = 'done' AND picking.date_done > %(since)s
               AND (sale_order.commitment_date IS NULL OR picking.date_done > sale_order.commitment_date)
            """, undelivered=self._undelivered_sql(), since=since)
