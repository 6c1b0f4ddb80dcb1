from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon


class TestRisksDuty(RiskCommon):
    """What the care policy promises, whether it is kept, and the warnings about it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier, = cls.set_tiers({
            'rule': 'manual', 'review_months': 6, 'contact_days': 30, 'satisfaction_months': 12, 'data_check_months': 6,
            'min_their_contacts': 2, 'min_our_contacts': 1, 'sponsor_required': True})
        cls.account._write_tier(cls.tier)
        cls.Duty = cls.env['key.account.duty']
        cls.review, cls.satisfaction, cls.data_check = (
            cls.use_rule(kind, threshold=0) for kind in ('review_overdue', 'satisfaction_overdue', 'data_check_overdue'))
        cls.kind = cls.env['key.account.review.type'].search([], limit=1)
        cls.ada = cls.customer.child_ids
        cls.people = cls.customer | cls.ada
        cls.set_columns('key_account', cls.account, tier_since=date(2025, 1, 15), revenue=1000)
        cls.confirm(date(2025, 6, 1))

    @classmethod
    def set_columns(cls, table, record, **values):
        cls.env.flush_all()
        for name, value in values.items():
            cls.env.cr.execute(f"UPDATE {table} SET {name} = %s WHERE id IN %s", [value, record._ids])
        cls.env.invalidate_all()

    @classmethod
    def confirm(cls, day, people=None):
        cls.set_columns('res_partner', people or cls.people, key_account_confirmed_on=day, key_account_data_confirmed_on=day)

    @classmethod
    def hold(cls, day, state='closed', **vals):
        """A review whose meeting was on a day."""
        review = cls.env['key.account.review'].create({
            'account_id': cls.account.id, 'type_id': cls.kind.id, 'due_date': day,
            'date': datetime.combine(day, time(10)), **vals})
        cls.set_columns('key_account_review', review, state=state)
        return review

    def get_duty(self, kind, today=TODAY):
        self.env.flush_all()
        with freeze_time(f'{today} 12:00:00'):
            self.env.invalidate_all()
            duty = self.Duty.search([('account_id', '=', self.account.id), ('kind', '=', kind)])
            duty.read()
        return duty

    def assertDuty(self, kind, today=TODAY, **values):
        self.assertRecordValues(self.get_duty(kind, today), [values])

    # ------------------------------------------------------------
    # Duties
    # ------------------------------------------------------------

    def test_review(self):
        """So long after the last one that was held, or after the account has entered its tier."""
        self.assertDuty('review', done_on=False, due_date=date(2025, 7, 15), state='kept', kept=1.0)
        self.assertDuty('review', date(2025, 7, 15), state='kept', days_late=0)
        self.assertDuty('review', date(2025, 7, 16), state='late', days_late=1, kept=0.0)
        self.hold(date(2025, 5, 1), 'cancelled')
        self.hold(date(2025, 3, 1))
        self.hold(date(2025, 4, 10), 'held')
        self.assertDuty('review', done_on=date(2025, 4, 10), due_date=date(2025, 10, 10))

    def test_contact(self):
        """The last word of ours, or meeting; what they write is none of our doing."""
        self.assertDuty('contact', due_date=date(2025, 2, 14), state='late')
        relationship = self.env['key.account.relationship'].sudo().create({
            'account_id': self.account.id, 'user_id': self.salesperson.id, 'partner_id': self.ada.id})
        self.set_columns(
            'key_account_relationship', relationship, last_in=TODAY, last_out=date(2025, 5, 31), last_meeting=date(2025, 5, 1))
        self.assertDuty('contact', done_on=date(2025, 5, 31), due_date=date(2025, 6, 30), state='kept')

    def test_satisfaction(self):
        """An interview counts, and an invitation that was sent; other feedback and proposals do not."""
        Feedback, Invitation = self.env['key.account.feedback'], self.env['key.account.feedback.invitation']
        Feedback.create({'account_id': self.account.id, 'kind': 'praise', 'date': TODAY})
        invitation = Invitation.create({'account_id': self.account.id, 'partner_id': self.ada.id})
        self.assertDuty('satisfaction', done_on=False, due_date=date(2026, 1, 15))
        Feedback.create({'account_id': self.account.id, 'kind': 'interview', 'date': date(2025, 2, 1)})
        self.assertDuty('satisfaction', done_on=date(2025, 2, 1), due_date=date(2026, 2, 1))
        self.set_columns('key_account_feedback_invitation', invitation, sent_on=date(2025, 3, 1))
        self.assertDuty('satisfaction', done_on=date(2025, 3, 1), due_date=date(2026, 3, 1))

    def test_data_check(self):
        """The oldest confirmation of those who are there; who was never confirmed counts from when we know them."""
        self.assertDuty('data_check', done_on=date(2025, 6, 1), due_date=date(2025, 12, 1))
        self.confirm(date(2025, 1, 2), self.ada)
        self.assertDuty('data_check', done_on=date(2025, 1, 2), due_date=date(2025, 7, 2))
        self.confirm(None, self.ada)
        self.set_columns('res_partner', self.ada, create_date=datetime(2024, 3, 3))
        self.assertDuty('data_check', done_on=False, due_date=date(2024, 9, 3), state='late')
        self.set_columns('res_partner', self.ada, key_account_left_on=TODAY)
        self.assertDuty('data_check', done_on=date(2025, 6, 1))

    def test_people(self):
        self.set_columns('key_account', self.account, people_theirs=1, people_ours=1)
        self.assertDuty('people_theirs', actual=1, goal=2, state='missing', due_date=False)
        self.assertDuty('people_ours', actual=1, goal=1, state='kept')
        self.assertDuty('sponsor', actual=0, goal=1, kept=0.0)
        self.account.sponsor_id = self.manager
        self.assertDuty('sponsor', actual=1, goal=1, kept=1.0)

    def test_nothing_is_promised(self):
        """What the tier does not promise is no duty; an archived account has none."""
        self.tier.write({'review_months': 0, 'min_their_contacts': 0, 'sponsor_required': False})
        self.env.flush_all()
        duties = self.Duty.search([('account_id', '=', self.account.id)])
        self.assertEqual(set(duties.mapped('kind')), {'contact', 'satisfaction', 'data_check', 'people_ours'})
        self.customer.active = False
        self.env.flush_all()
        self.assertFalse(self.Duty.search([('account_id', '=', self.account.id)]))

    def test_share_of_the_account(self):
        """The nightly run keeps it; where nothing is promised, there is none, which is no zero in an average."""
        free = self.create_account(self.create_customer("Anchor Hotel"))
        accounts = self.env['key.account']
        accounts._do_step(accounts._refresh_duties, self.company, TODAY)
        kept = self.Duty.search([('account_id', '=', self.account.id)]).mapped('kept')
        self.assertEqual(len(kept), 7)
        self.assertTrue(0 < sum(kept) < 7)
        self.assertAlmostEqual(self.account.duty_kept, sum(kept) / 7, 4)
        (__, average), = accounts._read_group(
            [('id', 'in', [free.id, self.account.id])], ['company_id'], ['duty_kept:avg'])
        self.assertAlmostEqual(average, sum(kept) / 7, 4)

    def test_opens(self):
        """Each duty opens what it is about."""
        self.env.flush_all()
        models = {duty.kind: duty.action_open()['res_model'] for duty in self.account.duty_ids}
        self.assertEqual(models, {
            'review': 'key.account.review', 'contact': 'key.account.relationship', 'people_theirs': 'key.account.relationship',
            'people_ours': 'key.account.relationship', 'satisfaction': 'key.account.feedback.invitation',
            'data_check': 'key.account.data.check', 'sponsor': 'key.account'})
        self.assertEqual(self.account.duty_late_count, 4)  # contact, both sides' people, sponsor

    def test_rights(self):
        """Salespeople see the duties of their accounts, managers all, employees none."""
        self.env.flush_all()
        domain = [('account_id', '=', self.account.id)]
        self.assertEqual(self.Duty.with_user(self.salesperson).search_count(domain), 7)
        self.assertFalse(self.Duty.with_user(self.salesperson_2).search_count(domain))
        self.assertEqual(self.Duty.with_user(self.manager).search_count(domain), 7)
        with self.assertRaises(AccessError):
            self.Duty.with_user(self.employee).search_count(domain)

    # ------------------------------------------------------------
    # Warnings
    # ------------------------------------------------------------

    def test_review_overdue(self):
        """As many days late as the limit says, and nobody has planned the meeting."""
        self.review.threshold = 2
        self.assertFound(self.review, today=date(2025, 7, 16))
        self.assertFound(self.review, self.account, today=date(2025, 7, 17))
        self.assertRecordValues(self.get_risks(self.review), [{'amount': 100.0, 'reason': "A review was due on 07/15/2025."}])
        planned = self.hold(date(2025, 7, 20), 'planned')
        self.assertFound(self.review, today=date(2025, 7, 17))
        self.set_columns('key_account_review', planned, state='due')
        self.assertFound(self.review, self.account, today=date(2025, 7, 17))
        self.set_columns('key_account_review', planned, state='held')
        self.assertFound(self.review, today=date(2025, 7, 21))

    def test_satisfaction_overdue(self):
        self.assertFound(self.satisfaction, today=date(2026, 1, 15))
        self.assertFound(self.satisfaction, self.account, today=date(2026, 1, 16))
        self.env['key.account.feedback'].create({
            'account_id': self.account.id, 'kind': 'interview', 'date': date(2026, 1, 16)})
        self.assertFound(self.satisfaction, today=date(2026, 1, 16))

    def test_data_check_overdue(self):
        self.assertFound(self.data_check, today=date(2025, 12, 1))
        self.assertFound(self.data_check, self.account, today=date(2025, 12, 2))
        self.confirm(date(2025, 12, 2))
        self.assertFound(self.data_check, today=date(2025, 12, 2))

    def test_fixes(self):
        """The next step is where the duty is done."""
        self.detect(date(2026, 2, 1))
        models = {risk.rule_id.kind: risk.action_fix()['res_model'] for risk in self.Risk.search([
            ('account_id', '=', self.account.id)])}
        self.assertEqual(models, {
            'review_overdue': 'key.account.review', 'satisfaction_overdue': 'key.account.feedback.invitation',
            'data_check_overdue': 'key.account.data.check'})

    @needs_hypothesis
    def test_recount(self):
        """Any policy and any days: the same as a recount in plain Python."""
        self.held = [self.hold(date(2025, 3, 1)) for __ in range(2)]
        self.interview = self.env['key.account.feedback'].create({'account_id': self.account.id, 'kind': 'interview'})
        days = strategies.integers(-500, 0)
        run_examples(
            self.recount, strategies.tuples(*[strategies.integers(0, 14)] * 3), strategies.tuples(*[days] * 5),
            strategies.integers(0, 20), max_examples=15)

    def recount(self, policy, offsets, limit):
        first, second, asked, theirs, own = (TODAY + timedelta(days=offset) for offset in offsets)
        self.tier.write(dict(zip(('review_months', 'satisfaction_months', 'data_check_months'), policy)))
        for review, day in zip(self.held, (first, second)):
            self.set_columns('key_account_review', review, date=datetime.combine(day, time(10)))
        self.interview.date = asked
        self.confirm(theirs, self.ada)
        self.confirm(own, self.customer)
        done = (max(first, second), asked, min(theirs, own))
        for rule, months, day in zip((self.review, self.satisfaction, self.data_check), policy, done):
            rule.threshold = limit
            late = (TODAY - day - (day + relativedelta(months=months) - day)).days
            self.assertFound(rule, *([self.account] if months and late > 0 and late >= limit else []))
