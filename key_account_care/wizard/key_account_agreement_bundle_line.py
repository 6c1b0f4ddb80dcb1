from odoo import api, fields, models
from odoo.fields import Command


class KeyAccountAgreementBundleLine(models.TransientModel):
    """A product or category that the customer bought, with what it costs and what is proposed.

    A category is priced as one basket: quantity 1 stands for all that was bought of it in the 12 months.
    """
    _name = 'key.account.agreement.bundle.line'
    _description = "Proposed Agreement Line"
    _order = 'wizard_id, amount desc, id'

    wizard_id = fields.Many2one('key.account.agreement.bundle', required=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='wizard_id.currency_id')
    scope = fields.Selection(
        selection=[('product', "Product"), ('category', "Category")], required=True, readonly=True)
    product_id = fields.Many2one('product.product', readonly=True, ondelete='cascade')
    categ_id = fields.Many2one('product.category', string="Category", readonly=True, ondelete='cascade')
    uom_id = fields.Many2one(related='product_id.uom_id', string="Unit")
    selected = fields.Boolean(string="Take")

    # The last 12 months
    product_count = fields.Integer(string="Products", readonly=True)
    quantity = fields.Float(readonly=True, digits='Product Unit', help="Bought in 12 months, less what was returned or credited.")
    amount = fields.Monetary(string="Volume", readonly=True, help="Untaxed amount of 12 months.")
    order_count = fields.Integer(string="Orders", readonly=True)
    last_date = fields.Date(string="Last Order", readonly=True)

    # Prices
    usual_price = fields.Float(
        readonly=True, digits='Product Price', help="What the customer paid on average, after discounts.")
    normal_price = fields.Float(
        readonly=True, digits='Product Price', help="What the customer would pay today without an agreement.")
    others_price = fields.Float(
        string="Others Pay", readonly=True, digits='Product Price',
        help="What all other customers paid on average in these 12 months. Empty: nobody else buys it.")
    cost = fields.Float(readonly=True, groups='base.group_user', help="The present cost, in terms of the price.")
    tax_factor = fields.Float(readonly=True, default=1.0, help="The price, divided by the price without taxes.")
    source = fields.Selection(
        selection=[
            ('agreement', "Agreement"),
            ('special', "Special price"),
            ('usual', "Usual price"),
            ('normal', "Normal price"),
            ('mixed', "Several"),
        ], string="Based on", readonly=True,
        help="Where the proposal comes from: the agreement in force, the customer's own pricelist, what the customer paid, "
             "or the normal price where the customer paid more than that.")
    source_note = fields.Char(string="Source", readonly=True)
    steps = fields.Json(readonly=True, help="Quantities with their prices, when the proposal has such.")
    source_price = fields.Float(readonly=True, help="The price as first proposed; the quantity steps are relative to it.")

    # The proposal
    price_unit = fields.Float(string="Proposed Price", min_display_digits='Product Price')
    discount = fields.Float(
        string="Discount (%)", compute='_compute_discount', store=True, readonly=False, precompute=True, digits=(16, 2),
        help="On the normal price.")
    usual_margin = fields.Float(
        string="Margin Now", compute='_compute_margin', groups='base.group_user',
        help="Of the usual price, at the present cost.")
    margin = fields.Float(
        compute='_compute_margin', groups='base.group_user', help="Of the proposed price, at the present cost.")

    _price_positive = models.Constraint(
        "CHECK (price_unit BETWEEN 0 AND 1e12)",
        "An agreed price cannot be negative, nor above 1,000,000,000,000. 0 is free of charge.")
    _category_discount = models.Constraint(
        "CHECK (categ_id IS NULL OR discount BETWEEN 0 AND 100)", "The discount on a category must be 0 to 100 %.")

    @api.depends('product_id', 'categ_id')
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.product_id or line.categ_id).display_name

    @api.depends('price_unit', 'normal_price')
    def _compute_discount(self):
        for line in self:
            line.discount = (1 - line.price_unit / line.normal_price) * 100 if line.normal_price else 0.0

    @api.depends('price_unit', 'usual_price', 'cost')
    def _compute_margin(self):
        for line in self:
            line.margin = line._get_margin(line.price_unit)
            line.usual_margin = line._get_margin(line.usual_price)

    def _get_margin(self, price):
        return 1 - self.cost / price if price else 0.0

    @api.onchange('discount')
    def _onchange_discount(self):
        self.price_unit = self._get_price_at(self.discount)

    def _get_price_at(self, discount):
        """:return: the normal price less a discount in percent, rounded where it becomes a price"""
        price = self.normal_price * (1 - discount / 100)
        return price if self.categ_id else self.wizard_id._round_price(price)

    # ------------------------------------------------------------
    # From purchases
    # ------------------------------------------------------------

    @api.model
    def _prepare_product_lines(self, rows):
        """:param list rows: of ``key.account.agreement.bundle._get_rows``"""
        names = {
            'product_id', 'quantity', 'amount', 'last_date', 'usual_price', 'normal_price', 'others_price', 'cost',
            'tax_factor', 'price_unit', 'source', 'source_note', 'steps'}
        return [{
            **{name: value for name, value in row.items() if name in names},
            'scope': 'product',
            'selected': row['price_unit'] > 0,
            'product_count': 1,
            'order_count': len(row['document_ids']),
            'source_price': row['price_unit'],
        } for row in rows]

    @api.model
    def _prepare_category_lines(self, rows):
        """:param list rows: of ``key.account.agreement.bundle._get_rows``"""
        categories = {}
        for row in rows:
            if row['product'].categ_id:
                categories.setdefault(row['product'].categ_id, []).append(row)
        return [self._prepare_category_line(category, part) for category, part in categories.items()]

    @api.model
    def _prepare_category_line(self, category, rows):
        sources = {row['source'] for row in rows}
        normal_price = self._sum_basket(rows, 'normal_price')
        return {
            'scope': 'category',
            'categ_id': category.id,
            'selected': normal_price > 0,
            'product_count': len(rows),
            'quantity': 1.0,
            'amount': sum(row['amount'] for row in rows),
            'usual_price': sum(row['amount'] for row in rows),
            'order_count': len({document_id for row in rows for document_id in row['document_ids']}),
            'last_date': max(row['last_date'] for row in rows),
            'normal_price': normal_price,
            'others_price': self._sum_basket(rows, 'others_price') if all(row['others_price'] for row in rows) else 0.0,
            'cost': self._sum_basket(rows, 'cost'),
            'price_unit': min(self._sum_basket(rows, 'price_unit'), normal_price),
            'source': sources.pop() if len(sources) == 1 else 'mixed',
        }

    @api.model
    def _sum_basket(self, rows, name):
        """:return: what was bought, at one kind of its prices, without taxes"""
        return sum(row['quantity'] * row[name] / row['tax_factor'] for row in rows)

    # ------------------------------------------------------------
    # To the agreement
    # ------------------------------------------------------------

    def _prepare_agreement_line(self, commit_volume):
        """:param bool commit_volume: whether the customer commits to what was bought in 12 months
        :return: values of ``key.account.agreement.line``
        """
        self.ensure_one()
        if self.categ_id:
            return {
                'applied_on': '2_product_category', 'categ_id': self.categ_id.id,
                'price_type': 'discount', 'discount': self.discount,
                **({'commitment': 'amount', 'commit_min': self.price_unit} if commit_volume else {}),
            }
        return {
            'applied_on': '0_product_variant', 'product_id': self.product_id.id, 'uom_id': self.uom_id.id,
            'price_type': 'fixed', 'price_unit': self.price_unit,
            'step_ids': [Command.create(vals) for vals in self._prepare_steps()],
            **({'commitment': 'quantity', 'commit_min': self.quantity} if commit_volume else {}),
        }

    def _prepare_steps(self):
        """Quantity steps keep their distance to the price, when the price was changed."""
        ratio = self.price_unit / self.source_price if self.source_price else 1.0
        return [
            {'min_quantity': quantity, 'price_unit': price if ratio == 1.0 else self.wizard_id._round_price(price * ratio)}
            for quantity, price in self.steps or []]
