from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of reviews, per company."""
    _inherit = 'res.config.settings'

    key_account_review_days = fields.Integer(related='company_id.key_account_review_days', readonly=False)
