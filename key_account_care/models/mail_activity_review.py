from odoo import fields, models


class MailActivity(models.Model):
    """An activity that an action of a review has become. Once done, the action is done."""
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=False):
        actions = self.env['key.account.review.decision']
        if 'key.account.review' in self.mapped('res_model'):
            # sudo: who does an activity has done the action, whoever may change the review
            actions = actions.sudo().search([('activity_id', 'in', self.ids), ('is_done', '=', False)])
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if actions:
            actions.exists().write({'is_done': True, 'done_on': fields.Date.context_today(self)})
        return result
