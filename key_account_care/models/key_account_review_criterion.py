from odoo import fields, models


class KeyAccountReviewCriterion(models.Model):
    """One thing that makes a review a good one, and whether it was so this time."""
    _name = 'key.account.review.criterion'
    _description = "Criterion"
    _order = 'review_id, sequence, id'

    review_id = fields.Many2one('key.account.review', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='review_id.company_id', store=True, precompute=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Criterion", required=True)
    is_met = fields.Boolean(string="Met", copy=False)
