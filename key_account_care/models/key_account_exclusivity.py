from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KeyAccountExclusivity(models.Model):
    """What we promised to sell to one customer only: a product or a category, in a region, for a time."""
    _name = 'key.account.exclusivity'
    _description = "Exclusivity"
    _inherit = ['mail.thread']
    _order = 'date_from desc, id desc'
    _check_company_auto = True

    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, precompute=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    active = fields.Boolean(default=True)
    product_tmpl_id = fields.Many2one(
        'product.template', string="Product", check_company=True, index='btree_not_null', ondelete='restrict', tracking=True)
    categ_id = fields.Many2one(
        'product.category', string="Category", index='btree_not_null', ondelete='restrict', tracking=True,
        help="With the categories below it.")
    country_ids = fields.Many2many(
        'res.country', 'key_account_exclusivity_country_rel', 'exclusivity_id', 'country_id', string="Countries",
        help="No countries and no states: everywhere.")
    state_ids = fields.Many2many(
        'res.country.state', 'key_account_exclusivity_state_rel', 'exclusivity_id', 'state_id', string="States",
        help="These states, beside the whole of the countries.")
    region = fields.Char(compute='_compute_region')
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    date_until = fields.Date(string="Until", tracking=True, help="Last day. Empty: until further notice.")
    note = fields.Text(help="What exactly was promised, where it is written, and by whom.")

    _dates_in_order = models.Constraint(
        'CHECK (date_until >= date_from)', "An exclusivity cannot end before it starts. Correct the first or the last day.")
    _one_scope = models.Constraint(
        'CHECK ((product_tmpl_id IS NULL) <> (categ_id IS NULL))', "Choose either a product or a category.")

    @api.constrains('product_tmpl_id', 'categ_id', 'state_ids', 'country_ids', 'date_from', 'date_until', 'account_id')
    def _check_promised_once(self):
        """:raise ValidationError: when the same was promised to two customers for the same days and region"""
        for exclusivity in self.filtered('active'):
            # sudo: that it is promised already is told, to whom is not
            others = self.sudo().search([
                ('id', '!=', exclusivity.id), ('company_id', '=', exclusivity.company_id.id),
                ('account_id', '!=', exclusivity.account_id.id),
                ('product_tmpl_id', '=', exclusivity.product_tmpl_id.id), ('categ_id', '=', exclusivity.categ_id.id)])
            if any(exclusivity._meets(other) for other in others):
                raise ValidationError(self.env._(
                    "%(what)s is promised to another customer already, in the same region and for the same time.",
                    what=exclusivity._get_scope_name()))

    def _meets(self, other):
        """Whether two of these share a day and a place."""
        if self.date_until and other.date_from > self.date_until or other.date_until and self.date_from > other.date_until:
            return False
        return bool(
            not self.country_ids | self.state_ids.country_id or not other.country_ids | other.state_ids.country_id
            or self.state_ids & other.state_ids or self.country_ids & (other.country_ids | other.state_ids.country_id)
            or other.country_ids & self.state_ids.country_id)

    @api.depends('product_tmpl_id', 'categ_id', 'region')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for exclusivity in self:
            what = exclusivity._get_scope_name()
            exclusivity.display_name = what and self.env._("%(what)s: %(region)s", what=what, region=exclusivity.region)

    def _get_scope_name(self):
        self.ensure_one()
        return (self.product_tmpl_id or self.categ_id).display_name or ''

    @api.depends('country_ids', 'state_ids')
    @api.depends_context('lang')
    def _compute_region(self):
        for exclusivity in self:
            places = [*exclusivity.country_ids.mapped('name'), *exclusivity.state_ids.mapped('name')]
            exclusivity.region = ", ".join(places) or self.env._("Everywhere")
