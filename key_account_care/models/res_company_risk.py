from odoo import fields, models


class ResCompany(models.Model):
    """How many early warnings a person is reminded of in one day."""
    _inherit = 'res.company'

    key_account_reminder_limit = fields.Integer(
        string="Reminders a Day", default=5,
        help="So many activities at most are planned for one person in one night; one more tells how many there are beyond.")

    _key_account_reminder_limit_range = models.Constraint(
        'CHECK (key_account_reminder_limit BETWEEN 0 AND 50)', "Between 0 and 50 reminders can be planned for a day.")
