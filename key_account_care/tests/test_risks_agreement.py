from datetime import date, datetime, time, timedelta
from fractions import Fraction

from odoo.tests import freeze_time

from .agreement_common import AgreementCommon
from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon


class TestRisksAgreement(RiskCommon, AgreementCommon):
    """Warnings about agreements: near their end, behind their commitment, bought past them, over and still ordering."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['product.pricelist.item'].create({
            'pricelist_id': cls.pricelist.id, 'compute_price': 'fixed', 'fixed_price': 100.0, 'applied_on': '3_global'})

    @classmethod
    def order_on(cls, day, quantity=1.0, price=None):
        """A confirmed order of a day: a call-off unless its price is typed."""
        order = cls.order(quantity=quantity, line={'price_unit': price} if price else {})
        cls.move_order(order, day)
        return order

    @classmethod
    def move_order(cls, order, day, amount=None):
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE sale_order SET date_order = %s WHERE id = %s", [datetime.combine(day, time(12)), order.id])
        if amount is not None:
            cls.env.cr.execute("UPDATE sale_order_line SET price_subtotal = %s WHERE order_id = %s", [amount, order.id])
        cls.env.invalidate_all()

    # ------------------------------------------------------------
    # End
    # ------------------------------------------------------------

    def test_end_near(self):
        """From so many days before the notice date on, and 30 more before the last day."""
        rule = self.use_rule('agreement_end', threshold=60)
        agreement = self.create_agreement({'price_unit': 80.0})  # notice date: 2 October
        self.order_on(date(2024, 8, 3))
        self.order_on(date(2024, 8, 4))
        self.assertFound(rule, today=date(2025, 8, 2))
        self.assertFound(rule, agreement, today=date(2025, 8, 3))
        self.assertRecordValues(self.get_risks(rule), [{'amount': 80.0, 'facts': {
            'notice_date': '2025-10-02', 'end_date': '2025-12-31'}}])
        agreement.notice_days = 0
        self.assertFound(rule, today=date(2025, 10, 1))
        self.assertFound(rule, agreement, today=date(2025, 10, 2))
        with freeze_time('2025-10-02'):
            self.assertIn(agreement, agreement.search([('renewal_due', '=', True)]))

    def test_end_decided(self):
        """Not where the next version is signed, or it is decided that there is none."""
        rule = self.use_rule('agreement_end', threshold=60)
        other = self.create_customer("Quiet Inn")
        agreement, declined = self.create_agreement(), self.create_agreement(customer=other)
        following = self.create_agreement(date_start=date(2026, 1, 1), date_end=date(2026, 12, 31), sign=False)
        self.assertFound(rule, agreement, declined, today=date(2025, 9, 1))
        following.action_sign()
        declined._decline_renewal("They move")
        self.assertFound(rule, today=date(2025, 9, 1))

    def test_end_in_another_currency(self):
        """What is at stake is in the currency of the company."""
        rule = self.use_rule('agreement_end', threshold=365)
        agreement = self.create_agreement({'price_unit': 80.0}, currency_id=self.dollar.id)
        self.env.flush_all()
        self.order_on(self.days(-10))
        self.assertFound(rule, agreement)
        self.assertEqual(self.get_risks(rule).amount, 40.0)

    # ------------------------------------------------------------
    # Pace
    # ------------------------------------------------------------

    def test_pace(self):
        """Less than 80 % of what was planned until today: ten a day."""
        rule = self.use_rule('agreement_pace', threshold=80)
        agreement = self.create_agreement({'price_unit': 80.0}, commitment=True, commit_min=3650.0)
        order = self.order_on(date(2025, 1, 10))
        self.move_order(order, date(2025, 1, 10), 1447)
        self.assertFound(rule, agreement)
        self.assertRecordValues(self.get_risks(rule), [{'amount': 2203.0, 'facts': {
            'called_off_amount': 1447, 'committed_amount': 3650, 'end_date': '2025-12-31'}}])
        self.move_order(order, date(2025, 1, 10), 1448)
        self.assertFound(rule)

    def test_pace_of_the_first_days(self):
        """A pace means nothing yet in the first 90 days; without a commitment there is none."""
        rule = self.use_rule('agreement_pace', threshold=80)
        agreement = self.create_agreement(commitment=True, commit_min=3650.0)
        self.create_agreement(customer=self.create_customer("Quiet Inn"))
        self.assertFound(rule, today=date(2025, 3, 31))
        self.assertFound(rule, agreement, today=date(2025, 4, 1))
        self.assertFound(rule, today=date(2026, 1, 1))

    # ------------------------------------------------------------
    # Leakage
    # ------------------------------------------------------------

    def test_leakage(self):
        """A tenth of what the agreement covers was bought at other prices."""
        rule = self.use_rule('agreement_leakage', threshold=10)
        agreement = self.create_agreement({'price_unit': 80.0})
        day = self.days(-20)
        self.move_order(self.order_on(day), day, 901)
        leak = self.order_on(day, price=90.0)
        self.move_order(leak, day, 100)
        self.order(product=self.create_product(name="Anchor", list_price=60.0))  # not covered
        self.assertFound(rule)
        self.move_order(leak, day, 101)
        self.assertFound(rule, agreement)
        self.assertRecordValues(self.get_risks(rule), [{'amount': 101.0}])
        self.assertEqual(agreement.leakage_amount, 101.0)
        leak._action_cancel()
        self.assertFound(rule)

    # ------------------------------------------------------------
    # Over
    # ------------------------------------------------------------

    def test_over_and_still_ordering(self):
        rule = self.use_rule('agreement_over', threshold=365)
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order_on(date(2025, 12, 31))
        self.assertFound(rule, today=date(2026, 1, 10))
        self.move_order(order, date(2026, 1, 1))
        self.assertFound(rule, agreement, today=date(2026, 1, 10))
        self.assertRecordValues(self.get_risks(rule), [{'amount': 80.0, 'facts': {
            'orders': 1, 'end_date': '2025-12-31', 'last_date': '2026-01-01'}}])
        self.assertFound(rule, agreement, today=date(2026, 12, 31))
        self.assertFound(rule, today=date(2027, 1, 1))

    def test_over_and_followed(self):
        rule = self.use_rule('agreement_over', threshold=365)
        self.create_agreement()
        self.order_on(date(2026, 1, 5))
        self.create_agreement(date_start=date(2026, 1, 3), date_end=date(2026, 12, 31))
        self.assertFound(rule, today=date(2026, 1, 10))

    # ------------------------------------------------------------
    # All of them
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Any orders on any days: the same as a recount in plain Python."""
        self.agreement = self.create_agreement({'price_unit': 80.0}, commitment=True, commit_min=3650.0)
        self.calloffs = [self.order_on(TODAY) for __ in range(3)]
        self.leaks = [self.order_on(TODAY, price=90.0) for __ in range(2)]
        rows = strategies.lists(
            strategies.tuples(strategies.integers(0, 400), strategies.integers(1, 2000)), min_size=3, max_size=3)
        run_examples(self.recount, rows, rows, strategies.integers(60, 460), max_examples=10)

    def recount(self, called_off, leaked, offset):
        first, last = date(2025, 1, 1), date(2025, 12, 31)
        today, leaked = first + timedelta(days=offset), leaked[:2]
        for orders, rows in ((self.calloffs, called_off), (self.leaks, leaked)):
            for order, (day, amount) in zip(orders, rows):
                self.move_order(order, first + timedelta(days=day), amount)
        in_force = today <= last
        total = sum(amount for __, amount in called_off)
        behind = in_force and offset >= 90 and total < 8 * (offset + 1)
        self.assertFound(self.use_rule('agreement_pace', threshold=80), *([self.agreement] if behind else []), today=today)
        leak = sum(amount for day, amount in leaked if day < 365)
        share = Fraction(leak, leak + total)
        self.assertFound(
            self.use_rule('agreement_leakage', threshold=30),
            *([self.agreement] if in_force and leak and share >= Fraction(30, 100) else []), today=today)
        late = [amount for day, amount in called_off + leaked if day >= 365]
        self.assertFound(
            self.use_rule('agreement_over', threshold=365),
            *([self.agreement] if late and not in_force else []), today=today)
        if late and not in_force:
            self.assertEqual(self.get_risks(self.use_rule('agreement_over')).amount, sum(late))
