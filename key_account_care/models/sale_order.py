from odoo import models


class SaleOrder(models.Model):
    """An order shows the account and tier of its customer."""
    _name = 'sale.order'
    _inherit = ['sale.order', 'key.account.customer.mixin']
