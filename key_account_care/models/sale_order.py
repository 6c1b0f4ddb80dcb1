from odoo import models


class SaleOrder(models.Model):
    """An order shows the account and tier of its customer."""
    _name = 'sale.order'
    _inherit = ['sale.order', 'key.account.customer.mixin']

    def write(self, vals):
        """Calls about it were none with the contact before."""
        self.env['key.account.relationship']._note_stale_documents(self, vals)
        return super().write(vals)
