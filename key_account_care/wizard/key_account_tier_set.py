from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KeyAccountTierSet(models.TransientModel):
    """Sets a tier by hand, or proposes it when the user is not a manager, with the reason."""
    _name = 'key.account.tier.set'
    _description = "Set Tier"

    account_ids = fields.Many2many('key.account', string="Accounts", required=True)
    tier_id = fields.Many2one('key.account.tier', string="New Tier")
    reason = fields.Text(required=True)
    lock_until = fields.Date(
        string="Until", help="Last day on which your choice holds. Empty: until somebody ends the lock.")
    is_manager = fields.Boolean(compute='_compute_is_manager')

    @api.depends_context('uid')
    def _compute_is_manager(self):
        self.is_manager = self.env.user.has_group('key_account_care.group_manager')

    @api.constrains('lock_until')
    def _check_lock_until(self):
        for wizard in self:
            if wizard.lock_until and wizard.lock_until < fields.Date.context_today(wizard):
                raise ValidationError(self.env._("The last day of the lock is over already. Choose a later one."))

    def action_apply(self):
        """Set or propose the tier."""
        self.ensure_one()
        if self.is_manager:
            self.account_ids._set_tier(self.tier_id, self.reason, self.lock_until)
        else:
            self.account_ids._propose_tier(self.tier_id, self.reason, self.lock_until)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
