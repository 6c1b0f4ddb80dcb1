from odoo import api, models


class KeyAccountAgreementPart(models.AbstractModel):
    """A part of an agreement that stays as it was signed. A model of such parts says in ``_check_not_signed`` what to do."""
    _name = 'key.account.agreement.part'
    _description = "Part of an Agreement"

    _free_fields = frozenset()  # not a part of what was signed

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_not_signed()
        return parts

    def write(self, vals):
        """:raise UserError: when the agreement is signed"""
        if vals.keys() - self._free_fields:
            self._check_not_signed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_signed(self):
        self._check_not_signed()

    def _check_not_signed(self):
        """:raise UserError: when the agreement is signed"""
        raise NotImplementedError
