from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import users
from odoo.tools import SQL, mute_logger
from psycopg2 import IntegrityError

from .tier_common import TierCommon


class TestReviewSchedule(TierCommon):
    """The nightly run opens reviews that fall due and asks for their meetings, each once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['key.account.review.type'].search([]).active = False
        cls.key, cls.rest = cls.set_tiers({'name': "Key", 'review_months': 3}, {'name': "Rest"})
        cls.business = cls.env['key.account.review.type'].create({
            'name': "Business review", 'company_id': cls.company.id})
        cls.accounts = cls.create_accounts(300, 200, 100, user_id=cls.salesperson.id)
        cls.first, cls.second, cls.third = cls.accounts
        cls.enter(cls.first + cls.second, cls.key, date(2025, 4, 1))
        cls.enter(cls.third, cls.rest, date(2024, 1, 1))
        cls.Review = cls.env['key.account.review']

    @classmethod
    def enter(cls, accounts, tier, day):
        """Put accounts in a tier since a day, as the night would."""
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "UPDATE key_account SET tier_id = %s, tier_since = %s WHERE id IN %s", tier.id, day, tuple(accounts.ids)))
        cls.env.invalidate_all()

    @classmethod
    def schedule(cls, today=None, accounts=None, company=None):
        """The nightly step of one company."""
        cls.env.flush_all()
        cls.Review.sudo()._refresh_reviews(company or cls.company, today or cls.today, accounts or cls.env['key.account'])
        cls.env.invalidate_all()

    def reviews(self, accounts=None):
        return self.Review.search([('account_id', 'in', (accounts or self.accounts).ids)]).sorted('id')

    def close(self, review, day):
        review.with_context(key_account_meeting_moved=True)._set_state('closed', date=datetime(day.year, day.month, day.day, 9))

    def test_falls_due(self):
        """Three months after the tier was entered, 14 days ahead; who is in no tier with reviews has none."""
        self.schedule(date(2025, 6, 16))
        self.assertFalse(self.reviews())
        self.schedule(date(2025, 6, 17))
        self.assertRecordValues(self.reviews(), [{
            'account_id': account.id, 'type_id': self.business.id, 'user_id': self.salesperson.id, 'state': 'due',
            'due_date': date(2025, 7, 1), 'period_start': date(2025, 4, 1), 'period_end': date(2025, 6, 30),
            'tier_id': self.key.id, 'company_id': self.company.id, 'duration': 1.5, 'by_schedule': True,
            'name': f"Business review, {account.partner_id.name}", 'partner_id': account.partner_id.id,
        } for account in self.first + self.second])

    def test_activity(self):
        """One meeting for the responsible, in their language, also the next night and when they have deleted it."""
        self.schedule()
        activity = self.reviews(self.first).activity_ids
        self.assertRecordValues(activity, [{
            'user_id': self.salesperson.id, 'date_deadline': date(2025, 7, 1), 'summary': "Plan the review",
            'activity_category': 'meeting', 'res_name': self.reviews(self.first).name, 'automated': True}])
        self.assertEqual(self.salesperson.with_user(self.salesperson)._get_activity_groups()[0]['name'], "Review")
        self.schedule()
        self.assertEqual(self.reviews(self.first).activity_ids, activity)
        activity.unlink()
        self.schedule()
        self.assertFalse(self.reviews(self.first).activity_ids)

    def test_activity_waits_for_a_responsible(self):
        self.first.user_id = False
        self.second.user_id = self.salesperson_2
        self.salesperson_2.active = False
        self.schedule()
        self.assertFalse(self.reviews().activity_ids)
        self.reviews().user_id = self.salesperson
        self.schedule()
        self.assertEqual(len(self.reviews().activity_ids), 2)

    def test_once(self):
        """Twice in a night, and on each of the next days: the rows stay where they are."""
        self.schedule()
        before = self.rows()
        self.schedule()
        self.assertEqual(self.rows(), before)
        self.schedule(self.today + timedelta(days=40))
        self.assertEqual(self.rows(), before)

    def rows(self):
        self.env.flush_all()
        return [self.env.execute_query(SQL(
            "SELECT ctid::text, to_jsonb(t) FROM %s t WHERE %s ORDER BY id", SQL.identifier(table), condition))
            for table, condition in (
                ('key_account_review', SQL("company_id = %s", self.company.id)),
                ('mail_activity', SQL("res_model = 'key.account.review'")))]

    def test_working_day(self):
        """July 6, 2025 is a Sunday; Monday is a holiday of the company."""
        self.enter(self.first, self.key, date(2025, 4, 6))
        self.schedule(accounts=self.first)
        self.assertEqual(self.reviews(self.first).due_date, date(2025, 7, 7))
        self.env['resource.calendar.leaves'].create({
            'name': "Holiday", 'company_id': self.company.id, 'calendar_id': self.company.resource_calendar_id.id,
            'date_from': datetime(2025, 7, 7), 'date_to': datetime(2025, 7, 7, 23, 59)})
        self.reviews().unlink()
        self.schedule(accounts=self.first)
        self.assertEqual(self.reviews(self.first).due_date, date(2025, 7, 8))
        self.reviews().unlink()
        self.company.resource_calendar_id = False
        self.schedule(accounts=self.first)
        self.assertEqual(self.reviews(self.first).due_date, date(2025, 7, 7))

    def test_long_due(self):
        """What should have been years ago is due today, not then."""
        self.enter(self.first, self.key, date(2020, 1, 1))
        self.schedule()
        self.assertEqual(self.reviews(self.first).due_date, self.today)

    def test_next_after_the_last(self):
        """Three months after the meeting; a cancelled one counts on the day on which it was due."""
        self.schedule()
        self.close(self.reviews(self.first), date(2025, 7, 3))
        self.reviews(self.second).action_cancel()
        self.schedule(date(2025, 9, 17))
        self.assertEqual(len(self.reviews(self.first)), 1)
        self.assertEqual(self.reviews(self.second)[1].due_date, date(2025, 10, 1))
        self.schedule(date(2025, 9, 19))
        self.assertEqual(self.reviews(self.first)[1].due_date, date(2025, 10, 3))

    def test_not_while_one_is_open(self):
        """Planned by a person, or held and not closed."""
        review = self.Review.create({
            'account_id': self.first.id, 'type_id': self.business.id, 'date': datetime(2025, 7, 20, 9)})
        self.assertEqual(review.state, 'planned')
        held = self.Review.create({'account_id': self.second.id, 'type_id': self.business.id})
        held._set_state('held')
        self.schedule()
        self.assertEqual(self.reviews(), review + held)

    def test_own_cadence_and_tiers(self):
        self.business.write({'cadence': 'own', 'months': 1, 'tier_ids': [Command.set(self.rest.ids)]})
        self.schedule()
        self.assertEqual(self.reviews().account_id, self.third)
        self.business.write({'tier_ids': [Command.clear()]})
        self.schedule()
        self.assertEqual(self.reviews().account_id, self.accounts)
        self.reviews().unlink()
        self.business.cadence = 'none'
        self.schedule()
        self.assertFalse(self.reviews())

    def test_same_rule_by_hand_and_at_night(self):
        """What the form says of months is what the night goes by."""
        for cadence, tiers, months in (
                ('tier', (), (3, 0)), ('own', (), (12, 0)), ('own', self.rest.ids, (0, 12)), ('none', (), (0, 0)),
                ('tier', self.rest.ids, (0, 0))):
            self.business.write({'cadence': cadence, 'tier_ids': [Command.set(tiers)]})
            self.assertEqual(tuple(self.business._get_months(tier) for tier in (self.key, self.rest)), months)
            self.enter(self.first, self.key, date(2020, 1, 1))
            self.enter(self.third, self.rest, date(2020, 1, 1))
            self.schedule()
            found = self.reviews().account_id
            self.assertEqual((self.first in found, self.third in found), tuple(bool(month) for month in months))
            self.reviews().unlink()

    def test_missed_meeting(self):
        """The day after, it is to be planned again; its responsible is asked again, and the day stays to be read."""
        self.schedule()
        review = self.reviews(self.first)
        review._plan_meeting(datetime(2025, 7, 2, 9), self.salesperson.partner_id, 1.0)
        self.schedule(date(2025, 7, 2))
        self.assertEqual(review.state, 'planned')
        self.schedule(date(2025, 7, 3))
        self.assertEqual((review.state, review.date), ('due', datetime(2025, 7, 2, 9)))
        self.assertEqual(len(review.activity_ids), 1)

    def test_day_of_the_company(self):
        """In Auckland it is July 3 already while the meeting is still to come there."""
        self.company.partner_id.tz = 'Pacific/Auckland'
        review = self.Review.create({
            'account_id': self.first.id, 'type_id': self.business.id, 'date': datetime(2025, 7, 2, 13)})
        self.schedule(date(2025, 7, 3))
        self.assertEqual(review.state, 'planned')
        self.schedule(date(2025, 7, 4))
        self.assertEqual(review.state, 'due')

    def test_two_companies(self):
        """Types of one company are not for the other; types of all are."""
        other = self.create_company("Other", self.company.currency_id)
        theirs = self.create_accounts(100, company=other, user_id=False)
        self.key.company_id = False
        self.enter(theirs, self.key, date(2025, 4, 1))
        self.business.company_id = self.company
        self.schedule(company=other)
        self.assertFalse(self.reviews(theirs))
        self.business.company_id = False
        self.schedule(company=other)
        self.assertEqual(self.reviews(theirs).company_id, other)
        self.assertFalse(self.reviews(self.accounts))

    def test_archived(self):
        self.first.partner_id.active = False
        self.business.active = False
        self.schedule()
        self.assertFalse(self.reviews())
        self.business.active = True
        self.schedule()
        self.assertEqual(self.reviews().account_id, self.second)

    def test_nobody_is_asked_for_what_is_over(self):
        """Accounts that are archived, or in another tier, are left alone, with the reason; a meeting that is planned stays."""
        self.schedule()
        first, second = self.reviews(self.first), self.reviews(self.second)
        by_hand = self.Review.create({'account_id': self.second.id, 'type_id': self.business.id})
        self.first.partner_id.active = False
        self.enter(self.second, self.rest, self.today)
        self.schedule()
        self.assertRecordValues(first + second + by_hand, [
            {'state': 'cancelled', 'cancel_reason': 'archived', 'by_schedule': True},
            {'state': 'cancelled', 'cancel_reason': 'tier', 'by_schedule': True},
            {'state': 'due', 'cancel_reason': False, 'by_schedule': False}])
        self.assertFalse((first + second).activity_ids)
        before = self.rows()
        self.schedule()
        self.assertEqual(self.rows(), before)
        by_hand.action_cancel()
        second.action_reopen()
        self.schedule()
        self.assertRecordValues(second, [{'state': 'due', 'cancel_reason': False}])

    def test_planned_meetings_stay(self):
        self.schedule()
        self.reviews(self.first)._plan_meeting(datetime(2025, 7, 2, 9), self.salesperson.partner_id, 1.0)
        self.first.partner_id.active = False
        self.schedule()
        self.assertEqual(self.reviews(self.first).state, 'planned')

    def test_comes_back_with_the_account(self):
        """The same review, on its day or when that is past today, and its responsible is asked again."""
        self.schedule()
        first, second = self.reviews(self.first), self.reviews(self.second)
        self.enter(self.first + self.second, self.rest, self.today)
        self.schedule()
        self.assertEqual(set((first + second).mapped('state')), {'cancelled'})
        self.enter(self.first, self.key, self.today)
        self.schedule()
        self.assertRecordValues(first, [{
            'state': 'due', 'cancel_reason': False, 'due_date': date(2025, 7, 1), 'period_end': date(2025, 6, 30)}])
        self.assertEqual(len(first.activity_ids), 1)
        self.enter(self.second, self.key, self.today)
        self.schedule(date(2025, 10, 4))
        self.assertRecordValues(second, [{
            'state': 'due', 'due_date': date(2025, 10, 6), 'period_start': date(2025, 4, 1), 'period_end': date(2025, 10, 5)}])
        self.assertEqual(self.reviews(self.second), second)

    def test_does_not_come_back_after_another_one(self):
        self.schedule()
        first = self.reviews(self.first)
        self.enter(self.first, self.rest, self.today)
        self.schedule()
        by_hand = self.Review.create({
            'account_id': self.first.id, 'type_id': self.business.id, 'due_date': date(2025, 7, 5)})
        self.enter(self.first, self.key, self.today)
        self.schedule()
        self.assertEqual(first.state, 'cancelled')
        self.close(by_hand, date(2025, 7, 5))
        self.schedule()
        self.assertEqual(first.state, 'cancelled')

    def test_two_at_once(self):
        """What two runs would open, the database keeps one of."""
        self.schedule()
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.reviews(self.first).copy({'by_schedule': True})
            self.env.cr.execute(SQL(
                "UPDATE key_account_review SET by_schedule = TRUE WHERE account_id = %s", self.first.id))

    def test_queries(self):
        """As many for 30 accounts as for 2."""
        with self.env.cr.savepoint() as warm:
            self.schedule()
            warm.rollback()
        with self.env.cr.savepoint() as few:
            count = self.count_queries(self.schedule)
            few.rollback()
        many = self.create_accounts(*range(1, 31), user_id=self.salesperson.id)
        self.enter(many, self.key, date(2025, 4, 1))
        self.assertEqual(self.count_queries(self.schedule), count)
        self.assertEqual(len(self.reviews(many).activity_ids), 30)

    @users('ka_salesperson')
    def test_dates_of_accounts(self):
        """The stat button: the earliest open review, red when it is late; one set of queries for all."""
        self.schedule()
        accounts = self.accounts.with_env(self.env)
        self.assertEqual(accounts.mapped('review_next'), [date(2025, 7, 1), date(2025, 7, 1), False])
        self.assertEqual(accounts.mapped('review_overdue'), [False] * 3)
        self.reviews(self.first).due_date = date(2025, 6, 29)
        self.env.invalidate_all()
        self.assertEqual(accounts.mapped('review_overdue'), [True, False, False])
        self.assertEqual(accounts.search([('review_overdue', '=', True), ('id', 'in', accounts.ids)]), accounts[0])
        self.assertEqual(accounts.search([('review_overdue', '=', False), ('id', 'in', accounts.ids)]), accounts[1:])
        reviews = self.Review.with_env(self.env).search([])
        overdue = reviews.filtered('is_overdue')
        self.assertEqual(reviews.search([('is_overdue', '=', True)]), overdue)
        self.assertEqual(reviews.search([('is_overdue', '=', False)]), reviews - overdue)
