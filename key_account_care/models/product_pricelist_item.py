from odoo import api, fields, models


class ProductPricelistItem(models.Model):
    """A rule may be made from a line of an agreement; then it changes only with the agreement."""
    _inherit = 'product.pricelist.item'

    key_account_agreement_line_id = fields.Many2one(
        'key.account.agreement.line', string="Agreement Line", readonly=True, copy=False, index='btree_not_null',
        ondelete='cascade')
    # of thousands of rules Odoo asks for those of one product, once for each line of an order
    _key_account_product_index = models.Index('(pricelist_id, product_tmpl_id)')

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.pricelist_id._check_not_generated()
        return items

    def write(self, vals):
        """:raise UserError: when the pricelist is made from an agreement"""
        self.pricelist_id._check_not_generated()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_generated(self):
        self.pricelist_id._check_not_generated()
