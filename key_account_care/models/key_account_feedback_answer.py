from odoo import api, fields, models

from .key_account_feedback import EXPECTATIONS, SCORES


class KeyAccountFeedbackAnswer(models.Model):
    """The answer to one question, with the question as it was asked."""
    _name = 'key.account.feedback.answer'
    _description = "Answer of a Customer"
    _order = 'feedback_id, sequence, id'
    _rec_name = 'question'

    feedback_id = fields.Many2one('key.account.feedback', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='feedback_id.company_id', store=True, precompute=True)
    question_id = fields.Many2one('key.account.question', required=True, index=True, ondelete='restrict')
    question = fields.Char(compute='_compute_question', store=True, precompute=True, string="As Asked")
    sequence = fields.Integer(related='question_id.sequence', store=True, precompute=True)
    kind = fields.Selection(related='question_id.kind', store=True, precompute=True)
    area_id = fields.Many2one(related='question_id.area_id', store=True, precompute=True)
    score = fields.Selection(SCORES)
    expectation = fields.Selection(EXPECTATIONS, string="Compared with What Was Expected")
    text = fields.Text(string="In Their Words")

    @api.depends('question_id')
    def _compute_question(self):
        for answer in self:
            answer.question = answer.question_id.text

    @api.model_create_multi
    def create(self, vals_list):
        """A low score needs an answer of ours, see :meth:`KeyAccountFeedback._start_issues`."""
        answers = super().create(vals_list)
        answers.feedback_id._start_issues()
        return answers

    def write(self, vals):
        """See :meth:`create`."""
        result = super().write(vals)
        if 'score' in vals:
            self.feedback_id._start_issues()
        return result
