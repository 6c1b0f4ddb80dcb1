from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from .key_account_review import OPEN

SILENT = {'no_mail_to_attendees': True, 'dont_notify': True, 'skip_attendee_notification': True}


class KeyAccountReview(models.Model):
    """The meeting of a review in the calendar: planned with both sides, and moved together."""
    _inherit = 'key.account.review'

    event_id = fields.Many2one(
        'calendar.event', string="Calendar Event", readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    location = fields.Char(copy=False)
    invited = fields.Boolean(
        readonly=True, copy=False, help="Attendees were invited by mail and hear of changes.")

    def action_plan(self):
        """Open the assistant that proposes times for the meeting."""
        self.ensure_one()
        self._check_open()
        return self.env['key.account.review.plan']._open(self)

    def action_open_event(self):
        """Open the meeting in the calendar."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'calendar.event', 'res_id': self.event_id.id,
            'views': [(False, 'form')]}

    def _check_open(self):
        if any(review.state not in OPEN for review in self):
            raise UserError(self.env._("This review was held or cancelled already. Reopen it to plan its meeting."))

    def _plan_meeting(self, start, attendees, duration, location=False, invite=False):
        """Put the meeting into the calendars of both sides, or move it there.

        :param datetime start: when it begins, in UTC
        :param res.partner attendees: who attends, of both sides
        :param float duration: in hours
        :param str location: where
        :param bool invite: send Odoo's invitation to those who have an email address
        :raise UserError: when nobody attends, or when the review was held already
        """
        self.ensure_one()
        self._check_open()
        if not attendees:
            raise UserError(self.env._("Choose who attends: a meeting needs people."))
        hear_first = invite and not self.invited  # the invitation tells the time, no need to tell of a change as well
        self.with_context(key_account_meeting_moved=True)._set_state(
            'planned', date=start, duration=duration, location=location, invited=invite,
            attendee_ids=[Command.set(attendees.ids)])
        event = self.event_id.exists()
        if event and event.active:
            event.with_context(**(SILENT if hear_first else {}))._follow_review(self)
            if hear_first and start > fields.Datetime.now():
                event.attendee_ids._send_invitation_emails()
        else:
            self.event_id = self.env['calendar.event'].with_context(
                **({} if invite else SILENT), skip_contact_description=True).create(self._prepare_event())
        if not self.topic_ids:
            self._fill_agenda()

    def _prepare_event(self):
        """:return: values of the meeting in the calendar; it takes over the activity that asked for it"""
        self.ensure_one()
        activities = self._get_meeting_activities()
        return {
            'name': self.name,
            'start': self.date,
            'stop': fields.Datetime.add(self.date, hours=self.duration),
            'duration': self.duration,
            'user_id': self.user_id.id,
            'partner_ids': [Command.set(self.attendee_ids.ids)],
            'location': self.location,
            'res_model_id': self.env['ir.model']._get_id(self._name),
            'res_model': self._name,
            'res_id': self.id,
            'activity_ids': [Command.link(activity.id) for activity in activities[:1]],
        }

    def _get_meeting_activities(self):
        return self.activity_ids.filtered(lambda activity: activity.activity_category == 'meeting')

    # ------------------------------------------------------------
    # Moved together
    # ------------------------------------------------------------

    def _move_meeting(self):
        """Bring the calendar in line with reviews that a person changed."""
        for review in self.with_context(key_account_meeting_moved=True):
            if review.state in OPEN and review.date:
                if review.state == 'due':
                    review._set_state('planned')
                review.event_id._follow_review(review)
            elif review.state == 'planned':
                review._remove_meeting()
                review._return_to_plan()

    def _follow_meeting(self):
        """Bring reviews in line with their meetings, which somebody changed in the calendar."""
        # sudo: who may move a meeting moves its review
        for review in self.sudo().with_context(key_account_meeting_moved=True).filtered(lambda each: each.state in OPEN):
            event = review.event_id
            if not event.active:
                if review.state == 'planned':
                    review._return_to_plan()
                continue
            duration = (event.stop - event.start).total_seconds() / 3600
            if (review.date, review.duration, review.attendee_ids) != (event.start, duration, event.partner_ids):
                review.write({
                    'date': event.start, 'duration': duration, 'attendee_ids': [Command.set(event.partner_ids.ids)]})
            if review.state == 'due' and event.start > fields.Datetime.now():
                review._set_state('planned')

    def _return_to_plan(self):
        """The meeting is gone: the review is to be planned again, and its responsible is asked to."""
        for review in self.with_context(key_account_meeting_moved=True):
            review._set_state('due', date=False, by_schedule=False, activity_given=True)
            activities = review._get_meeting_activities()
            activities.calendar_event_id = False  # else they are deleted with the meeting
            if not activities and review.user_id.active:
                review.activity_schedule(
                    activity_type_id=review._get_meeting_type().id, user_id=review.user_id.id, date_deadline=review.due_date,
                    summary=review.with_context(lang=review.user_id.lang)._get_plan_summary())

    def _remove_meeting(self):
        """Take the meeting out of the calendar; its activity is not lost by that. Who was invited is told."""
        self._get_meeting_activities().calendar_event_id = False
        for review in self.filtered('invited'):
            review._tell_cancelled()
        self.with_context(key_account_meeting_moved=True).invited = False
        self.event_id.with_context(**SILENT).unlink()

    def _tell_cancelled(self):
        """Send Odoo's mail about a cancelled event to all others who had been invited, each in their language.

        It is of the account, for it would go with the meeting before a mail server has taken it.
        """
        self.ensure_one()
        event = self.event_id.filtered(lambda event: event.active and event.start > fields.Datetime.now())
        template = self.env.ref('calendar.calendar_template_delete_event', raise_if_not_found=False)
        if not event or not template:
            return
        people_told = (event.partner_ids - self.env.user.partner_id).filtered('email')
        for lang, people in people_told.grouped('lang').items():
            texts = {
                name: template._render_field(name, event.ids, set_lang=lang or self.partner_id.lang)[event.id]
                for name in ('subject', 'body_html')}
            self.account_id.message_notify(
                partner_ids=people.ids, subject=texts['subject'], body=texts['body_html'], force_send=False,
                email_layout_xmlid='mail.mail_notification_light')

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def action_cancel(self):
        """There is no such meeting this time; the next one is scheduled from the day on which this one was due."""
        self._check_open()
        for review in self:
            review.with_context(key_account_meeting_moved=True)._set_state('cancelled')
            review._remove_meeting()
            review._get_meeting_activities().unlink()

    def action_reopen(self):
        """Go back: a review that was cancelled or marked as held by mistake is open again.

        :raise UserError: when there is another open one instead of one that was cancelled
        """
        for review in self.filtered(lambda each: each.state in ('held', 'cancelled')):
            if review.state == 'cancelled':
                review._check_no_other()
            planned = review.date and review.event_id
            review._set_state(
                'planned' if planned else 'due', by_schedule=False, cancel_reason=False,
                activity_given=bool(planned or review._get_meeting_activities()))  # else the night asks again

    def _check_no_other(self):
        # sudo: one that the user does not serve is in the way, too
        other = self.sudo().search([
            ('id', '!=', self.id), ('account_id', '=', self.account_id.id), ('type_id', '=', self.type_id.id),
            ('state', 'in', (*OPEN, 'held'))], limit=1)
        if other:
            raise UserError(self.env._(
                "There is an open review “%(review)s” already, due on %(date)s. Plan that one, or cancel it first.",
                review=other.name, date=format_date(self.env, other.due_date)))

    def unlink(self):
        """The meeting of a review that is deleted goes with it, unless it was held."""
        self.filtered(lambda review: review.state in OPEN)._remove_meeting()
        return super().unlink()
