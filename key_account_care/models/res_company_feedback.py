from odoo import fields, models


class ResCompany(models.Model):
    """How feedback is asked for, and when it needs an answer."""
    _inherit = 'res.company'

    key_account_feedback_days = fields.Integer(
        string="Days to Answer", default=30, help="The link in an invitation works for so many days.")
    key_account_feedback_low = fields.Integer(
        string="Low Score up to", default=6, help="Scores up to this one need an answer of ours.")
    key_account_feedback_hours = fields.Integer(
        string="Answer Within (Hours)", default=24,
        help="Working hours to answer a complaint or a low score, where the tier promises none.")
    key_account_feedback_nightly = fields.Integer(
        string="Customers per Night", default=5,
        help="For so many customers at most, a key account manager is asked in one night to invite people.")

    _key_account_feedback_nightly_range = models.Constraint(
        'CHECK (key_account_feedback_nightly BETWEEN 1 AND 1000)', "A manager is asked for 1 to 1,000 customers a night.")
    _key_account_feedback_days_range = models.Constraint(
        'CHECK (key_account_feedback_days BETWEEN 1 AND 365)', "Give people 1 to 365 days to answer.")
    _key_account_feedback_low_range = models.Constraint(
        'CHECK (key_account_feedback_low BETWEEN 0 AND 9)', "A low score is one up to a number from 0 to 9.")
    _key_account_feedback_hours_range = models.Constraint(
        'CHECK (key_account_feedback_hours BETWEEN 1 AND 2000)', "The time to answer must be 1 to 2,000 hours.")
