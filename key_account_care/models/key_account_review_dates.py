from odoo import api, fields, models


class KeyAccount(models.Model):
    """The reviews of an account: when the next one is, and whether it is late."""
    _inherit = 'key.account'

    review_ids = fields.One2many('key.account.review', 'account_id', string="Reviews")
    objective_ids = fields.One2many('key.account.objective', 'account_id', string="Objectives")
    review_count = fields.Integer(compute='_compute_review_dates')
    review_next = fields.Date(string="Next Review", compute='_compute_review_dates')
    review_overdue = fields.Boolean(compute='_compute_review_dates', search='_search_review_overdue')

    @api.depends('review_ids.state', 'review_ids.date', 'review_ids.due_date')
    def _compute_review_dates(self):
        """The earliest open review: its meeting, or the day on which it is due while none is planned."""
        groups = self.env['key.account.review']._read_group(
            [('account_id', 'in', self.ids), ('state', '!=', 'cancelled')], ['account_id', 'state'],
            ['__count', 'date:min', 'due_date:min'])
        found = {}
        for account, state, count, date, due in groups:
            found.setdefault(account.id, {})[state] = (count, date, due)
        overdue = set(self.env['key.account.review'].search([
            ('account_id', 'in', self.ids), ('is_overdue', '=', True)]).account_id.ids)
        for account in self:
            states = found.get(account._origin.id, {})
            days = [states['due'][2]] if 'due' in states else []
            if states.get('planned', (0, False))[1]:
                days.append(fields.Datetime.context_timestamp(self, states['planned'][1]).date())
            account.review_next = min(days, default=False)
            account.review_overdue = account._origin.id in overdue
            account.review_count = sum(state[0] for state in states.values())

    @api.model
    def _search_review_overdue(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('review_ids', 'any' if True in value else 'not any', [('is_overdue', '=', True)])]

    def action_open_reviews(self):
        """Open the reviews of this account."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_review'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }

    def action_open_objectives(self):
        """Open the objectives of this account."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_objective'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }

    def action_plan_review(self):
        """Plan the review that is open, the earliest first; without one begin another one."""
        self.ensure_one()
        review = self.env['key.account.review'].search([
            ('account_id', '=', self.id), ('state', '=', 'due')], order='due_date', limit=1)
        if review:
            return review.action_plan()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New Review"), 'res_model': 'key.account.review',
            'views': [(False, 'form')], 'context': {'default_account_id': self.id}}

    # ------------------------------------------------------------
    # Passed on
    # ------------------------------------------------------------

    def _pass_on_work(self, user):
        """Reviews that are still to come go to the new manager, too."""
        previous = {account.id: account._get_predecessor() for account in self}
        result = super()._pass_on_work(user)
        reviews = self.env['key.account.review'].search([
            ('account_id', 'in', self.ids), ('state', 'in', ('due', 'planned', 'held'))]).filtered(
            lambda review: review.user_id == previous[review.account_id.id])
        reviews.user_id = user
        reviews.activity_ids.filtered(
            lambda activity: activity.user_id in previous.values()
        ).with_context(mail_activity_quick_update=True).user_id = user
        return result

    def _absorb(self, others):
        """Reviews and objectives of merged customers go to the account that stays."""
        reviews = self.env['key.account.review'].search([('account_id', 'in', others.ids)])
        reviews.filtered('by_schedule').by_schedule = False
        reviews.account_id = self
        self.env['key.account.objective'].search([('account_id', 'in', others.ids)]).account_id = self
        return super()._absorb(others)
