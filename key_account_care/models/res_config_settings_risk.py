from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of early warnings, per company."""
    _inherit = 'res.config.settings'

    key_account_reminder_limit = fields.Integer(related='company_id.key_account_reminder_limit', readonly=False)
