from odoo import fields, models


class ResCompany(models.Model):
    """How long before a promise is due its owner is asked."""
    _inherit = 'res.company'

    key_account_promise_days = fields.Integer(
        string="Ask before a Promise Is Due (Days)", default=3,
        help="So many days before, our person is asked whether the promise will hold.")

    _key_account_promise_days_range = models.Constraint(
        'CHECK (key_account_promise_days BETWEEN 0 AND 365)', "Ask 0 to 365 days before a promise is due.")
