from odoo import api, fields, models


class KeyAccountReviewDecision(models.Model):
    """What was decided in a review, or is to be done after it by one of ours or theirs."""
    _name = 'key.account.review.decision'
    _description = "Decision or Action"
    _order = 'review_id desc, kind desc, deadline, id'

    review_id = fields.Many2one('key.account.review', required=True, index=True, ondelete='cascade')
    account_id = fields.Many2one(related='review_id.account_id', store=True, precompute=True, index=True)
    company_id = fields.Many2one(related='review_id.company_id', store=True, precompute=True)
    customer_id = fields.Many2one(related='account_id.partner_id', string="Customer")
    kind = fields.Selection(
        selection=[('decision', "Decision"), ('action', "Action")], default='action', required=True)
    name = fields.Char(string="What", required=True)
    user_id = fields.Many2one('res.users', string="Our Person", ondelete='set null', domain="[('share', '=', False)]")
    partner_id = fields.Many2one('res.partner', string="Their Person", ondelete='set null')
    deadline = fields.Date(string="Until")
    is_done = fields.Boolean(string="Done", copy=False)
    done_on = fields.Date(readonly=True, copy=False)
    activity_id = fields.Many2one(
        'mail.activity', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    promise_id = fields.Many2one(
        'key.account.promise', readonly=True, copy=False, index='btree_not_null', ondelete='set null')

    def _get_who(self):
        """:return: str, who is to do it; empty when nobody was named"""
        self.ensure_one()
        return self.user_id.sudo().name or self.partner_id.sudo().name or ''  # sudo: a name is for whoever reads the action

    @api.model_create_multi
    def create(self, vals_list):
        """Actions of ours become activities at once."""
        decisions = super().create(vals_list)
        decisions._plan_activities()
        return decisions

    def write(self, vals):
        """What is done is done in all places; what is changed is changed in the activity."""
        if 'is_done' in vals:
            vals = {'done_on': vals['is_done'] and fields.Date.context_today(self), **vals}
        result = super().write(vals)
        if vals.get('is_done'):
            self.activity_id.filtered('active').action_done()
        elif {'name', 'user_id', 'deadline', 'kind', 'is_done'} & vals.keys():
            self._plan_activities()
        if 'is_done' in vals:
            self._settle_promises()
        return result

    def unlink(self):
        """The activity of an action goes with it, unless it was done."""
        self.activity_id.filtered('active').unlink()
        return super().unlink()

    def _plan_activities(self):
        """Give each of our people the activity for what they have to do; nobody twice."""
        for action in self:
            wanted = action.kind == 'action' and action.user_id and not action.is_done
            activity = action.activity_id.filtered('active')
            if activity and not wanted:
                activity.unlink()
            elif activity:
                vals = action._prepare_activity()
                if any(activity[name] != value for name, value in (
                        ('summary', vals['summary']), ('date_deadline', vals['date_deadline']), ('user_id', action.user_id))):
                    activity.write(vals)
            elif wanted:
                action.activity_id = action.review_id.activity_schedule(
                    'mail.mail_activity_data_todo', automated=False, **action._prepare_activity())

    def _is_promise(self):
        """:return: whether somebody of the customer said in a review that is closed that they would do it"""
        return self.kind == 'action' and self.review_id.state == 'closed' and bool(self.partner_id) and (
            self.partner_id.commercial_partner_id == self.customer_id)

    def _make_promises(self):
        """What the customer's people are to do is what they promised us. Our promises are activities already."""
        for action in self:
            if action._is_promise() and not action.is_done:
                action.promise_id = self.env['key.account.promise'].create(action._prepare_promise())

    def _settle_promises(self):
        """What was done was promised and is kept; what is not done after all is promised still."""
        for action in self:
            # sudo: who may say that an action is done says that its promise is kept
            promise = action.promise_id.sudo()
            if action.is_done and promise.state in ('open', 'broken'):
                promise.action_keep()
            elif not action.is_done and promise.state in ('kept', 'kept_late'):
                promise.action_reopen()

    def _prepare_promise(self):
        review = self.review_id
        return {
            'name': self.name, 'account_id': review.account_id.id, 'review_id': review.id, 'direction': 'they',
            'contact_id': self.partner_id.id, 'user_id': review.user_id.id,
            'date_due': self.deadline or review.next_id.due_date or fields.Date.add(fields.Date.context_today(self), days=30)}

    def _prepare_activity(self):
        return {
            'summary': self.name, 'user_id': self.user_id.id,
            'date_deadline': self.deadline or fields.Date.context_today(self)}
