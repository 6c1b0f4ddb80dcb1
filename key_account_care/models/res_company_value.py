from odoo import fields, models


class ResCompany(models.Model):
    """What our time costs, by which the care for customers is weighed against what they bring."""
    _inherit = 'res.company'

    key_account_hour_cost = fields.Monetary(
        string="Cost of an Hour", default=60.0, help="Of one of our people in a meeting, or on the way to it.")
    key_account_travel_hours = fields.Float(
        string="Travel Hours", default=2.0,
        help="There and back, of one person, for a meeting that has a place and no video call.")

    _key_account_value_range = models.Constraint(
        'CHECK (key_account_hour_cost >= 0 AND key_account_travel_hours BETWEEN 0 AND 200)',
        "An hour costs nothing or more, and travel takes 0 to 200 hours.")
