from odoo import fields, models


class ResCompany(models.Model):
    """How long before a review is due its meeting is to be planned."""
    _inherit = 'res.company'

    key_account_review_days = fields.Integer(
        string="Plan Reviews Before (Days)", default=14,
        help="So many days before a review falls due, the responsible is asked to plan its meeting.")

    _key_account_review_days_range = models.Constraint(
        'CHECK (key_account_review_days BETWEEN 0 AND 365)', "Reviews are planned 0 to 365 days before they are due.")
