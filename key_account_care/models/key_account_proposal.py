from odoo import api, fields, models


class KeyAccount(models.Model):
    """The open proposal of an account, decided where it is shown."""
    _inherit = 'key.account'

    proposal_id = fields.Many2one('key.account.tier.change', compute='_compute_proposal_id')
    proposal_summary = fields.Char(compute='_compute_proposal_id')

    @api.depends('change_ids.state')
    def _compute_proposal_id(self):
        proposals = self.env['key.account.tier.change'].search(
            [('account_id', 'in', self.ids), ('state', '=', 'proposed')]).grouped('account_id')
        for account in self:
            account.proposal_id = proposals.get(account)
            account.proposal_summary = account.proposal_id._get_proposal_summary()

    def action_approve_proposal(self):
        """Do the proposed change of tier.

        :raise AccessError: when the user is not a manager
        :raise UserError: when it was decided already
        """
        self.ensure_one()
        self.proposal_id.action_approve()

    def action_decline_proposal(self):
        """Ask for the reason, then decline the proposed change of tier."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_tier_decide'),
            'context': {'default_change_ids': self.proposal_id.ids},
        }
