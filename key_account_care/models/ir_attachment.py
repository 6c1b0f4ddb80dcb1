from odoo import api, models
from odoo.exceptions import UserError

PROOFS = ('signature', 'document', 'signed_copy')
CONTENT = frozenset({'raw', 'datas', 'store_fname', 'db_datas', 'res_model', 'res_id', 'res_field'})


class IrAttachment(models.Model):
    """The signature and the signed document of an agreement are files that nobody replaces or deletes by hand."""
    _inherit = 'ir.attachment'

    @api.model_create_multi
    def create(self, vals_list):
        attachments = super().create(vals_list)
        attachments._check_not_agreement_proof()
        return attachments

    def write(self, vals):
        """:raise UserError: when what was signed would change"""
        if CONTENT & vals.keys():
            self._check_not_agreement_proof()
        result = super().write(vals)
        if 'res_field' in vals:
            self._check_not_agreement_proof()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_agreement_proof(self):
        self._check_not_agreement_proof()

    def _check_not_agreement_proof(self):
        if not self.env.su and any(
                attachment.res_model == 'key.account.agreement' and attachment.res_field in PROOFS
                for attachment in self):
            raise UserError(self.env._("This file proves what was signed. It stays with its agreement."))
