from odoo import api, fields, models


class KeyAccount(models.Model):
    """The promises of an account: which are open, and how many were kept."""
    _inherit = 'key.account'

    promise_ids = fields.One2many('key.account.promise', 'account_id', string="Promises")
    open_promise_ids = fields.One2many(
        'key.account.promise', 'account_id', string="Open Promises", domain=[('state', '=', 'open')])
    promise_kept = fields.Float(
        string="Promises Kept", compute='_compute_promises',
        help="Share of what was due in 12 months, on both sides, and kept in time.")
    promise_count = fields.Integer(string="Promises Due", compute='_compute_promises', help="In 12 months.")

    @api.depends('promise_ids.state', 'promise_ids.date_due', 'promise_ids.done_on')
    def _compute_promises(self):
        groups = self.env['key.account.promise.ledger']._read_group(
            [('account_id', 'in', self.ids), *self._get_promise_period()], ['account_id'], ['kept:avg', '__count'])
        figures = {account.id: values for account, *values in groups}
        for account in self:
            account.promise_kept, account.promise_count = figures.get(account._origin.id, (0.0, 0))

    @api.model
    def _get_promise_period(self):
        """:return: domain of the rows of the ledger that count today"""
        today = fields.Date.context_today(self)
        return [('date_due', '>', fields.Date.subtract(today, years=1)), ('counts', '=', True)]

    def action_new_promise(self):
        """Open a new promise to or of this customer."""
        return self.env['key.account.promise']._get_new_action(self)

    def action_open_promises(self):
        """Open what the share of kept promises is made of."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_promise_ledger'),
            'views': [(False, kind) for kind in ('list', 'kanban', 'pivot', 'graph')],
            'domain': [('account_id', '=', self.id)],
            'context': {'search_default_filter_counts': 1, 'search_default_filter_year': 1},
        }

    # ------------------------------------------------------------
    # Handover, merge
    # ------------------------------------------------------------

    def _pass_on_work(self, user):
        """Open promises, and the questions about them, are work that goes along."""
        previous = {account: account._get_predecessor() for account in self}
        promises = self.open_promise_ids.filtered(lambda promise: promise.user_id == previous[promise.account_id])
        activities = promises.activity_ids.filtered(
            lambda activity: activity.user_id == previous[promises.browse(activity.res_id).account_id])
        result = super()._pass_on_work(user)
        promises.user_id = user
        activities.with_context(mail_activity_quick_update=True).user_id = user  # one message about it is enough
        return result

    def _get_handover_pack(self):
        return {**super()._get_handover_pack(), 'promises': self.open_promise_ids}

    def _absorb(self, others):
        """The promises of customers that become one stay, whatever becomes of the other accounts."""
        others.promise_ids.account_id = self
        return super()._absorb(others)
