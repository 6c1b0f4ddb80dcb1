import random
from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .relationship_common import RelationshipCommon

MONDAY = date(2025, 6, 2)


@tagged('post_install', '-at_install')
class TestResponses(RelationshipCommon):
    """How long mails wait, in working hours, and what a customer gets of our time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env['resource.calendar'].create({
            'name': "Nine to five", 'tz': 'Europe/Brussels', 'company_id': cls.company.id,
            'attendance_ids': [(5, 0, 0)] + [
                (0, 0, {'name': "Day", 'dayofweek': str(day), 'hour_from': 9, 'hour_to': 17}) for day in range(5)]})
        cls.company.resource_calendar_id = cls.calendar
        cls.account.tier_id = cls.env['key.account.tier'].create({
            'name': "Fast", 'company_id': cls.company.id, 'answer_hours': 4})
        cls.account.user_id = cls.ours
        cls.Response = cls.env['key.account.response']

    def send(self, author, recipient, moment, **vals):
        """A mail at a moment (UTC)."""
        return self.mail(author, recipient, **{'date': moment, **vals})

    @classmethod
    def refresh(cls, today=TODAY, accounts=None):
        cls.env.flush_all()
        for step in cls.env['key.account']._get_refresh_steps():
            if step.__name__ in ('_refresh_responses', '_refresh_relationships', '_refresh_attention'):
                step(cls.company, today, cls.env['key.account'] if accounts is None else accounts)
        cls.env.invalidate_all()

    def assertWaits(self, *expected):
        """State and hours of the waits in the order of the mails."""
        self.refresh()
        waits = self.Response.search([('company_id', '=', self.company.id)], order='asked_on, id')
        self.assertEqual([(wait.state, round(wait.hours, 2)) for wait in waits], list(expected))
        return waits

    def at(self, hour, day=0, minute=0):
        return datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day, hours=hour, minutes=minute)

    # ------------------------------------------------------------
    # Waits
    # ------------------------------------------------------------

    def test_answer_in_time(self):
        asked = self.send(self.ada, self.ours, self.at(8))
        answer = self.send(self.ours, self.ada, self.at(10, minute=30))
        wait = self.assertWaits(('answered', 2.5))
        self.assertRecordValues(wait, [{
            'message_id': asked.id, 'answer_message_id': answer.id, 'user_id': self.ours.id, 'promised_hours': 4,
            'kept': 1.0, 'due_on': self.at(12), 'is_late': False}])

    def test_general_address_of_the_customer(self):
        """Nobody is known by it, but it waits for an answer all the same."""
        self.send(self.ours, self.bea, self.at(7))
        self.send(self.customer, self.ours, self.at(8))
        self.send(self.ada, self.ours, self.at(8, minute=30))
        self.assertWaits(('open', 0.0), ('open', 0.0))
        self.send(self.ours, self.ada, self.at(9))
        self.send(self.ours, self.customer, self.at(11))
        self.assertWaits(('answered', 3.0), ('answered', 0.5))
        self.assertEqual((self.account.response_count, self.account.response_hours), (2, 1.75))
        self.assertEqual((self.account.interaction_count, self.account.proactive_share), (3, 0.5))
        self.assertFalse(self.find(self.ours, self.customer))

    def test_only_working_hours_count(self):
        """From Friday an hour before the end until Monday an hour after the beginning; with a day off between, later."""
        self.send(self.ada, self.ours, self.at(14, day=4))
        self.send(self.ours, self.ada, self.at(8, day=7))
        wait = self.assertWaits(('answered', 2.0))
        self.assertEqual(wait.due_on, self.at(10, day=7))
        self.env['resource.calendar.leaves'].create({
            'name': "Day off", 'company_id': self.company.id, 'calendar_id': self.calendar.id,
            'date_from': self.at(0, day=7), 'date_to': self.at(23, day=7)})
        self.send(self.bea, self.ours, self.at(14, day=4))
        self.send(self.ours, self.bea, self.at(8, day=8))
        self.assertEqual(self.assertWaits(('answered', 1.0), ('answered', 2.0)).partner_id, self.ada + self.bea)

    def test_clock_change(self):
        """In the night to 2025-03-30 the clock goes forward: 9 o'clock is an hour earlier in UTC, a day has 8 hours still."""
        self.send(self.ada, self.ours, datetime(2025, 3, 28, 8))
        self.send(self.ours, self.ada, datetime(2025, 3, 31, 15))
        self.assertWaits(('answered', 16.0))

    def test_without_calendar_every_hour_counts(self):
        self.company.resource_calendar_id = False
        self.send(self.ada, self.ours, self.at(14, day=4))
        self.send(self.ours, self.ada, self.at(14, day=7))
        self.assertWaits(('answered', 72.0))

    def test_second_mail_waits_as_long_as_the_first(self):
        """One wait for what was written in a row; a new one after the answer."""
        first = self.send(self.ada, self.ours, self.at(8))
        self.send(self.ada, self.ours, self.at(9))
        self.send(self.ours, self.ada, self.at(10))
        third = self.send(self.ada, self.ours, self.at(11))
        waits = self.assertWaits(('answered', 2.0), ('open', 0.0))
        self.assertEqual(waits.message_id.sorted(), first + third)
        self.assertEqual(waits.mapped('is_late'), [False, True])

    def test_what_answers(self):
        """A meeting or a call, also of a colleague; not a note, not a mail that bounced, not a mail to somebody else."""
        self.send(self.ada, self.ours, self.at(8))
        self.send(self.bea, self.ours, self.at(8))
        self.send(self.cid, self.ours, self.at(8))
        self.send(self.ours, self.cid, self.at(9), is_internal=True)
        bounced = self.send(self.ours, self.cid, self.at(9))
        self.env['mail.notification'].create({
            'mail_message_id': bounced.id, 'res_partner_id': self.cid.id, 'notification_type': 'email',
            'notification_status': 'bounce'})
        self.meet(self.other, self.ada, day=MONDAY)
        with freeze_time(self.at(11)):
            call = self.bea.with_user(self.other).activity_schedule('mail.mail_activity_data_call', user_id=self.other.id)
            call.action_done()
            self.env.flush_all()
        self.env.cr.execute("UPDATE mail_activity SET write_date = %s WHERE id = %s", [self.at(11), call.id])
        self.refresh()
        waits = self.Response.search([('account_id', '=', self.account.id)])
        self.assertEqual({wait.partner_id: (wait.state, wait.hours, wait.user_id) for wait in waits}, {
            self.ada: ('answered', 1.0, self.other), self.bea: ('answered', 3.0, self.other),
            self.cid: ('open', 0.0, self.env['res.users'])})

    def test_mail_to_nobody_in_particular(self):
        """What came to a document waits as well."""
        self.send(self.ada, self.env['res.partner'], self.at(8))
        self.assertWaits(('open', 0.0))

    def test_needs_no_answer(self):
        """A thank-you is set aside; the next mail waits again."""
        self.send(self.ada, self.ours, self.at(8))
        wait = self.assertWaits(('open', 0.0)).with_user(self.ours)
        wait.action_dismiss()
        self.assertEqual(wait.state, 'dismissed')
        self.send(self.ada, self.ours, datetime(TODAY.year, TODAY.month, TODAY.day, 13))
        self.assertWaits(('dismissed', 0.0), ('open', 0.0))
        wait.action_reopen()
        self.assertWaits(('open', 0.0))
        with self.assertRaises(AccessError):
            wait.hours = 1

    def test_deleted_mails(self):
        """Without the answer the mail waits, without the mail there is no wait."""
        asked = self.send(self.ada, self.ours, self.at(8))
        answer = self.send(self.ours, self.ada, self.at(9))
        self.assertWaits(('answered', 1.0))
        answer.unlink()
        self.assertWaits(('open', 0.0))
        asked.unlink()
        self.assertWaits()

    def test_person_moves_to_another_customer(self):
        self.send(self.ada, self.ours, self.at(8))
        self.assertWaits(('open', 0.0))
        self.ada.parent_id = self.env['res.partner'].create({'name': "Elsewhere", 'is_company': True})
        self.assertWaits()

    def test_promise_stays(self):
        """What was promised when the mail came in is what the answer is held against."""
        self.send(self.ada, self.ours, self.at(8))
        self.send(self.ours, self.ada, self.at(13))
        self.assertEqual(self.assertWaits(('answered', 5.0)).kept, 0)
        self.account.tier_id.answer_hours = 8
        self.send(self.ada, self.ours, self.at(14))
        waits = self.assertWaits(('answered', 5.0), ('open', 0.0))
        self.assertEqual(waits.mapped('promised_hours'), [4, 8])
        self.assertEqual(waits.mapped('kept'), [0, 0])

    # ------------------------------------------------------------
    # Nights
    # ------------------------------------------------------------

    def test_nights_equal_a_recount(self):
        chance, mails = random.Random(7), []
        for night in range(12):
            for _number in range(chance.randrange(5)):
                ends = [chance.choice([self.ada, self.bea]), chance.choice([self.ours, self.other])]
                chance.shuffle(ends)
                mails.append(self.send(*ends, self.at(chance.randrange(24), day=night, minute=chance.randrange(60))))
            if chance.random() < 0.3:
                self.meet(self.ours, self.ada, day=MONDAY + timedelta(days=night))
            if mails and chance.random() < 0.4:
                mails.pop(chance.randrange(len(mails))).unlink()
            self.refresh(MONDAY + timedelta(days=night))
            by_night = self.read_waits()
            self.company.key_account_response_day = False
            self.refresh(MONDAY + timedelta(days=night))
            self.assertEqual(by_night, self.read_waits(), night)
        self.assertTrue(by_night)

    def read_waits(self):
        names = ('message_id', 'answered_on', 'user_id', 'state', 'hours', 'kept', 'due_on')
        waits = self.Response.search([('company_id', '=', self.company.id)], order='asked_on, message_id')
        return [tuple(wait[name] for name in names) for wait in waits]

    def test_unchanged_night_writes_nothing(self):
        self.send(self.ada, self.ours, self.at(8))
        self.send(self.ours, self.ada, self.at(9))
        self.send(self.ada, self.ours, self.at(10))
        self.refresh()
        before = self.places()
        self.refresh()
        self.assertEqual(self.places(), before)
        self.company.key_account_response_day = False
        self.refresh()
        self.assertEqual(self.places(), before)

    def places(self):
        self.env.cr.execute("SELECT id, ctid::text FROM key_account_response ORDER BY id")
        waits = self.env.cr.fetchall()
        self.env.cr.execute("SELECT id, ctid::text FROM key_account WHERE company_id = %s ORDER BY id", [self.company.id])
        return waits, self.env.cr.fetchall()

    def test_failed_night_is_made_good(self):
        """The relationships have gone on without the responses: the next night looks at everybody."""
        self.refresh()
        self.send(self.ada, self.ours, self.at(8))
        self.env.flush_all()
        tomorrow = TODAY + timedelta(days=1)
        self.Relationship._refresh_relationships(self.company, tomorrow, self.env['key.account'])
        self.company.write({
            'key_account_relationship_message': 2 ** 30, 'key_account_relationship_moment': datetime(2100, 1, 1)})
        self.refresh(tomorrow)
        self.assertTrue(self.Response.search([('account_id', '=', self.account.id)]))

    def test_queries_do_not_grow(self):
        self.send(self.ada, self.ours, self.at(8))
        self.refresh()
        self.send(self.bea, self.ours, self.at(8))
        self.env.flush_all()
        few = self.count_queries(self.refresh)
        for hour in range(8, 16):
            for person in (self.ada, self.bea, self.cid):
                self.send(person, self.ours, self.at(hour))
        self.env.flush_all()
        self.assertEqual(self.count_queries(self.refresh), few)

    # ------------------------------------------------------------
    # Who sees what, and the figures
    # ------------------------------------------------------------

    def test_rights(self):
        """Nobody learns of a mail of an account that is not theirs, nor its subject without the document."""
        self.send(self.ada, self.ours, self.at(8), subject="Secret price")
        self.refresh()
        model = self.env['key.account.response']
        self.assertEqual(model.with_user(self.ours).search([]).subject, "Secret price")
        self.account.user_id = self.manager
        for user in (self.ours, self.other):
            self.assertFalse(model.with_user(user).search([]))
            self.assertFalse(self.env['key.account.time.share'].with_user(user).search([('account_id', '=', self.account.id)]))
        for login in ('ka_employee', 'ka_portal'):
            user = self.env['res.users'].search([('login', '=', login)])
            for name in ('key.account.response', 'key.account.time.share'):
                with self.assertRaises(AccessError):
                    self.env[name].with_user(user).search([])

    def test_customer_of_two_companies(self):
        """The mail waits in the company to whose people it was written."""
        other = self.create_company("Other", self.company.currency_id)
        self.env['key.account'].with_company(other).create({'partner_id': self.customer.id, 'company_id': other.id})
        self.send(self.ada, self.ours, self.at(8))
        self.assertWaits(('open', 0.0))
        self.Response._refresh_responses(other, TODAY, self.env['key.account'])
        self.assertFalse(self.Response.sudo().search([('company_id', '=', other.id)]))

    def test_figures_of_the_account(self):
        """Of four things that we did one was an answer; the figures open what they count."""
        self.send(self.ada, self.ours, self.at(8))
        self.send(self.ours, self.ada, self.at(10))
        self.send(self.ours, self.ada, self.at(11))
        self.send(self.bea, self.ours, self.at(12))
        self.meet(self.ours, self.other, self.cid, day=MONDAY)
        self.refresh()
        self.assertRecordValues(self.account, [{
            'interaction_count': 6, 'interaction_share': 1, 'meeting_hours': 2, 'meeting_share': 1,
            'proactive_share': 0.75, 'response_count': 2, 'response_hours': 2, 'response_kept': 1,
            'response_open_count': 1}])
        action = self.account.with_context(filter='ours').action_open_interactions()
        interactions = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(sorted(interactions.mapped('proactive')), [0, 1, 1, 1])
        groups = self.env['key.account.interaction']._read_group(
            action['domain'], ['manager_id', 'tier_id'], ['proactive:avg', 'hours:sum'])
        self.assertEqual(groups, [(self.ours, self.account.tier_id, 0.75, 2)])
        action = self.account.with_context(filter='open').action_open_responses()
        self.assertEqual(self.env[action['res_model']].search(action['domain']).partner_id, self.bea)

    def test_shares_of_tiers(self):
        """Shares add up to one for each kind."""
        rival = self.env['key.account'].create({'partner_id': self.create_customer("Rival").id})
        person = self.env['res.partner'].create({'name': "Rita", 'parent_id': rival.partner_id.id})
        self.meet(self.ours, person, day=MONDAY)
        self.meet(self.ours, self.ada, day=MONDAY, stop=datetime.combine(MONDAY, datetime.min.time()) + timedelta(hours=12))
        self.refresh()
        groups = self.env['key.account.time.share']._read_group(
            [('company_id', '=', self.company.id)], ['tier_id', 'kind'], ['share:sum'])
        shares = {(tier, kind): share for tier, kind, share in groups}
        self.assertEqual(shares[self.account.tier_id, '3_meetings'], 0.75)
        self.assertEqual(shares[self.account.tier_id, '2_interactions'], 0.5)
        self.assertEqual(sum(share for (_tier, kind), share in shares.items() if kind == '3_meetings'), 1)
