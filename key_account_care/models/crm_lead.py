from odoo import models


class CrmLead(models.Model):
    """An opportunity shows the account and tier of its customer."""
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'key.account.customer.mixin']
