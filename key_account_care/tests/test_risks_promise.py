from datetime import timedelta

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon

STATES = ('open', 'kept', 'kept_late', 'broken', 'renegotiated')


class TestRisksPromise(RiskCommon):
    """Warnings about promises: due and not confirmed, past their date, given up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broken = cls.use_rule('promise_broken', threshold=30)
        cls.unconfirmed = cls.use_rule('promise_unconfirmed', threshold=7)

    @classmethod
    def promise(cls, due=0, **vals):
        """A promise for so many days from today on."""
        return cls.env['key.account.promise'].create({
            'name': "New drawings", 'account_id': cls.account.id, 'user_id': cls.salesperson_2.id, 'amount': 500.0,
            'date_due': cls.days(due), **vals})

    def assertBoth(self, broken=(), unconfirmed=(), today=TODAY):
        self.assertFound(self.broken, *broken, today=today)
        self.assertFound(self.unconfirmed, *unconfirmed, today=today)

    def test_due_soon(self):
        """Within the days of the limit, from both sides, unless somebody said what will become of it."""
        today, border = self.promise(0), self.promise(7, direction='they')
        self.promise(8)
        self.promise(3, forecast='hold')
        self.promise(3, forecast='late', expected_on=self.days(5))
        self.assertBoth(unconfirmed=[today, border])
        risk = self.get_risks(self.unconfirmed).filtered(lambda risk: risk.res_id == border.id)
        self.assertRecordValues(risk, [{
            'amount': 500.0, 'user_id': self.salesperson_2.id, 'deadline': self.days(7),
            'reason': "Due on 07/07/2025, and nobody has said that it will hold: New drawings."}])

    def test_confirmed(self):
        promise = self.promise(3)
        self.assertBoth(unconfirmed=[promise])
        promise.action_will_hold()
        self.assertBoth()

    def test_past_its_date(self):
        """From the day after on, told in time or not, until a person says what became of it."""
        promise = self.promise(0)
        self.assertBoth(unconfirmed=[promise])
        self.assertBoth(broken=[promise], today=self.days(1))
        promise.write({'forecast': 'late', 'expected_on': self.days(5), 'told_on': TODAY})
        self.assertBoth(broken=[promise], today=self.days(1))
        promise.action_keep()
        self.assertBoth(today=self.days(1))
        promise.action_reopen()
        self.assertBoth(broken=[promise], today=self.days(1))
        self.assertEqual(self.get_risks(self.broken).open_count, 2)

    def test_given_up(self):
        """What was given up is a warning for the days of the limit."""
        promise = self.promise(5)
        promise.action_break()
        self.assertBoth(broken=[promise], today=self.days(30))
        self.assertBoth(today=self.days(31))

    def test_owner_gone(self):
        self.promise(-1)
        self.salesperson_2.active = False
        self.detect()
        self.assertEqual(self.get_risks(self.broken).user_id, self.salesperson)

    def test_other_company(self):
        other = self.create_company("Other", self.company.currency_id)
        account = self.env['key.account'].create({'partner_id': self.customer.id, 'company_id': other.id})
        self.promise(-1, account_id=account.id, user_id=self.env.uid)
        self.promise(1, account_id=account.id, user_id=self.env.uid)
        self.assertBoth()

    @needs_hypothesis
    def test_recount(self):
        """Any promises on any day: the same as a recount in plain Python."""
        promise = strategies.tuples(
            strategies.sampled_from(STATES), strategies.integers(-40, 12), strategies.integers(-40, 0),
            strategies.sampled_from((False, 'hold', 'late')))
        run_examples(self.recount, strategies.lists(promise, max_size=6), strategies.integers(0, 45), max_examples=12)

    def recount(self, plan, later):
        today = TODAY + timedelta(days=later)
        with self.env.cr.savepoint() as world:
            broken, unconfirmed = [], []
            for state, due, done, forecast in plan:
                settled = state not in ('open', 'renegotiated') and self.days(done)
                promise = self.promise(due, forecast=forecast)
                promise.write({'state': state, 'done_on': settled})
                if state == 'open' and self.days(due) < today or state == 'broken' and (today - settled).days <= 30:
                    broken.append(promise)
                if state == 'open' and 0 <= (self.days(due) - today).days <= 7 and not forecast:
                    unconfirmed.append(promise)
            self.assertBoth(broken, unconfirmed, today=today)
            world.rollback()
        self.env.invalidate_all()
