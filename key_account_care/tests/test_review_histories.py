from collections import Counter
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import TODAY, KeyAccountCommon
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .review_recount import AHEAD, OPEN, Diary

SINCE = date(2025, 4, 5)
STEPS = (
    'wait', 'wait', 'wait', 'plan', 'plan', 'move', 'move_review', 'cancel', 'delete_event', 'remove', 'hold', 'hold', 'close',
    'close', 'reopen')
CANCELLED_AND_REOPENED = (
    ('cancel', 0, 0), ('reopen', 0, 0), ('wait', 0, 1), ('plan', 0, 3), ('cancel', 0, 0), ('wait', 0, 20), ('wait', 0, 20),
    ('reopen', 0, 0), ('cancel', 1, 0), ('cancel', 0, 0), ('reopen', 0, 0), ('wait', 0, 2))
MISSED_AND_MOVED = (
    ('plan', 0, 3), ('wait', 0, 6), ('move', 0, 4), ('wait', 0, 9), ('hold', 0, 0), ('delete_event', 0, 0), ('close', 0, 0),
    ('wait', 0, 20), ('wait', 0, 20))
HELD_AND_REOPENED = (
    ('plan', 1, -2), ('hold', 1, 0), ('reopen', 1, 0), ('delete_event', 1, 0), ('plan', 1, 0), ('hold', 1, 0), ('wait', 0, 18),
    ('close', 1, 0), ('cancel', 1, 0), ('wait', 0, 18), ('remove', 1, 0), ('wait', 0, 1))


