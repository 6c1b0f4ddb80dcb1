from odoo import fields, models


class KeyAccountReviewType(models.Model):
    """A kind of formal meeting with a customer: how often it is due, and what it is about."""
    _name = 'key.account.review.type'
    _description = "Review Type"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', index='btree_not_null', help="Empty: the type is used by all companies.")
    duration = fields.Float(string="Duration (Hours)", default=1.5)
