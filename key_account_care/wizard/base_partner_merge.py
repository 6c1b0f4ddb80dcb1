from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts keeps our accounts: it would delete those that it cannot move."""
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        # whoever may merge the contacts merges their accounts in all companies, as Odoo does with every other record
        self.env['key.account'].sudo()._merge_customers(src_partners, dst_partner)
        self.env['key.account.relationship'].sudo()._merge_people(src_partners.sudo(), dst_partner.sudo())  # sudo: see above
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        dst_partner.check_access('write')
        # sudo: what is judged about a person is kept, also when who merges may not see the account of the customer
        return super()._update_values(src_partners.sudo(), dst_partner.sudo())
