from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of feedback, per company."""
    _inherit = 'res.config.settings'

    key_account_feedback_days = fields.Integer(related='company_id.key_account_feedback_days', readonly=False)
    key_account_feedback_nightly = fields.Integer(related='company_id.key_account_feedback_nightly', readonly=False)
    key_account_feedback_low = fields.Integer(related='company_id.key_account_feedback_low', readonly=False)
    key_account_feedback_hours = fields.Integer(related='company_id.key_account_feedback_hours', readonly=False)
