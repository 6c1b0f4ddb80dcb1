from odoo import fields, models


class ResCompany(models.Model):
    """How the strength of relationships is computed, and how far the nightly run has come."""
    _inherit = 'res.company'

    key_account_half_life = fields.Integer(
        string="Half-Life (Days)", default=90, help="An exchange counts half after so many days, a quarter after twice as many.")
    key_account_weight_mail = fields.Float(string="Weight of a Mail", default=1.0)
    key_account_weight_call = fields.Float(
        string="Weight of a Call", default=3.0, help="Also of any other done activity with the person.")
    key_account_weight_meeting = fields.Float(string="Weight of a Meeting", default=5.0)

    key_account_relationship_day = fields.Date(readonly=True)
    key_account_response_day = fields.Date(readonly=True)
    key_account_relationship_moment = fields.Datetime(readonly=True)
    key_account_relationship_message = fields.Integer(readonly=True)
    key_account_relationship_rule = fields.Char(readonly=True)

    _key_account_half_life_range = models.Constraint(
        'CHECK (key_account_half_life BETWEEN 7 AND 3650)', "The half-life must be 7 to 3650 days.")
    _key_account_weights_range = models.Constraint(
        """CHECK (key_account_weight_mail BETWEEN 0 AND 100 AND key_account_weight_call BETWEEN 0 AND 100
                  AND key_account_weight_meeting BETWEEN 0 AND 100)""", "Weights must be 0 to 100.")

    def _get_relationship_rule(self):
        """:return: str, what the points are computed by; when it changes, all of them are counted anew"""
        self.ensure_one()
        return "|".join(str(self[name]) for name in (
            'key_account_half_life', 'key_account_weight_mail', 'key_account_weight_call', 'key_account_weight_meeting'))
