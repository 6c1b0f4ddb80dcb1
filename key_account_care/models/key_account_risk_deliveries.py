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
        # an array: PostgreSQL finds these orders first, and by it the few rows of the ledger
        return SQL(
            """
            (%(ledger)s) AS delivery (%(columns)s)
              JOIN %(accounts)s account ON account.id = delivery.account_id AND delivery.order_id = ANY(ARRAY(%(orders)s))
            """, ledger=self.env['key.account.promise.ledger']._orders_sql(), columns=LEDGER, accounts=accounts, orders=orders)

    @api.model
    def _undelivered_sql(self, since, today):
        """Orders that were promised for a day after ``since`` and before today, of which something may not be delivered: by its
        quantities, or by a transfer that is not done. An order without a promised day is looked at where it has a lead time.
        """
        transfers = SQL()
        if self.env['key.account.promise.ledger']._has_transfers():
            transfers = SQL(
                "UNION SELECT picking.sale_id FROM stock_picking picking WHERE picking.state NOT IN ('done', 'cancel')")
        return SQL(
            """
            SELECT sale_order.id
              FROM sale_order
             WHERE sale_order.state = 'sale' AND sale_order.company_id = %(company)s AND %(promised)s
               AND sale_order.id IN (SELECT line.order_id FROM sale_order_line line
                                      WHERE line.display_type IS NULL AND line.qty_delivered < line.product_uom_qty
                                     %(transfers)s)
               AND (sale_order.commitment_date IS NOT NULL
                    OR sale_order.id IN (SELECT line.order_id FROM sale_order_line line WHERE line.customer_lead > 0))
            """, company=self.env.company.id, promised=self._promised_sql(since, today), transfers=transfers)

    @api.model
    def _promised_sql(self, since, today):
        """A lead time is a year at most."""
        start, end = (self.env['key.account']._end_of_day(self.env.company, day) for day in (since, today))
        return SQL(
            """
            (sale_order.commitment_date BETWEEN %(start)s AND %(end)s
             OR sale_order.commitment_date IS NULL AND sale_order.date_order BETWEEN %(start)s - INTERVAL '1 year' AND %(end)s)
            """, start=start, end=end)

    @api.model
    def _maybe_late_sql(self, since, today):
        """Orders that may be late, or may have been delivered late since a day, which only transfers tell."""
        undelivered = self._undelivered_sql(since, today)
        if not self.env['key.account.promise.ledger']._has_transfers():
            return undelivered
        return SQL(
            """
            %(undelivered)s
             UNION
            SELECT sale_order.id
              FROM stock_picking picking
              JOIN sale_order ON sale_order.id = picking.sale_id
             WHERE picking.state = 'done' AND sale_order.company_id = %(company)s AND %(promised)s
               AND (sale_order.commitment_date IS NULL OR picking.date_done > sale_order.commitment_date)
            """, undelivered=undelivered, company=self.env.company.id, promised=self._promised_sql(since, today))