@needs_hypothesis
@tagged('post_install', '-at_install')
class TestReviewHistories(KeyAccountCommon):
    """Whatever people do with reviews and their meetings, in any order and over months: they equal a recount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = 'UTC'
        Type = cls.env['key.account.review.type']
        Type.search([]).active = False
        tier, = cls.set_tiers({'name': "Key", 'review_months': 3})
        accounts = cls.env['key.account'].create([
            {'partner_id': cls.create_customer(name).id, 'user_id': cls.salesperson.id} for name in ("Anchor", "Buoy")])
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "UPDATE key_account SET tier_id = %s, tier_since = %s WHERE id IN %s", tier.id, SINCE, tuple(accounts.ids)))
        cls.env.invalidate_all()
        types = Type.create([
            {'name': "Business review", 'company_id': cls.company.id},
            {'name': "Talk", 'company_id': cls.company.id, 'cadence': 'own', 'months': 1}])
        cls.months = {(account, kind): months for account in accounts for kind, months in zip(types, (3, 1))}
        cls.Review = cls.env['key.account.review'].with_user(cls.salesperson)

    def test_histories(self):
        step = strategies.tuples(
            strategies.sampled_from(STEPS), strategies.integers(0, 5), strategies.integers(-3, 20))
        run_examples(
            self.play, strategies.lists(step, min_size=6, max_size=14), max_examples=8, shrink=False,
            known=[(MISSED_AND_MOVED,), (HELD_AND_REOPENED,), (CANCELLED_AND_REOPENED,)])

    def play(self, history):
        """Do all steps of a history in a world of its own, and recount after each and after each night."""
        with self.env.cr.savepoint() as world, freeze_time(self.at(TODAY, 7)) as self.clock:
            self.now, self.diary, self.records = TODAY, Diary(self.months, SINCE), {}
            self.live_night()
            for step, which, days in history:
                getattr(self, f'do_{step}')(which, days)
                self.check(f"{step}({which}, {days}) on {self.now}")
            world.rollback()
        self.env.invalidate_all()

    @staticmethod
    def at(day, hour=9):
        return datetime.combine(day, time(hour))

    def live_night(self):
        """The nightly run, twice: that changes nothing."""
        self.diary.live_night(self.now)
        for __ in range(2):
            self.env.flush_all()
            self.env['key.account.review']._refresh_reviews(self.company, self.now, self.env['key.account'])
            self.env.invalidate_all()
        self.find_new()
        self.check(f"the night before {self.now}")
        for meeting in self.diary.meetings:
            if meeting.state == 'due' and meeting.due <= self.now + timedelta(days=AHEAD):
                self.assertEqual(len(self.records[meeting].activity_ids), 1, f"somebody is asked to plan on {self.now}")

    def find_new(self):
        """Reviews that the diary knows and that we have not seen yet."""
        known = self.Review.union(*self.records.values())
        found = self.Review.search([('account_id', 'in', [account.id for account, __ in self.months])]) - known
        new = [meeting for meeting in self.diary.meetings if meeting not in self.records]
        by_key = {(review.account_id, review.type_id): review for review in found}
        self.assertEqual(Counter(by_key), Counter({meeting.key: by_key.get(meeting.key) for meeting in new}), self.now)
        self.assertEqual(len(found), len(new))
        self.records.update({meeting: by_key[meeting.key] for meeting in new})

    # ------------------------------------------------------------
    # What people do: in Odoo, and in the log
    # ------------------------------------------------------------

    def do_wait(self, which, days):
        self.now += timedelta(days=max(2 * days, 1))
        self.clock.move_to(self.at(self.now, 7))
        self.env.invalidate_all()
        self.live_night()

    def do_plan(self, which, days):
        meeting, review = self.pick(which, *OPEN)
        if meeting:
            day = self.now + timedelta(days=days)
            meeting.plan(day)
            review._plan_meeting(self.at(day), self.salesperson.partner_id, 1.0)

    def do_move(self, which, days):
        """Move the meeting in the calendar."""
        meeting, review = self.pick(which, *OPEN, 'held')
        if meeting and meeting.has_event:
            day = self.now + timedelta(days=days)
            meeting.move(day, self.now)
            review.event_id.write({'start': self.at(day), 'stop': self.at(day, 10)})

    def do_move_review(self, which, days):
        meeting, review = self.pick(which, *OPEN)
        if meeting:
            meeting.state, meeting.day = 'planned', self.now + timedelta(days=days)
            review.date = self.at(meeting.day)

    def do_cancel(self, which, days):
        meeting, review = self.pick(which, *OPEN)
        if meeting:
            meeting.state, meeting.has_event = 'cancelled', False
            review.action_cancel()

    def do_delete_event(self, which, days):
        meeting, review = self.pick(which, *OPEN, 'held', 'closed')
        if meeting and meeting.has_event:
            meeting.lose_event()
            review.event_id.unlink()

    def do_remove(self, which, days):
        """Delete the review; what is closed stays."""
        meeting, review = self.pick(which, *OPEN, 'closed')
        if meeting and meeting.state == 'closed':
            with self.assertRaises(UserError):
                review.sudo().unlink()
        elif meeting:
            self.diary.meetings.remove(meeting)
            self.records.pop(meeting).sudo().unlink()

    def do_hold(self, which, days):
        meeting, review = self.pick(which, *OPEN)
        if meeting and meeting.day and meeting.day <= self.now:
            meeting.state = 'held'
            review.action_hold()
        elif meeting:
            with self.assertRaises(UserError):
                review.action_hold()

    def do_close(self, which, days):
        meeting, review = self.pick(which, 'held')
        if meeting:
            self.diary.close(meeting, self.now)
            with patch.object(self.registry['key.account.review'], '_freeze_pack'):  # packs are tested elsewhere
                review._close(self.env['res.partner'], next_due=review._get_next_due())
            self.find_new()

    def do_reopen(self, which, days):
        """Marked as held or cancelled by mistake; refused when another one has taken the place of what was cancelled."""
        meeting, review = self.pick(which, 'held', 'cancelled')
        if meeting and meeting.state == 'cancelled' and self.diary.of(meeting.key, *OPEN, 'held'):
            with self.assertRaisesRegex(UserError, "open review"):
                review.action_reopen()
        elif meeting:
            meeting.state = 'planned' if meeting.has_event else 'due'
            review.action_reopen()

    def pick(self, which, *states):
        found = [meeting for meeting in self.diary.meetings if meeting.state in states]
        if not found:
            return None, None
        meeting = found[which % len(found)]
        return meeting, self.records[meeting]

    # ------------------------------------------------------------
    # The two counts
    # ------------------------------------------------------------

    def check(self, step):
        """None is lost, none is there twice, and each is due and meets on the days of the recount."""
        self.env.flush_all()
        self.env.invalidate_all()
        there = self.Review.search([('account_id', 'in', [account.id for account, __ in self.months])])
        self.assertEqual(set(there), set(self.records.values()), step)
        for meeting, review in self.records.items():
            self.assertEqual(
                (review.state, review.due_date, review.date and review.date.date(), bool(review.event_id)),
                (meeting.state, meeting.due, meeting.day, meeting.has_event), f"{review.name} after {step}")
            self.assertLessEqual(len(review.activity_ids), 1, step)
        pending = Counter(meeting.key for meeting in self.records if meeting.state in (*OPEN, 'held'))
        self.assertLessEqual(set(pending.values()), {1}, step)
        for account in {account for account, __ in self.months}:
            days = [
                meeting.due if meeting.state == 'due' else meeting.day for meeting in self.records
                if meeting.key[0] == account and meeting.state in OPEN]
            self.assertEqual(account.review_next, min(days, default=False), step)
