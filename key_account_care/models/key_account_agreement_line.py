from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SCOPES = {  # where the rule looks: field that names it
    '0_product_variant': 'product_id',
    '1_product': 'product_tmpl_id',
    '2_product_category': 'categ_id',
    '3_global': None,
}


class KeyAccountAgreementLine(models.Model):
    """What was agreed for a variant, a product, a category or everything: its price, and how much of it."""
    _name = 'key.account.agreement.line'
    _inherit = 'key.account.agreement.part'
    _description = "Agreement Line"
    _order = 'agreement_id.id, sequence, id'
    _check_company_auto = True
    _free_fields = frozenset({'sequence', 'confirm_count'})

    agreement_id = fields.Many2one(
        'key.account.agreement', required=True, index=True, ondelete='cascade', check_company=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related='agreement_id.company_id', store=True, precompute=True)
    currency_id = fields.Many2one(related='agreement_id.currency_id', store=True, precompute=True)
    state = fields.Selection(related='agreement_id.state')
    origin_id = fields.Many2one(
        'key.account.agreement.line', string="First Revision", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="The same line in the first revision that has it. Their call-offs count together.")

    # What
    applied_on = fields.Selection(
        selection=[
            ('0_product_variant', "Variant"),
            ('1_product', "Product"),
            ('2_product_category', "Category"),
            ('3_global', "Everything"),
        ], string="Covers", required=True, compute='_compute_applied_on', store=True, readonly=False, precompute=True)
    product_id = fields.Many2one(
        'product.product', string="Variant", ondelete='restrict', check_company=True,
        domain=[('sale_ok', '=', True)])
    product_tmpl_id = fields.Many2one(
        'product.template', string="Product", ondelete='restrict', check_company=True,
        domain=[('sale_ok', '=', True)])
    categ_id = fields.Many2one('product.category', string="Category", ondelete='restrict')
    uom_id = fields.Many2one(
        'uom.uom', string="Unit", compute='_compute_uom_id', store=True, readonly=False, precompute=True,
        ondelete='restrict', help="Unit of the price and of the committed quantity.")

    # Price
    price_type = fields.Selection(
        selection=[('fixed', "Fixed price"), ('discount', "Discount"), ('cost_plus', "Cost plus")],
        default='fixed', required=True,
        help="Discount: on what the customer would pay without the agreement. Cost plus: markup on the cost.")
    price_unit = fields.Float(string="Price", min_display_digits='Product Price', help="0 is a price, too: free of charge.")
    discount = fields.Float(string="Discount (%)")
    markup = fields.Float(string="Markup (%)")
    step_ids = fields.One2many('key.account.agreement.step', 'line_id', string="Quantity Steps", copy=True)
    never_revise = fields.Boolean(help="Price revisions leave this line alone.")

    # How much
    commitment = fields.Selection(
        selection=[('none', "None"), ('quantity', "Quantity"), ('amount', "Amount")], default='none', required=True)
    commit_min = fields.Float(string="Committed", digits='Product Unit')
    commit_max = fields.Float(string="Maximum", digits='Product Unit', help="0: no maximum.")
    confirm_count = fields.Integer(
        readonly=True, copy=False,
        help="Goes up with each order against the maximum, so that of two at the same moment one waits for the other.")

    # is a purchase covered? asked for each one, whatever the size of the agreement
    _variant_index = models.Index("(product_id, agreement_id) WHERE product_id IS NOT NULL")
    _product_index = models.Index("(product_tmpl_id, agreement_id) WHERE product_tmpl_id IS NOT NULL")
    _category_index = models.Index("(categ_id, agreement_id) WHERE categ_id IS NOT NULL")
    _first_index = models.Index("(COALESCE(origin_id, id))")  # call-offs are counted by it
    _committing_index = models.Index("(agreement_id) WHERE commitment <> 'none'")  # few of thousands
    _everything_index = models.Index("(agreement_id) WHERE applied_on = '3_global'")
    _scope_named = models.Constraint(
        """CHECK (CASE applied_on WHEN '0_product_variant' THEN product_id IS NOT NULL
                                  WHEN '1_product' THEN product_tmpl_id IS NOT NULL
                                  WHEN '2_product_category' THEN categ_id IS NOT NULL ELSE TRUE END)""",
        "Tell which variant, product or category the line covers.")
    _price_positive = models.Constraint(
        "CHECK (price_unit BETWEEN 0 AND 1e12)",  # a price that is no number (NaN) is above all of them
        "An agreed price cannot be negative, nor above 1,000,000,000,000. 0 is free of charge.")
    _discount_in_range = models.Constraint(
        "CHECK (discount BETWEEN 0 AND 100)", "A discount must be 0 to 100 %.")
    _markup_in_range = models.Constraint(
        "CHECK (markup BETWEEN 0 AND 10000)", "A markup on the cost must be 0 to 10,000 %.")
    _commit_in_order = models.Constraint(
        "CHECK (commit_min BETWEEN 0 AND 1e12 AND commit_max BETWEEN 0 AND 1e12"
        " AND (commit_max = 0 OR commit_max >= commit_min))",
        "Committed quantities and amounts cannot be negative, nor the maximum below the committed one.")

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('applied_on', 'product_id', 'product_tmpl_id', 'categ_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            line.display_name = line._get_scope().display_name or self.env._("Everything")

    @api.depends('product_id', 'product_tmpl_id', 'categ_id')
    def _compute_applied_on(self):
        for line in self:
            line.applied_on = next(
                (scope for scope, name in SCOPES.items() if name and line[name]), line.applied_on or '3_global')

    @api.depends('product_id', 'product_tmpl_id')
    def _compute_uom_id(self):
        for line in self:
            line.uom_id = line.product_id.uom_id or line.product_tmpl_id.uom_id

    @api.onchange('applied_on')
    def _onchange_applied_on(self):
        for scope, name in SCOPES.items():
            if name and scope != self.applied_on:
                self[name] = False

    def _get_scope(self):
        """:return: the variant, product or category that the line covers; an empty product for everything"""
        return self[SCOPES.get(self.applied_on) or 'product_id']

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains('agreement_id', 'applied_on', 'product_id', 'product_tmpl_id', 'categ_id')
    def _check_overlap(self):
        """:raise ValidationError: when two lines of an agreement cover the same thing"""
        for scope, name in SCOPES.items():
            groups = ['agreement_id', *([name] if name else [])]
            doubles = self._read_group(
                [('agreement_id', 'in', self.agreement_id.ids), ('applied_on', '=', scope)],
                groups, having=[('__count', '>', 1)], limit=1)
            if doubles:
                agreement, what = (*doubles[0], self.env['product.product'])[:2]
                raise ValidationError(self.env._(
                    "%(agreement)s has two lines for %(scope)s. Keep one of them; use quantity steps for several prices.",
                    agreement=agreement.display_name, scope=what.display_name or self.env._("everything")))

    @api.constrains('uom_id', 'product_id', 'product_tmpl_id', 'commitment', 'applied_on')
    def _check_uom(self):
        for line in self:
            product_uom = line.product_id.uom_id or line.product_tmpl_id.uom_id
            if product_uom and line.uom_id and not line.uom_id._has_common_reference(product_uom):
                raise ValidationError(self.env._(
                    "%(product)s is sold in %(product_unit)s, which cannot be converted to %(unit)s. Choose another unit.",
                    product=line.display_name, product_unit=product_uom.name, unit=line.uom_id.name))
            if line.commitment == 'quantity' and not line.uom_id:
                raise ValidationError(self.env._(
                    "%(line)s: tell the unit of the committed quantity, or commit an amount.", line=line.display_name))

    # ------------------------------------------------------------
    # Create, write, delete
    # ------------------------------------------------------------

    def _check_not_signed(self):
        signed = self.agreement_id.filtered(lambda agreement: agreement.state in ('signed', 'closed'))
        if signed and not self.env.su:
            raise UserError(self.env._(
                "%(agreement)s is signed: its lines stay as they are. Use “Revise” to agree on others.",
                agreement=signed[0].display_name))

    @api.model
    def get_import_templates(self):
        """Offer a spreadsheet to start from, where lines are imported."""
        return [{
            'label': self.env._("Template for Agreement Lines"),
            'template': '/key_account_care/static/xls/key_account_agreement_line.csv',
        }]
