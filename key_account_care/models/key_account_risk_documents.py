from datetime import time, timedelta

from odoo import api, models
from odoo.tools import SQL

TOLERANCE = 0.005  # of a price, for what rounding makes of it


class KeyAccountRiskRule(models.Model):
    """Lines of the orders and invoices of the last days, and what is paid too much in them."""
    _inherit = 'key.account.risk.rule'

    @api.model
    def _recent_orders_sql(self, accounts, since, today):
        """Purchases in confirmed orders from a day on, with their prices in the currency of the company and per unit of the
        product, after discounts.

        ``list_price`` is what the pricelist of that day said where somebody typed another price, else the sales price of
        the product; NULL where the pricelist itself set the price.
        """
        Account, Sale, company = self.env['key.account'], self.env['key.account.sale'], self.env.company
        return SQL(
            """
            SELECT account.id AS account_id, account.partner_id, 'sale.order' AS res_model, sale_order.id AS res_id,
                   line.id AS line_id, sale_order.partner_shipping_id, sale_order.date_order AS moment, %(day)s AS date,
                   line.product_id, product.product_tmpl_id, template.categ_id, line.product_uom_qty * measure.factor AS quantity,
                   line.price_unit * (1 - COALESCE(line.discount, 0) / 100.0) * measure.rate AS price,
                   CASE WHEN sale_order.pricelist_id IS NOT NULL AND pricelist.key_account_agreement_id IS NULL
                        THEN NULLIF(line.technical_price_unit, line.price_unit)::numeric * measure.rate
                        ELSE %(sales_price)s END AS list_price
              FROM sale_order
              JOIN res_partner buyer ON buyer.id = sale_order.partner_id
              JOIN %(accounts)s account ON account.partner_id = buyer.commercial_partner_id
              JOIN sale_order_line line ON line.order_id = sale_order.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
        %(units)s
         LEFT JOIN product_pricelist pricelist ON pricelist.id = sale_order.pricelist_id
        CROSS JOIN LATERAL (SELECT %(factor)s AS factor) one
        CROSS JOIN LATERAL (SELECT one.factor, 1 / one.factor
                                   / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)::numeric AS rate) measure
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND sale_order.date_order > %(after)s AND sale_order.date_order <= %(until)s
               AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE AND line.is_expense IS NOT TRUE
               AND line.combo_item_id IS NULL AND line.product_uom_qty > 0 AND line.product_id <> ALL(%(beside)s)
            """, accounts=accounts, company=company.id, day=self._day_sql(SQL("sale_order.date_order")),
            after=Account._end_of_day(company, since - timedelta(days=1)), until=Account._end_of_day(company, today),
            units=Sale._units_sql(), factor=Sale._unit_factor_sql(), sales_price=self._sales_price_sql(),
            beside=self._get_beside())

    @api.model
    def _recent_invoices_sql(self, accounts, since, today):
        """Lines of posted invoices from a day on, as the orders above: those without an order, and those that are dearer than
        their order. What was credited as a whole does not count."""
        Sale = self.env['key.account.sale']
        return SQL(
            """
            SELECT account.id AS account_id, account.partner_id, 'account.move' AS res_model, move.id AS res_id,
                   line.id AS line_id, move.partner_shipping_id, move.invoice_date + %(noon)s AS moment,
                   move.invoice_date AS date, line.product_id, product.product_tmpl_id, template.categ_id,
                   line.quantity * measure.factor AS quantity,
                   line.price_unit * (1 - COALESCE(line.discount, 0) / 100.0) * measure.rate AS price,
                   %(sales_price)s AS list_price
              FROM account_move move
              JOIN res_partner buyer ON buyer.id = move.partner_id
              JOIN %(accounts)s account ON account.partner_id = buyer.commercial_partner_id
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
        %(units)s
        CROSS JOIN LATERAL (SELECT %(factor)s AS factor) one
        CROSS JOIN LATERAL (SELECT one.factor, 1 / one.factor
                                   / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)::numeric AS rate) measure
             WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.move_type = 'out_invoice'
               AND move.payment_state <> 'reversed' AND move.invoice_date BETWEEN %(since)s AND %(today)s
               AND line.quantity > 0 AND line.is_downpayment IS NOT TRUE AND line.product_id <> ALL(%(beside)s)
               AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel link
                                 JOIN sale_order_line ordered ON ordered.id = link.order_line_id
                                WHERE link.invoice_line_id = line.id
                                  AND (ordered.is_expense OR ordered.combo_item_id IS NOT NULL
                                       OR line.price_unit * (1 - COALESCE(line.discount, 0) / 100.0) <=
                                          ordered.price_unit * (1 - COALESCE(ordered.discount, 0) / 100.0) * %(more)s))
            """, accounts=accounts, company=self.env.company.id, since=since, today=today, noon=time(12),
            units=Sale._units_sql(), factor=Sale._unit_factor_sql(), sales_price=self._sales_price_sql(),
            beside=self._get_beside(), more=1 + TOLERANCE)

    @api.model
    def _sales_price_sql(self):
        """The sales price of ``product``, with what its attributes cost more."""
        return SQL(
            """
            (template.list_price + COALESCE((
                 SELECT SUM(value.price_extra)
                   FROM product_variant_combination chosen
                   JOIN product_template_attribute_value value ON value.id = chosen.product_template_attribute_value_id
                  WHERE chosen.product_product_id = product.id), 0))
            """)

    @api.model
    def _overpaid_sql(self, lines):
        """One row for each document with what is paid too much in all of its lines, and the facts of the worst one.

        :param SQL lines: as above, with ``due_price``
        """
        return SQL(
            """
            SELECT line.account_id, line.res_model, line.res_id, SUM(too_much.amount) AS amount,
                   (ARRAY_AGG(jsonb_build_object('product', %(name)s, 'paid_price', ROUND(line.price::numeric, 4),
                                                 'due_price', ROUND(line.due_price::numeric, 4))
                              ORDER BY too_much.amount DESC, line.product_id))[1] AS facts
              FROM (%(lines)s) line
              JOIN product_template template ON template.id = line.product_tmpl_id
        CROSS JOIN LATERAL (SELECT (line.price - line.due_price) * line.quantity AS amount) too_much
             WHERE line.price > line.due_price * %(more)s
          GROUP BY line.account_id, line.res_model, line.res_id
            """, lines=lines, name=self._text_sql(SQL("template.name")), more=1 + TOLERANCE)


class KeyAccountRisk(models.Model):
    """The document behind a warning about its price."""
    _inherit = 'key.account.risk'

    def _open_document(self):
        """:return: the action that opens the order or invoice, beside the warning where that is a page of the portal"""
        action = self.action_open_source()
        return {**action, 'target': 'new'} if action['type'] == 'ir.actions.act_url' else action
