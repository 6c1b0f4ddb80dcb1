from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings page of Key Account Care, per company."""
    _inherit = 'res.config.settings'

    key_account_revenue_source = fields.Selection(
        related='company_id.key_account_revenue_source', readonly=False, required=True)
    key_account_assignment = fields.Selection(
        related='company_id.key_account_assignment', readonly=False, required=True)
    key_account_manager_id = fields.Many2one(related='company_id.key_account_manager_id', readonly=False)
    key_account_new_months = fields.Integer(related='company_id.key_account_new_months', readonly=False)
    key_account_growth_percent = fields.Float(related='company_id.key_account_growth_percent', readonly=False)
    key_account_risk_factor = fields.Float(related='company_id.key_account_risk_factor', readonly=False)
    key_account_bonus_product_id = fields.Many2one(related='company_id.key_account_bonus_product_id', readonly=False)
    key_account_half_life = fields.Integer(related='company_id.key_account_half_life', readonly=False)
    key_account_weight_mail = fields.Float(related='company_id.key_account_weight_mail', readonly=False)
    key_account_weight_call = fields.Float(related='company_id.key_account_weight_call', readonly=False)
    key_account_weight_meeting = fields.Float(related='company_id.key_account_weight_meeting', readonly=False)
