from odoo import models


class CrmLead(models.Model):
    """An opportunity shows the account and tier of its customer."""
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'key.account.customer.mixin']

    def write(self, vals):
        """Calls about it were none with the contact before."""
        self.env['key.account.relationship']._note_stale_documents(self, vals)
        return super().write(vals)
