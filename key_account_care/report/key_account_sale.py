from odoo import fields, models
from odoo.tools import SQL


class KeyAccountSale(models.Model):
    """One sold line, in the currency of the company: the one definition of revenue and margin.

    The nightly figures sum these rows, and the figures on an account open them. Where revenue comes from posted
    invoices a row is an invoice line (credit notes are negative), where it comes from orders it is a confirmed order
    line. Margin is that of ``sale_margin``: the cost stored on the order line, in proportion to what was invoiced. An
    invoice line without order counts with the present cost of its product, as Odoo's own invoice analysis does.
    """
    _name = 'key.account.sale'
    _description = "Sales of Key Accounts"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'date'

    account_id = fields.Many2one('key.account', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    date = fields.Date(readonly=True)
    move_id = fields.Many2one('account.move', string="Invoice", readonly=True)
    order_id = fields.Many2one('sale.order', string="Order", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    product_categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    revenue = fields.Monetary(readonly=True)
    cost = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True)

    _depends = {
        'account.move': ['state', 'move_type', 'partner_id', 'invoice_date', 'company_id'],
        'account.move.line': ['balance', 'quantity', 'display_type', 'product_id', 'product_uom_id', 'sale_line_ids'],
        'sale.order': ['state', 'date_order', 'partner_id', 'company_id', 'currency_rate'],
        'sale.order.line': ['price_subtotal', 'purchase_price', 'margin', 'product_uom_id', 'product_id'],
        'product.product': ['standard_price', 'product_tmpl_id'],
        'product.template': ['categ_id', 'uom_id'],
        'uom.uom': ['factor'],
        'res.partner': ['commercial_partner_id', 'tz'],
        'res.company': ['key_account_revenue_source', 'partner_id', 'currency_id'],
        'key.account': ['partner_id', 'company_id', 'tier_id', 'user_id', 'currency_id'],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT sale.id, account.id AS account_id, sale.partner_id, account.tier_id, account.user_id,
                   sale.company_id, account.currency_id, sale.date, sale.move_id, sale.order_id, sale.product_id,
                   template.categ_id AS product_categ_id, sale.revenue, sale.cost, sale.revenue - sale.cost AS margin
              FROM (%s UNION ALL %s) sale
              JOIN key_account account
                ON account.partner_id = sale.partner_id AND account.company_id = sale.company_id
         LEFT JOIN product_product product ON product.id = sale.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """, self._invoiced_sql(), self._ordered_sql())

    def _get_sales_sql(self, company):
        """The sold lines of one company: partner_id (commercial), company_id, date, revenue, cost, and their source.

        :param res.company company: company whose source of revenue is used
        :return: SQL of a SELECT
        """
        return self._invoiced_sql() if company.key_account_revenue_source == 'invoice' else self._ordered_sql()

    def _invoiced_sql(self):
        """Lines of posted invoices and credit notes. The signs of balance and quantity make credit notes negative."""
        return SQL(
            """
            SELECT line.id * 2 AS id, partner.commercial_partner_id AS partner_id, move.company_id,
                   move.invoice_date AS date, move.id AS move_id, sale_line.order_id, line.product_id,
                   -line.balance AS revenue,
                   CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END
                   * CASE WHEN sale_line.id IS NOT NULL
                          THEN sale_line.purchase_price / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)
                               * COALESCE(line_uom.factor / NULLIF(sale_uom.factor, 0), 1)
                          ELSE COALESCE((product.standard_price ->> move.company_id::text)::numeric, 0)
                               * COALESCE(line_uom.factor / NULLIF(product_uom.factor, 0), 1)
                      END AS cost
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
              JOIN res_company company ON company.id = move.company_id
              JOIN res_partner partner ON partner.id = move.partner_id
         LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom product_uom ON product_uom.id = template.uom_id
         LEFT JOIN LATERAL (
                   SELECT MIN(link.order_line_id) AS order_line_id
                     FROM sale_order_line_invoice_rel link
                    WHERE link.invoice_line_id = line.id
                   ) link ON TRUE
         LEFT JOIN sale_order_line sale_line ON sale_line.id = link.order_line_id
         LEFT JOIN sale_order ON sale_order.id = sale_line.order_id
         LEFT JOIN uom_uom sale_uom ON sale_uom.id = sale_line.product_uom_id
             WHERE company.key_account_revenue_source = 'invoice'
               AND move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
            """)

    def _ordered_sql(self):
        """Lines of confirmed orders, at the day of the order in the time zone of the company."""
        return SQL(
            """
            SELECT line.id * 2 + 1 AS id, partner.commercial_partner_id AS partner_id, sale_order.company_id,
                   (sale_order.date_order AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date AS date,
                   NULL::integer AS move_id, sale_order.id AS order_id, line.product_id,
                   line.price_subtotal / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS revenue,
                   (line.price_subtotal - line.margin) / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS cost
              FROM sale_order
              JOIN sale_order_line line ON line.order_id = sale_order.id
              JOIN res_company company ON company.id = sale_order.company_id
              JOIN res_partner company_partner ON company_partner.id = company.partner_id
              JOIN res_partner partner ON partner.id = sale_order.partner_id
             WHERE company.key_account_revenue_source = 'order'
               AND sale_order.state = 'sale' AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
            """)

    def action_open_document(self):
        """Open the invoice or order behind this line."""
        self.ensure_one()
        document = self.move_id or self.order_id
        return {
            'type': 'ir.actions.act_window',
            'res_model': document._name,
            'res_id': document.id,
            'views': [(False, 'form')],
        }
