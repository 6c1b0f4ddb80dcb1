from odoo import api, fields, models
from odoo.fields import Domain


class KeyAccountQuestion(models.Model):
    """What we ask a customer's people: a score, whether it was as expected, or their own words."""
    _name = 'key.account.question'
    _description = "Question to Customers"
    _order = 'sequence, id'
    _rec_name = 'text'

    text = fields.Char(string="Question", required=True, translate=True)
    kind = fields.Selection(
        selection=[
            ('score', "Score from 0 to 10"),
            ('expectation', "Less than, as or more than expected"),
            ('text', "Own words"),
        ], string="Answer", required=True, default='score')
    area_id = fields.Many2one(
        'key.account.area', ondelete='restrict', index='btree_not_null', help="Which area the scores are counted for.")
    review_type_id = fields.Many2one(
        'key.account.review.type', ondelete='cascade', index='btree_not_null',
        help="Asked about reviews of this type. Empty: asked each time.")
    company_id = fields.Many2one(related='review_type_id.company_id', store=True, precompute=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.model
    def _get_questions(self, company, review_type=None):
        """:return: the questions that are asked each time, and those about reviews of a type, in their order"""
        types = [False, *(review_type.ids if review_type else ())]
        # sudo: whoever is asked reads the questions, also without a login
        return self.sudo().search(Domain('review_type_id', 'in', types) & Domain('company_id', 'in', [False, company.id]))
