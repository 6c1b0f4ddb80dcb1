from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of order rhythms and white space."""
    _inherit = 'res.config.settings'

    key_account_rhythm_months = fields.Integer(related='company_id.key_account_rhythm_months', readonly=False)
    key_account_rhythm_tolerance = fields.Integer(related='company_id.key_account_rhythm_tolerance', readonly=False)
    key_account_rhythm_lapse = fields.Float(related='company_id.key_account_rhythm_lapse', readonly=False)
    key_account_rhythm_confidence = fields.Integer(related='company_id.key_account_rhythm_confidence', readonly=False)
    key_account_peer_count = fields.Integer(related='company_id.key_account_peer_count', readonly=False)
    key_account_peer_buyers = fields.Integer(related='company_id.key_account_peer_buyers', readonly=False)
