from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A service that was sold and has not been delivered."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('service_undelivered', "Service not delivered")], ondelete={'service_undelivered': 'cascade'})

    def _detect_service_undelivered(self, accounts, today):
        """Ordered as many days ago as the limit says, but no longer than a year, or due by a promised day before that.

        Only of services whose delivery somebody notes: they are invoiced by it, or some of them were delivered before. An
        order of services alone that names a day is a late delivery, see there. At stake is what is not delivered.
        """
        company, end_of_day = self.env.company, self.env['key.account']._end_of_day
        return SQL(
            """
            WITH missing AS MATERIALIZED (%(missing)s)
            SELECT missing.account_id, 'sale.order' AS res_model, missing.order_id AS res_id, SUM(missing.amount) AS amount,
                   jsonb_build_object('since_date', MIN(missing.since)) AS facts
              FROM missing
              JOIN (%(noted)s) noted ON noted.product_id = missing.product_id
          GROUP BY missing.account_id, missing.order_id
            """, noted=self._noted_sql(), missing=self._missing_services_sql(
                accounts, end_of_day(company, today - relativedelta(years=1)),
                end_of_day(company, today - timedelta(days=self.threshold))))

    def _missing_services_sql(self, accounts, start, end):
        """Lines of services that were due by a moment, with the value of what is not delivered, in the company's currency."""
        return SQL(
            """
            SELECT account.id AS account_id, line.order_id, line.product_id, %(day)s AS since,
                   line.price_subtotal * (1 - line.qty_delivered / line.product_uom_qty)
                       / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS amount
              FROM sale_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'service'
              JOIN sale_order ON sale_order.id = line.order_id
              JOIN res_partner buyer ON buyer.id = sale_order.partner_id
              JOIN %(accounts)s account ON account.partner_id = buyer.commercial_partner_id
                   AND account.company_id = sale_order.company_id
             WHERE line.state = 'sale' AND line.product_uom_qty > 0 AND line.qty_delivered < line.product_uom_qty
               AND line.price_subtotal > 0 AND %(counted)s
               AND sale_order.date_order > %(start)s
               AND COALESCE(sale_order.commitment_date, sale_order.date_order) <= %(end)s
               AND (sale_order.commitment_date IS NULL OR EXISTS (%(goods)s))
            """, accounts=accounts, start=start, end=end, counted=self.env['key.account.promise.ledger']._counted_sql(),
            day=self._day_sql(SQL("COALESCE(sale_order.commitment_date, sale_order.date_order)")), goods=self._goods_sql())

    def _goods_sql(self):
        """Goods to deliver on ``sale_order``: those that the ledger of promises waits for."""
        return SQL(
            """
            SELECT FROM sale_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'consu'
             WHERE line.order_id = sale_order.id AND %(counted)s
            """, counted=self.env['key.account.promise.ledger']._counted_sql())

    def _noted_sql(self):
        """Products of ``missing`` whose delivery somebody notes."""
        return SQL(
            """
            SELECT wanted.product_id
              FROM (SELECT DISTINCT product_id FROM missing) wanted
              JOIN product_product product ON product.id = wanted.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE template.invoice_policy = 'delivery'
                OR EXISTS (SELECT FROM sale_order_line line
                            WHERE line.product_id = wanted.product_id AND line.qty_delivered > 0)
            """)
