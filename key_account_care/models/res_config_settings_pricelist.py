from odoo import fields, models
from odoo.exceptions import UserError


class ResConfigSettings(models.TransientModel):
    """Pricelists stay switched on while agreements are in force."""
    _inherit = 'res.config.settings'

    def set_values(self):
        """:raise UserError: when pricelists would be switched off, by which Odoo applies agreed prices"""
        if not self.group_product_pricelist:
            self._check_no_agreement_in_force()
        return super().set_values()

    def _check_no_agreement_in_force(self):
        # sudo: agreements of all companies and colleagues need their pricelists
        agreement = self.env['key.account.agreement'].sudo().search(
            [('state', '=', 'signed'), ('date_until', '>=', fields.Date.today())], limit=1)
        if agreement:
            raise UserError(self.env._(
                "%(agreement)s is in force, and Odoo applies agreed prices by pricelists. Leave “Pricelists” on.",
                agreement=agreement.display_name))
