from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

PROPOSALS = 6
SEARCHED_DAYS = 45  # from the first day on which the meeting may be
STEP = timedelta(minutes=30)  # meetings begin at the full or half hour


class KeyAccountReviewPlan(models.TransientModel):
    """Plans the meeting of a review: who, how long, and when all of ours are free."""
    _name = 'key.account.review.plan'
    _description = "Plan a Meeting"

    review_id = fields.Many2one('key.account.review', required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(related='review_id.partner_id')
    attendee_ids = fields.Many2many('res.partner', 'key_account_review_plan_attendee_rel', string="Attendees")
    attendee_note = fields.Text(compute='_compute_attendee_note')
    duration = fields.Float(string="Hours", required=True)
    first_day = fields.Date(string="Not before", required=True)
    slot_ids = fields.One2many('key.account.review.slot', 'plan_id')
    slot_id = fields.Many2one(
        'key.account.review.slot', string="Free for All of Ours", domain="[('plan_id', '=', id)]", ondelete='set null')
    start = fields.Datetime(string="Begins", compute='_compute_start', store=True, readonly=False)
    start_note = fields.Text(compute='_compute_start_note')
    location = fields.Char()
    invite = fields.Boolean(
        string="Send Invitations", help="By mail, to all who attend and have an email address. Else nobody is written to.")

    _duration_positive = models.Constraint('CHECK (duration > 0)', "A meeting takes some time.")

    @api.model
    def _open(self, review):
        """:return: action that opens the assistant for a review, with proposals"""
        today = fields.Date.context_today(self)
        moved = review.date and review.date > fields.Datetime.now()
        plan = self.create({
            'review_id': review.id,
            'attendee_ids': [Command.set((review.attendee_ids or review._get_default_attendees()).ids)],
            'duration': review.duration or 1.0,
            'first_day': max(fields.Date.add(today, days=1), fields.Date.subtract(review.due_date, days=14)),
            'location': review.location,
            'invite': review.invited,
        })
        plan._propose()
        if moved:
            plan.write({'slot_id': False, 'start': review.date})
        return plan._reopen()

    def _reopen(self):
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_review_plan'),
            'res_id': self.id,
        }

    @api.depends('slot_id')
    def _compute_start(self):
        for plan in self:
            plan.start = plan.slot_id.start or plan.start

    @api.depends('attendee_ids')
    def _compute_attendee_note(self):
        for plan in self:
            plan.attendee_note = "\n".join(plan.review_id._get_attendee_gaps(plan.attendee_ids._origin))

    @api.depends('start', 'duration', 'attendee_ids', 'slot_ids')
    def _compute_start_note(self):
        for plan in self:
            plan.start_note = "\n".join(plan._get_start_problems())

    def _get_start_problems(self):
        """:return: list of sentences on what speaks against the chosen time"""
        if not self.start:
            return [] if self.slot_ids else [self.env._(
                "No time is free for all of ours within %(days)s days. Choose one yourself, or fewer people.",
                days=SEARCHED_DAYS)]
        problems, stop = [], self.start + timedelta(hours=self.duration)
        if self.start < fields.Datetime.now():
            problems.append(self.env._("This time is past: the meeting is noted, and nobody is invited."))
        busy = self._get_busy(self.start, stop)
        people = self.attendee_ids._origin.filtered(lambda person: any(who == person.id for __, __, who in busy))
        if people:
            problems.append(self.env._("Not free at that time: %(people)s.", people=", ".join(people.mapped('name'))))
        return problems

    # ------------------------------------------------------------
    # When everybody is free
    # ------------------------------------------------------------

    def action_propose(self):
        """Look for free times again, for these people and this time."""
        self.ensure_one()
        self._propose()
        return self._reopen()

    def _propose(self):
        self.slot_ids.unlink()
        self.slot_ids = [Command.create({'start': start}) for start in self._find_free()]
        self.write({'slot_id': self.slot_ids[:1].id, 'start': self.slot_ids[:1].start})

    def _find_free(self):
        """:return: list of datetimes in UTC: times within working hours at which nobody of ours is busy, one per half day"""
        company = self.review_id.company_id
        first = max(self.first_day, self.env['key.account.agreement']._get_day(company))
        start, end = self.env['key.account.agreement']._get_day_bounds(
            company, first, fields.Date.add(first, days=SEARCHED_DAYS))
        start, length = max(start, fields.Datetime.now()), timedelta(hours=self.duration)
        busy = self._get_busy(start, end)
        found, halves = [], set()
        for opens, closes in self._get_working_hours(start, end):
            free = self._first_free(opens, closes, length, busy)
            half = free and (free.date(), free.hour < 12)
            if free and half not in halves:
                found.append(free)
                halves.add(half)
            if len(found) == PROPOSALS:
                break
        return found

    def _first_free(self, opens, closes, length, busy):
        """:return: datetime of the first full or half hour from which all are free for the whole meeting; None for none"""
        begin = opens + (opens.min - opens) % STEP
        while begin + length <= closes:
            stop = max((stop for start, stop, __ in busy if start < begin + length and stop > begin), default=None)
            if stop is None:
                return begin
            begin = stop + (stop.min - stop) % STEP
        return None

    def _get_working_hours(self, start, end):
        """:return: list of (start, stop) in UTC at which the company works; what touches is one"""
        company = self.review_id.company_id
        calendar = company.resource_calendar_id
        if not calendar:
            zone = pytz.timezone(company.partner_id.tz or 'UTC')
            days = (fields.Date.add(start.date(), days=day) for day in range((end - start).days + 1))
            spans = [tuple(
                zone.localize(fields.Datetime.to_datetime(day) + timedelta(hours=hour)).astimezone(pytz.utc)
                for hour in (9, 17)) for day in days if day.weekday() < 5]
        else:
            spans = [(opens, closes) for opens, closes, __ in calendar._work_intervals_batch(
                pytz.utc.localize(start), pytz.utc.localize(end))[False]]
        naive = [tuple(moment.astimezone(pytz.utc).replace(tzinfo=None) for moment in span) for span in spans]
        return [(max(opens, start), closes) for opens, closes in naive if closes > start]

    def _get_busy(self, start, end):
        """:return: sorted list of (start, stop, id of partner): when which of ours is in another meeting or away"""
        ours = self.attendee_ids._origin.filtered(lambda person: person.user_ids.filtered(lambda user: not user.share))
        # sudo: only when colleagues are busy, as their calendars tell everybody; not with what
        events = self.env['calendar.event'].sudo().search([
            ('partner_ids', 'in', ours.ids), ('show_as', '=', 'busy'), ('start', '<', end), ('stop', '>', start),
            ('id', '!=', self.review_id.event_id.id)])
        busy = [
            (event.start, event.stop, attendee.partner_id.id) for event in events for attendee in event.attendee_ids
            if attendee.state != 'declined' and attendee.partner_id in ours]
        busy += [
            (user.out_of_office_from, user.out_of_office_to or end, user.partner_id.id) for user in ours.user_ids
            if user.out_of_office_from and user.out_of_office_from < end and (user.out_of_office_to or end) > start]
        return sorted(busy)

    # ------------------------------------------------------------
    # Plan
    # ------------------------------------------------------------

    def action_plan(self):
        """Put the meeting into the calendars.

        :raise UserError: when the time is missing
        """
        self.ensure_one()
        if not self.start:
            raise UserError(self.env._("Choose when the meeting begins."))
        past = self.start < fields.Datetime.now()
        self.review_id._plan_meeting(
            self.start, self.attendee_ids, self.duration, self.location, invite=self.invite and not past)
        return {
            'type': 'ir.actions.act_window', 'res_model': 'key.account.review', 'res_id': self.review_id.id,
            'views': [(False, 'form')]}
