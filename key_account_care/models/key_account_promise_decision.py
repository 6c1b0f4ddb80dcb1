from odoo import fields, models


class KeyAccountPromise(models.Model):
    """A promise that was an action of a review: once it is kept, the action is done."""
    _inherit = 'key.account.promise'

    decision_ids = fields.One2many('key.account.review.decision', 'promise_id', string="Actions", readonly=True)

    def write(self, vals):
        """Actions of reviews follow what becomes of their promises."""
        result = super().write(vals)
        if {'state', 'done_on', 'replaced_by_id'} & vals.keys():
            self._follow_promises()
        return result

    def _follow_promises(self):
        # sudo: who may settle a promise has done the action, whoever may change the review
        for action in self.sudo().decision_ids:
            promise = action.promise_id
            done = promise.state in ('kept', 'kept_late')
            if (action.is_done, action.done_on) != (done, promise.done_on if done else False):
                action.write({'is_done': done, 'done_on': done and promise.done_on})
            if promise.replaced_by_id:
                action.promise_id = promise.replaced_by_id
