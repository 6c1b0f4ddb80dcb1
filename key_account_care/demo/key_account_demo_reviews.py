from datetime import datetime, time, timedelta
from itertools import cycle

from odoo import api, models
from odoo.fields import Command
from odoo.tools import plaintext2html

from .review_history import LATEST, TALKS


class KeyAccountDemo(models.AbstractModel):
    """Makes what happened in the reviews that the nights have opened: who came, what was said, what was decided."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_reviews(self, today):
        """All of the past with their minutes; of those that are due one planned, one missed, one held, one closed and shared.

        :param date today: day from which all days count back
        """
        demo = self.with_context(mail_activity_quick_update=True, key_account_meeting_moved=True)
        Review = demo.env['key.account.review']
        closed = Review.search([('state', '=', 'closed'), ('account_id', 'in', demo._get_accounts().ids)], order='date')
        for review, talk in zip(closed, cycle(TALKS)):
            demo._write_minutes(review, talk)
        for customer, decide in (
                ('aurora', demo._close_review), ('lindgren', demo._hold_review), ('alpenblick', demo._miss_review),
                ('nyhavn', demo._plan_review)):
            account = demo._get_accounts(customer)
            due = Review.search([('account_id', '=', account.id), ('state', '=', 'due')], order='due_date, id', limit=1)
            if due:
                decide(due, today)

    @api.model
    def _write_minutes(self, review, talk, deadline=False):
        """:param date deadline: until when what was agreed is to be done; empty: it was done two weeks later"""
        people = review._get_default_attendees()
        theirs = review._get_theirs(people) or review.partner_id.child_ids.filtered('function')[:1]
        review.write({
            'attendee_ids': [Command.set((people | theirs).ids)], 'present_ids': [Command.set((people | theirs).ids)],
            'minutes': plaintext2html(talk.minutes), 'rating': talk.rating, 'rating_note': talk.note,
            'decision_ids': self._prepare_decisions(review, talk, theirs, deadline)})

    @api.model
    def _prepare_decisions(self, review, talk, theirs, deadline):
        later = review.date.date() + timedelta(days=14)
        done = {'deadline': deadline or later, 'is_done': not deadline, 'done_on': not deadline and later}
        return [
            Command.create({'kind': 'decision', 'name': talk.decision}),
            Command.create({'name': talk.ours, 'user_id': review.user_id.id, **done}),
            Command.create({'name': talk.theirs, 'partner_id': theirs[:1].id, **done})]

    # ------------------------------------------------------------
    # Of those that are due
    # ------------------------------------------------------------

    @api.model
    def _get_hour(self, today, age):
        """:return: datetime, an hour of work about so many days before today"""
        hours = self._get_working_moments(today)
        return hours[self._get_place(hours, today, age)]

    @api.model
    def _hold_review(self, review, today, customer='lindgren', age=2):
        """Held, and still to be closed.

        :param str customer: whose review it is
        :param int age: days since then
        """
        review.write({'date': self._get_hour(today, age), 'attendee_ids': [Command.set(review._get_default_attendees().ids)]})
        review._fill_agenda()
        review.action_hold()
        self._write_minutes(review, LATEST[customer], deadline=today + timedelta(days=12))

    @api.model
    def _close_review(self, review, today):
        """Closed with its pack as it was sent, and shared in the portal."""
        self._hold_review(review, today, 'aurora', age=4)
        review._close(self.env['res.partner'], share=True, next_due=review._get_next_due())
        review.sent_to_ids = review.present_ids

    @api.model
    def _miss_review(self, review, today):
        """Nobody marked the meeting as held."""
        review.date = self._get_hour(today, 5)

    @api.model
    def _plan_review(self, review, today):
        people = review._get_default_attendees()
        start = datetime.combine(max(review.due_date, today + timedelta(days=1)), time(9))
        review._plan_meeting(start, people, review.duration, location="København")
