from odoo import api, fields, models


class KeyAccountAgreementEnd(models.TransientModel):
    """Asks why an agreement is not to be renewed, or is to be over before its last day."""
    _name = 'key.account.agreement.end'
    _description = "End an Agreement"

    agreement_id = fields.Many2one('key.account.agreement', required=True, readonly=True, ondelete='cascade')
    kind = fields.Selection(
        selection=[('end', "Do not renew"), ('terminate', "Terminate")], required=True, readonly=True)
    last_day = fields.Date(
        compute='_compute_last_day', store=True, readonly=False, precompute=True, required=True,
        help="The agreed prices still hold on this day.")
    reason = fields.Text(required=True)
    kept_id = fields.Many2one(
        'key.account.agreement', string="Agreement that Stays", compute='_compute_kept_id', help="Signed for the time after.")

    @api.depends('agreement_id', 'kind')
    def _compute_last_day(self):
        for wizard in self:
            agreement = wizard.agreement_id
            wizard.last_day = agreement.date_until if wizard.kind == 'end' else agreement._get_day(agreement.company_id)

    @api.depends('agreement_id')
    def _compute_kept_id(self):
        for wizard in self:
            successor = wizard.agreement_id.next_id
            wizard.kept_id = successor.state == 'signed' and not successor.is_self_renewed and successor

    def action_apply(self):
        """End the agreement as asked for."""
        self.ensure_one()
        if self.kind == 'terminate':
            self.agreement_id._terminate(self.last_day, self.reason)
        else:
            self.agreement_id._decline_renewal(self.reason)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
