from odoo import fields, models


class KeyAccountTierDecide(models.TransientModel):
    """Declines proposed tier changes with a reason."""
    _name = 'key.account.tier.decide'
    _description = "Decline Tier Changes"

    change_ids = fields.Many2many('key.account.tier.change', required=True)
    reason = fields.Text(required=True)

    def action_decline(self):
        """Decline the changes."""
        self.ensure_one()
        self.change_ids.action_decline(self.reason)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
