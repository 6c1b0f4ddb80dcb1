from odoo import models
from odoo.exceptions import UserError


class ProductProduct(models.Model):
    """When a product gets another unit, agreements follow as orders do: in place of the old one, nothing is converted."""
    _inherit = 'product.product'

    def _update_uom(self, to_uom_id):
        """:raise UserError: when an agreement has its price in yet another unit"""
        # sudo: agreements of colleagues follow the product, too
        lines = self.env['key.account.agreement.line'].sudo().search([
            '|', ('product_id', 'in', self.ids), ('product_tmpl_id', 'in', self.product_tmpl_id.ids)])
        other = lines.filtered(
            lambda line: line.uom_id != (line.product_tmpl_id or line.product_id.product_tmpl_id).uom_id)[:1]
        if other:
            raise UserError(self.env._(
                "%(agreement)s has a price for %(product)s per %(unit)s. The unit of the product cannot be changed.",
                agreement=other.agreement_id.display_name, product=other.display_name, unit=other.uom_id.name))
        lines.uom_id = to_uom_id
        return super()._update_uom(to_uom_id)
