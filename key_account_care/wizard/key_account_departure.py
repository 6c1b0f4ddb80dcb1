from odoo import api, fields, models


class KeyAccountDeparture(models.TransientModel):
    """Asks since when people of a customer have left, and who has taken over."""
    _name = 'key.account.departure'
    _description = "Has Left"

    partner_ids = fields.Many2many('res.partner', string="Contacts", required=True)
    left_on = fields.Date(required=True, default=fields.Date.context_today)
    customer_ids = fields.Many2many('res.partner', compute='_compute_customer_ids')
    successor_id = fields.Many2one(
        'res.partner', domain="[('commercial_partner_id', 'in', customer_ids), ('is_company', '=', False), "
                              "('id', 'not in', partner_ids)]",
        help="Empty: not known yet. It can be told later, on the contact.")

    @api.depends('partner_ids')
    def _compute_customer_ids(self):
        for wizard in self:
            wizard.customer_ids = wizard.partner_ids.commercial_partner_id

    def action_apply(self):
        """Note that they have left."""
        self.ensure_one()
        self.partner_ids.write({
            'key_account_left_on': self.left_on, 'key_account_successor_id': self.successor_id.id,
            'key_account_left_sign': False, 'key_account_left_sign_on': False})
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
