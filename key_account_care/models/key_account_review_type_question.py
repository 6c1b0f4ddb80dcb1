from odoo import fields, models


class KeyAccountReviewType(models.Model):
    """What is asked about reviews of a type."""
    _inherit = 'key.account.review.type'

    question_ids = fields.One2many('key.account.question', 'review_type_id', string="Questions")
