from odoo import models


class ProductCategory(models.Model):
    """When a category moves into another one, the prices of agreements for it stay before those for the outer one."""
    _inherit = 'product.category'

    def write(self, vals):
        """Make the pricelists anew in which other lines are the outer ones now."""
        result = super().write(vals)
        if 'parent_id' in vals:
            # sudo: the prices of an agreement follow whoever orders the categories
            self.env['key.account.agreement.line'].sudo().search([
                ('categ_id', 'child_of', self.ids), ('agreement_id.state', '=', 'signed'),
            ]).agreement_id._generate_pricelist()
        return result
