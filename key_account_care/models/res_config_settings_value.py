from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of what our time costs, per company."""
    _inherit = 'res.config.settings'

    key_account_hour_cost = fields.Monetary(related='company_id.key_account_hour_cost', readonly=False)
    key_account_travel_hours = fields.Float(related='company_id.key_account_travel_hours', readonly=False)
