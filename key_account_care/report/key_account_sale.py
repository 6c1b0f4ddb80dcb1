from functools import partial

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
    order_id = fields.Many2one('sale.order', readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    product_categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    quantity = fields.Float(readonly=True, digits='Product Unit', help="In the unit of the product.")
    revenue = fields.Monetary(readonly=True)
    cost = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True)

    _depends = {
        'account.move': ['state', 'move_type', 'partner_id', 'invoice_date', 'company_id'],
        'account.move.line': ['balance', 'quantity', 'display_type', 'product_id', 'product_uom_id', 'sale_line_ids'],
        'sale.order': ['state', 'date_order', 'partner_id', 'company_id', 'currency_rate'],
        'sale.order.line': [
            'price_subtotal', 'purchase_price', 'margin', 'currency_id', 'product_uom_id', 'product_id'],
        'product.product': ['standard_price', 'product_tmpl_id'],
        'product.template': ['categ_id', 'uom_id'],
        'uom.uom': ['factor'],
        'res.partner': ['commercial_partner_id', 'tz'],
        'res.company': ['key_account_revenue_source', 'partner_id', 'currency_id'],
        'key.account': ['partner_id', 'company_id', 'tier_id', 'user_id', 'currency_id'],
    }

    @property
    def _table_query(self):
        # sudo: which rows of which company may be seen is up to the rules of this model
        companies = self.env['res.company'].sudo().with_context(active_test=False)
        return self._get_sales_sql(companies.search([]))  # pylint: disable=no-search-all

    def _get_sales_sql(self, companies, cost=True):
        """The sold lines of some companies. Only the sources of revenue that they use are part of the statement.

        :param res.company companies: one or more
        :param bool cost: see ``_invoiced_sql``
        :return: SQL of a SELECT with the columns of this model, and ``is_active`` of the account
        """
        parts = {'invoice': partial(self._invoiced_sql, cost=cost), 'order': self._ordered_sql}
        return SQL(" UNION ALL ").join(
            parts[source](found) for source, found in companies.grouped('key_account_revenue_source').items())

    def _invoiced_sql(self, companies, cost=True):
        """Lines of posted invoices and credit notes. The signs of balance and quantity make credit notes negative.

        The account comes first and is part of each SELECT, so that the few lines of one account are found by index. An
        invoice line that belongs to several order lines counts once, with the first. Rates and units are looked up only
        where they differ, which is rare.

        :param bool cost: whether order, cost and margin are asked for. To look for the order lines is half of the work, so
            a statement over all sales that needs none of these goes without.
        """
        order, amount = (SQL("sale_line.order_id"), SQL("cost.amount")) if cost else (SQL("NULL::integer"), SQL("NULL::numeric"))
        return SQL(
            """
            SELECT line.id * 2 AS id, account.id AS account_id, account.partner_id, account.tier_id, account.user_id,
                   account.company_id, account.currency_id, account.active AS is_active, move.invoice_date AS date,
                   move.id AS move_id, %(order)s AS order_id, line.product_id, template.categ_id AS product_categ_id,
                   CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END * %(factor)s
                       AS quantity,
                   -line.balance AS revenue, %(amount)s AS cost, -line.balance - %(amount)s AS margin
              FROM key_account account
              JOIN res_partner partner ON partner.commercial_partner_id = account.partner_id
              JOIN account_move move ON move.partner_id = partner.id AND move.company_id = account.company_id
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
        %(units)s
        %(cost)s
             WHERE account.company_id IN %(companies)s
               AND move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund')
            """, order=order, amount=amount, cost=self._invoiced_cost_sql() if cost else SQL(), companies=companies._ids,
            units=self._units_sql(), factor=self._unit_factor_sql())

    def _units_sql(self):
        """The units of ``line`` and of its product, to join. Joined, not looked up: what is looked up is not computed in
        parallel."""
        return SQL("LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id LEFT JOIN uom_uom own ON own.id = template.uom_id")

    def _unit_factor_sql(self):
        """The factor from ``unit`` to ``own``."""
        return SQL(
            """
            CASE WHEN line.product_uom_id <> template.uom_id THEN COALESCE(unit.factor / NULLIF(own.factor, 0), 1)::numeric
                 ELSE 1 END
            """)

    def _invoiced_cost_sql(self):
        """The cost of an invoice line, from its order line or else from its product, in the currency of the account."""
        return SQL(
            """
         LEFT JOIN sale_order_line_invoice_rel link
                ON link.invoice_line_id = line.id
                   AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel earlier
                                    WHERE earlier.invoice_line_id = link.invoice_line_id
                                      AND earlier.order_line_id < link.order_line_id)
         LEFT JOIN sale_order_line sale_line ON sale_line.id = link.order_line_id
         LEFT JOIN uom_uom ordered_unit ON ordered_unit.id = sale_line.product_uom_id
         LEFT JOIN sale_order foreign_order
                ON foreign_order.id = CASE WHEN sale_line.currency_id <> account.currency_id THEN sale_line.order_id END
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END
                          * CASE WHEN line.product_uom_id <> COALESCE(sale_line.product_uom_id, template.uom_id)
                                 THEN COALESCE(unit.factor / NULLIF(COALESCE(ordered_unit.factor, own.factor), 0), 1)::numeric
                                 ELSE 1 END
                          * CASE WHEN foreign_order.id IS NOT NULL
                                 THEN sale_line.purchase_price
                                      / COALESCE(NULLIF(GREATEST(foreign_order.currency_rate, 0), 0), 1)
                                 WHEN sale_line.id IS NOT NULL THEN sale_line.purchase_price
                                 ELSE COALESCE((product.standard_price ->> account.company_id::text)::numeric, 0)
                             END AS amount
                   ) cost
            """)

    def _ordered_sql(self, companies, after=None, until=None):
        """Lines of confirmed orders, at the day of the order in the time zone of the company.

        :param datetime after: last moment before those that are asked for; by default all are. PostgreSQL plans by it, which
            it cannot by a day in a time zone.
        :param datetime until: last moment of them
        """
        return SQL(
            """
            SELECT line.id * 2 + 1 AS id, account.id AS account_id, account.partner_id, account.tier_id,
                   account.user_id, account.company_id, account.currency_id, account.active AS is_active,
                   (sale_order.date_order AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company_partner.tz, 'UTC'))::date AS date,
                   NULL::integer AS move_id, sale_order.id AS order_id, line.product_id,
                   template.categ_id AS product_categ_id, line.product_uom_qty * %(factor)s AS quantity,
                   line.price_subtotal / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS revenue,
                   (line.price_subtotal - line.margin) / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS cost,
                   line.margin / COALESCE(NULLIF(sale_order.currency_rate, 0), 1) AS margin
              FROM key_account account
              JOIN res_company company ON company.id = account.company_id
              JOIN res_partner company_partner ON company_partner.id = company.partner_id
              JOIN res_partner partner ON partner.commercial_partner_id = account.partner_id
              JOIN sale_order ON sale_order.partner_id = partner.id AND sale_order.company_id = account.company_id
              JOIN sale_order_line line ON line.order_id = sale_order.id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
        %(units)s
             WHERE account.company_id IN %(companies)s
               AND sale_order.state = 'sale' AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE %(period)s
            """, companies=companies._ids, units=self._units_sql(), factor=self._unit_factor_sql(),
            period=SQL("AND sale_order.date_order > %s AND sale_order.date_order <= %s", after, until) if after else SQL())

    def _get_products_beside(self, company):
        """:return: product.product that come with what a customer buys: discounts, and where installed deliveries, rewards"""
        # sudo: which products these are is no secret, whoever may read carriers and rewards
        found = company.sudo().sale_discount_product_id
        for model, name in (('delivery.carrier', 'product_id'), ('loyalty.reward', 'discount_line_product_id')):
            if model in self.env:
                found |= self.env[model].sudo().with_context(active_test=False).search([(name, '!=', False)])[name]
        return found

    def action_open_document(self):
        """Open the invoice or order behind this line.

        Odoo's form of invoices fails for users without access to payments: they see the invoice as the customer does.
        """
        self.ensure_one()
        if self.move_id and not self.env['account.payment'].has_access('read'):
            return {**self.move_id.preview_invoice(), 'target': 'new'}
        document = self.move_id or self.order_id
        return {
            'type': 'ir.actions.act_window',
            'res_model': document._name,
            'res_id': document.id,
            'views': [(False, 'form')],
        }
