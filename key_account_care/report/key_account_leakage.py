from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountLeakage(models.Model):
    """One purchase outside the agreement: a confirmed order line of a customer under it that no agreement line priced.

    Those that the agreement covers are leakage, with the reason; together with the call-offs all rows are what the
    customers of the agreement bought while it was in force. Rewards, deliveries, deposits and discounts are no purchases.
    A subsidiary with an agreement of its own buys outside that one, not outside the one that names it. Amounts are in
    the currency of the agreement, less what was returned or credited.
    """
    _name = 'key.account.leakage'
    _description = "Purchase outside the Agreement"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'order_id'

    order_line_id = fields.Many2one('sale.order.line', readonly=True)
    order_id = fields.Many2one('sale.order', readonly=True)
    date = fields.Date(readonly=True)
    agreement_id = fields.Many2one('key.account.agreement', readonly=True)
    origin_id = fields.Many2one('key.account.agreement', string="First Revision", readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Buyer", readonly=True)
    user_id = fields.Many2one('res.users', string="Salesperson", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    product_id = fields.Many2one('product.product', string="Variant", readonly=True)
    product_categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    uom_id = fields.Many2one('uom.uom', string="Unit", readonly=True)
    quantity = fields.Float(readonly=True, digits='Product Unit')
    amount = fields.Monetary(readonly=True, help="Untaxed, less what was returned or credited.")
    covered = fields.Boolean(string="Leakage", readonly=True, help="The agreement has a line for it.")
    reason = fields.Selection(
        selection=[
            ('beyond', "Beyond the maximum"),
            ('before', "Ordered before the signature"),
            ('pricelist', "Another pricelist"),
            ('hand', "Price typed by hand"),
            ('other', "Other"),
            ('uncovered', "Not in the agreement"),
        ], string="Why", readonly=True)

    _depends = {
        'sale.order': ['state', 'date_order', 'partner_id', 'user_id', 'currency_rate', 'pricelist_id', 'company_id'],
        'sale.order.line': [
            'key_account_agreement_line_id', 'key_account_beyond_limit', 'product_id', 'product_uom_id',
            'product_uom_qty', 'price_subtotal', 'currency_id', 'invoice_lines', 'display_type', 'is_downpayment',
            'combo_item_id'],
        'account.move': ['state', 'move_type'],
        'account.move.line': ['quantity', 'product_uom_id', 'sale_line_ids'],
        'key.account.agreement': [
            'account_id', 'partner_id', 'origin_id', 'currency_id', 'company_id', 'state', 'date_start', 'date_until',
            'signed_on', 'close_reason', 'covered_partner_ids', 'pricelist_id'],
        'key.account.agreement.line': ['agreement_id', 'applied_on', 'product_id', 'product_tmpl_id', 'categ_id'],
        'product.product': ['product_tmpl_id'],
        'product.template': ['categ_id'],
        'product.category': ['parent_path'],
        'res.partner': ['commercial_partner_id', 'tz'],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.id AS order_line_id, line.order_id, %(date)s AS date,
                   agreement.id AS agreement_id, COALESCE(agreement.origin_id, agreement.id) AS origin_id,
                   agreement.account_id, sale_order.partner_id, sale_order.user_id, agreement.company_id,
                   agreement.currency_id, line.product_id, scope.categ_id AS product_categ_id,
                   line.product_uom_id AS uom_id, line.product_uom_qty - value.freed AS quantity,
                   line.price_subtotal * value.rate * (1 - value.freed / line.product_uom_qty) AS amount,
                   scope.covered, CASE WHEN scope.covered THEN %(reason)s ELSE 'uncovered' END AS reason
              FROM key_account_agreement agreement
        CROSS JOIN LATERAL (%(buyers)s) buyer
              JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.company_id = agreement.company_id
                             AND sale_order.state = 'sale'
              JOIN sale_order_line line ON line.order_id = sale_order.id
        CROSS JOIN LATERAL (%(scope)s) scope
        CROSS JOIN LATERAL (%(value)s) value
             WHERE %(in_force)s AND %(date)s BETWEEN agreement.date_start AND agreement.date_until
               AND line.key_account_agreement_line_id IS NULL AND %(purchase)s
               AND (buyer.is_own OR NOT EXISTS (%(own)s))
            """,
            date=self._date_sql(), reason=self._reason_sql(), buyers=self._buyers_sql(), scope=self._scope_sql(),
            value=self.env['key.account.calloff']._value_sql(), in_force=self._in_force_sql(SQL("agreement")),
            purchase=self._purchase_sql(), own=self._own_agreement_sql())

    @api.model
    def _date_sql(self):
        return self.env['key.account.calloff']._date_sql(SQL("buyer.tz"))

    @api.model
    def _in_force_sql(self, agreement):
        """Signed, or signed once and closed since."""
        return SQL(
            "(%(agreement)s.state = 'signed' OR %(agreement)s.state = 'closed'"
            " AND %(agreement)s.close_reason IS DISTINCT FROM 'declined')", agreement=agreement)

    @api.model
    def _buyers_sql(self):
        """All addresses and contacts of the customer, and of the subsidiaries that the agreement covers.

        With what tells a purchase of theirs: the time zone of the company that sells, and its product for discounts.
        """
        return SQL(
            """
            SELECT buyer.id, customer.id AS customer_id, customer.is_own, seller.tz, company.sale_discount_product_id
              FROM (SELECT agreement.partner_id AS id, TRUE AS is_own
                     UNION ALL
                    SELECT covered.partner_id, FALSE
                      FROM key_account_agreement_covered_rel covered WHERE covered.agreement_id = agreement.id) customer
              JOIN res_partner buyer ON buyer.commercial_partner_id = customer.id
              JOIN res_company company ON company.id = agreement.company_id
              JOIN res_partner seller ON seller.id = company.partner_id OFFSET 0
            """)

    @api.model
    def _own_agreement_sql(self):
        return SQL(
            """
            SELECT FROM key_account_agreement own
             WHERE own.partner_id = buyer.customer_id AND own.company_id = agreement.company_id AND %s
               AND %s BETWEEN own.date_start AND own.date_until
            """, self._in_force_sql(SQL("own")), self._date_sql())

    @api.model
    def _scope_sql(self):
        """The category of what was bought, and whether a line of the agreement is for it.

        OFFSET 0 keeps PostgreSQL from gathering the lines of all agreements first: one of these is an index away.
        """
        conditions = (
            "part.applied_on = '3_global'",
            "part.applied_on = '0_product_variant' AND part.product_id = line.product_id",
            "part.applied_on = '1_product' AND part.product_tmpl_id = product.product_tmpl_id",
            "part.applied_on = '2_product_category' AND part.categ_id = ANY(product.categ_ids)")
        return SQL(
            """
            SELECT product.categ_id, %s AS covered
              FROM (SELECT product.product_tmpl_id, template.categ_id,
                           string_to_array(trim(TRAILING '/' FROM category.parent_path), '/')::integer[] AS categ_ids
                      FROM product_product product
                      JOIN product_template template ON template.id = product.product_tmpl_id
                 LEFT JOIN product_category category ON category.id = template.categ_id
                     WHERE product.id = line.product_id OFFSET 0) product OFFSET 0
            """,
            SQL(" OR ").join(
                SQL("EXISTS (SELECT FROM key_account_agreement_line part WHERE part.agreement_id = agreement.id AND %s OFFSET 0)",
                    SQL(condition)) for condition in conditions))

    @api.model
    def _reason_sql(self):
        return SQL(
            """CASE WHEN line.key_account_beyond_limit THEN 'beyond'
                    WHEN sale_order.date_order < agreement.signed_on THEN 'before'
                    WHEN EXISTS (SELECT FROM product_pricelist pricelist
                                  WHERE pricelist.id = sale_order.pricelist_id
                                    AND pricelist.key_account_agreement_id = agreement.id) THEN 'hand'
                    WHEN sale_order.pricelist_id IS NOT NULL THEN 'pricelist'
                    ELSE 'other' END""")

    @api.model
    def _purchase_sql(self):
        """The same as ``sale.order.line._is_key_account_purchase``, and nothing negative."""
        fields_ = self.env['sale.order.line']._fields
        optional = {'reward_id': SQL("line.reward_id IS NULL"), 'is_delivery': SQL("line.is_delivery IS NOT TRUE")}
        return SQL(" AND ").join([
            SQL(
                """line.display_type IS NULL AND line.is_downpayment IS NOT TRUE AND line.combo_item_id IS NULL
                   AND line.product_uom_qty > 0 AND line.price_subtotal >= 0
                   AND line.product_id IS DISTINCT FROM buyer.sale_discount_product_id"""),
            *(condition for name, condition in optional.items() if name in fields_)])

    def action_open_order(self):
        """Open the order behind this purchase."""
        self.ensure_one()
        return self.order_id.action_open_business_doc()
