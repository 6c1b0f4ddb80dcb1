from odoo import models


class KeyAccountAgreement(models.Model):
    """The next version of an agreement that is about to end."""
    _inherit = 'key.account.agreement'
