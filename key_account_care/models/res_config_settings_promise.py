from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of promises."""
    _inherit = 'res.config.settings'

    key_account_promise_days = fields.Integer(related='company_id.key_account_promise_days', readonly=False)
