from odoo import api, fields, models
from odoo.fields import Domain


class KeyAccount(models.Model):
    """The customer's voice: what its people told us, whom we ask, and what waits for an answer of ours."""
    _inherit = 'key.account'

    feedback_ids = fields.One2many('key.account.feedback', 'account_id')
    feedback_average = fields.Float(
        string="Satisfaction", compute='_compute_feedback', digits=(16, 1), help="Average score of 12 months.")
    feedback_scores = fields.Integer(string="Scores (12 Months)", compute='_compute_feedback')
    feedback_open = fields.Integer(string="Waiting for Our Answer", compute='_compute_feedback')
    invitation_count = fields.Integer(string="People to Ask", compute='_compute_invitation_count')

    @api.depends('feedback_ids.score', 'feedback_ids.date', 'feedback_ids.state')
    def _compute_feedback(self):
        """Scores of whole interviews, without those of single questions."""
        since = fields.Date.subtract(fields.Date.context_today(self), years=1)
        scores = {account: values for account, *values in self.env['key.account.feedback.report']._read_group([
            ('account_id', 'in', self.ids), ('question_id', '=', False), ('score_count', '=', 1), ('date', '>', since),
        ], ['account_id'], ['score:avg', 'score_count:sum'])}
        waiting = dict(self.env['key.account.feedback']._read_group(
            self._get_unanswered_domain(), ['account_id'], ['__count']))
        for account in self:
            account.feedback_average, account.feedback_scores = scores.get(account, (0.0, 0))
            account.feedback_open = waiting.get(account, 0)

    def _compute_invitation_count(self):
        counts = dict(self.env['key.account.feedback.invitation']._read_group(
            [('account_id', 'in', self.ids), ('state', '=', 'proposed')], ['account_id'], ['__count']))
        for account in self:
            account.invitation_count = counts.get(account, 0)

    def _get_unanswered_domain(self):
        """:return: domain of the feedback of these accounts that waits for an answer of ours"""
        return Domain('account_id', 'in', self.ids) & Domain('state', 'in', ['new', 'in_work'])

    def _get_unanswered_feedback(self):
        """:return: key.account.feedback that waits for an answer of ours, what is due first in front"""
        return self.env['key.account.feedback'].search(self._get_unanswered_domain(), order='answer_due, id')

    def action_open_feedback(self):
        """Open what this customer told us."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_feedback'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }

    def action_open_invitations(self):
        """Open whom to ask at this customer, and who was asked."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_feedback_invitation'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }

    def _absorb(self, others):
        """Take over what the customer told us under the others, and whom we asked."""
        for name in ('key.account.feedback', 'key.account.feedback.invitation'):
            self.env[name].search([('account_id', 'in', others.ids)]).account_id = self
        return super()._absorb(others)
