from odoo import models


class ProductPricelist(models.Model):
    """The shop takes the pricelist of an agreement from its customer, and offers it to nobody."""
    _inherit = 'product.pricelist'

    def _is_available_on_website(self, website):
        """The pricelist of an agreement holds in the shops of the company that signed it."""
        self.ensure_one()
        # sudo: whether a pricelist is made from an agreement matters to visitors, too
        if self.sudo().key_account_agreement_id:
            return self.active and self.company_id == website.company_id
        return super()._is_available_on_website(website)
