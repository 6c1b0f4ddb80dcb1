from odoo import fields, models


class KeyAccountTier(models.Model):
    """How many people of a customer are asked whether they are satisfied."""
    _inherit = 'key.account.tier'

    satisfaction_people = fields.Integer(
        string="Ask So Many People", default=2,
        help="So many people of the customer are asked each time: first those who were not asked for longest, then those "
             "whom we know best.")

    _satisfaction_people_positive = models.Constraint(
        'CHECK (satisfaction_people >= 0)', "The number of people to ask must not be negative.")
