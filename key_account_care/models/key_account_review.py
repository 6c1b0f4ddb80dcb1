from odoo import api, fields, models
from odoo.exceptions import UserError

OPEN = ('due', 'planned')


class KeyAccountReview(models.Model):
    """A formal meeting with a customer about a period: what was delivered, what was promised, and what comes next."""
    _name = 'key.account.review'
    _description = "Review"
    _inherit = ['key.account.portal.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date desc, due_date, id desc'
    _check_company_auto = True

    name = fields.Char(compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, precompute=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    tier_id = fields.Many2one(
        'key.account.tier', readonly=True, copy=False, ondelete='set null', help="At the time of the review.")
    type_id = fields.Many2one(
        'key.account.review.type', required=True, index=True, ondelete='restrict', check_company=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", compute='_compute_user_id', store=True, precompute=True, readonly=False,
        check_company=True, tracking=True, domain="[('share', '=', False)]")
    state = fields.Selection(
        selection=[
            ('due', "To Plan"),
            ('planned', "Planned"),
            ('held', "Held"),
            ('closed', "Closed"),
            ('cancelled', "Cancelled"),
        ], default='due', required=True, readonly=True, copy=False, tracking=True, group_expand=True)
    due_date = fields.Date(string="Due", required=True, default=fields.Date.context_today, copy=False)
    date = fields.Datetime(string="Meeting", copy=False, tracking=True)
    duration = fields.Float(
        string="Hours", compute='_compute_duration', store=True, precompute=True, readonly=False, aggregator=None)
    period_start = fields.Date(
        string="Period from", compute='_compute_period', store=True, precompute=True, readonly=False,
        help="First day of what the review is about.")
    period_end = fields.Date(
        string="Period until", compute='_compute_period', store=True, precompute=True, readonly=False,
        help="Last day of what the review is about.")
    is_overdue = fields.Boolean(compute='_compute_is_overdue', search='_search_is_overdue')
    on_time = fields.Float(
        string="Held on Time", compute='_compute_on_time', store=True, aggregator='avg',
        help="1 when it was held by the day on which it was due.")

    attendee_ids = fields.Many2many(
        'res.partner', 'key_account_review_attendee_rel', 'review_id', 'partner_id',
        compute='_compute_attendee_ids', store=True, readonly=False, copy=False)
    attendee_note = fields.Text(compute='_compute_attendee_note')
    present_ids = fields.Many2many(
        'res.partner', 'key_account_review_present_rel', 'review_id', 'partner_id', copy=False)
    topic_ids = fields.One2many('key.account.review.topic', 'review_id', string="Agenda")
    minutes = fields.Html(copy=False)
    decision_ids = fields.One2many('key.account.review.decision', 'review_id', string="Decisions and Actions")
    rating = fields.Selection(
        selection=[('0', "Not rated"), ('1', "Waste of time"), ('2', "Weak"), ('3', "Fair"), ('4', "Good"), ('5', "Excellent")],
        default='0', copy=False, help="How good the meeting was for both sides.")
    rating_note = fields.Char(string="Why this Rating", copy=False)

    _scheduled_once = models.UniqueIndex(
        "(account_id, type_id) WHERE state = 'due' AND by_schedule IS TRUE", "This review is scheduled already.")
    _open = models.Index("(company_id, account_id, type_id) WHERE state IN ('due', 'planned', 'held')")
    _open_of_user = models.Index("(user_id, company_id) WHERE state IN ('due', 'planned', 'held')")

    @api.depends('type_id', 'account_id')
    def _compute_name(self):
        for review in self:
            review.name = ", ".join(filter(None, (review.type_id.name, review.account_id.display_name)))

    @api.depends('account_id')
    def _compute_user_id(self):
        for review in self:
            review.user_id = review.account_id.user_id or self.env.user

    @api.depends('type_id')
    def _compute_duration(self):
        for review in self:
            review.duration = review.type_id.duration or 1.0

    @api.depends('type_id', 'account_id', 'due_date')
    def _compute_period(self):
        for review in self:
            months = review.type_id._get_months(review.account_id.tier_id) if review.type_id else 0
            due = review.due_date or fields.Date.context_today(review)
            review.period_start = fields.Date.subtract(due, months=months or 12)
            review.period_end = fields.Date.subtract(due, days=1)

    @api.depends('state', 'due_date', 'date')
    def _compute_is_overdue(self):
        today, now = fields.Date.context_today(self), fields.Datetime.now()
        for review in self:
            review.is_overdue = review.state == 'due' and (
                bool(review.due_date) and review.due_date < today or bool(review.date) and review.date < now)

    @api.model
    def _search_is_overdue(self, operator, value):
        """To plan, and the day is over on which it was due or on which it was to be held."""
        if operator != 'in':
            return NotImplemented
        overdue = [
            ('state', '=', 'due'), '|', ('due_date', '<', fields.Date.context_today(self)),
            ('date', '<', fields.Datetime.now())]
        return overdue if True in value else ['!', '&', *overdue]

    @api.depends('state', 'due_date', 'date')
    def _compute_on_time(self):
        for review in self:
            held = review.state in ('held', 'closed') and review.date
            review.on_time = bool(held and review._get_day() <= review.due_date)

    def _get_day(self):
        """:return: the day of the meeting where the company is; of none, the day on which it is due"""
        self.ensure_one()
        if not self.date:
            return self.due_date
        return self.env['key.account.agreement']._get_day(self.company_id, self.date)

    # ------------------------------------------------------------
    # Who attends
    # ------------------------------------------------------------

    @api.depends('type_id', 'account_id')
    def _compute_attendee_ids(self):
        for review in self:
            review.attendee_ids = review._get_default_attendees()

    def _get_default_attendees(self):
        """:return: res.partner of both sides who have to attend by what the type asks for"""
        self.ensure_one()
        theirs = self.account_id._get_people().get(self.account_id, self.env['res.partner'])
        return self._get_ours() | theirs.filtered(
            lambda person: person.key_account_role_ids & self.type_id.role_ids and not person.key_account_is_placeholder)

    def _get_ours(self):
        """:return: res.partner of ours who have to attend by their part in the account"""
        account, kind = self.account_id, self.type_id
        users = self.user_id
        users |= account.user_id if kind.with_manager else users
        users |= account.sponsor_id if kind.with_sponsor else users
        users |= account.member_ids if kind.with_team else users
        return users.filtered('active').partner_id

    def _get_theirs(self, people=None):
        """:return: res.partner of the customer among these people, by default among the attendees"""
        people = (self.attendee_ids if people is None else people)._origin
        return people.filtered(lambda person: person.commercial_partner_id == self.account_id.partner_id._origin)

    @api.depends(
        'attendee_ids.email', 'attendee_ids.key_account_role_ids', 'type_id.role_ids', 'type_id.with_sponsor',
        'account_id.sponsor_id')
    def _compute_attendee_note(self):
        for review in self:
            review.attendee_note = "\n".join(review._get_attendee_gaps(review.attendee_ids))

    def _get_attendee_gaps(self, attendees):
        """:return: list of sentences: who is missing among these people, and who of them cannot be written to"""
        gaps, theirs = [], self._get_theirs(attendees)
        missing = self.type_id.role_ids._origin - theirs.key_account_role_ids
        if self.account_id and not theirs:
            gaps.append(self.env._("Nobody of the customer is among the attendees."))
        if missing:
            gaps.append(self.env._("Nobody attends who is %(roles)s.", roles=", ".join(missing.mapped('name'))))
        if self.type_id.with_sponsor and self.account_id and not self.account_id.sponsor_id:
            gaps.append(self.env._("The account has no executive sponsor who could attend."))
        without = attendees.filtered(lambda person: not person.email)
        if without:
            gaps.append(self.env._(
                "No email address: %(people)s. They get neither invitation nor minutes.",
                people=", ".join(without.mapped('name'))))
        return gaps

    # ------------------------------------------------------------
    # Create, write
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A review that is created with its day is planned already."""
        reviews = super().create(vals_list)
        for review in reviews:
            review.tier_id = review.account_id.tier_id
            if review.date and review.state == 'due':
                review._set_state('planned')
        return reviews

    def write(self, vals):
        """Who moves a review moves its meeting in the calendar."""
        if vals.get('state') and not self.env.su and not self.env.context.get('key_account_review_step'):
            raise UserError(self.env._("Use the buttons of the review: they do what belongs to each step."))
        result = super().write(vals)
        if {'date', 'duration', 'attendee_ids'} & vals.keys() and not self.env.context.get('key_account_meeting_moved'):
            self._move_meeting()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_open(self):
        if any(review.state == 'closed' for review in self):
            raise UserError(self.env._("What was agreed in a closed review stays. Only reviews that are not closed are deleted."))

    def _set_state(self, state, **vals):
        self.with_context(key_account_review_step=True).write({'state': state, **vals})
