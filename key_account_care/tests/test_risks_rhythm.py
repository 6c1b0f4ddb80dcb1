from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from odoo.tools import SQL

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon

# the windows of 3, 6, 12, 15, 18 and 24 months begin the day after
MONTHS = {3: date(2025, 3, 30), 6: date(2024, 12, 30), 12: date(2024, 6, 30), 15: date(2024, 3, 30), 18: date(2023, 12, 30),
          24: date(2023, 6, 30)}
FALLING = ('revenue_falling', 'quarter_falling', 'range_shrinking', 'order_size_down', 'order_frequency_down')
DAY = timedelta(days=1)


class TestRisksRhythm(RiskCommon):
    """Customers who do not order what, as much, or as often as they did."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'
        cls.products = cls.product + cls.env['product.product'].union(*(cls.create_product(name=name) for name in "ABCD"))

    @classmethod
    def detect(cls, today=TODAY, accounts=None):
        cls.env.flush_all()
        for step in (cls.env['key.account']._refresh_figures, cls.env['key.account.rhythm'].sudo()._refresh_rhythm):
            step(cls.company, today, cls.env['key.account'])
        cls.env.invalidate_all()
        return super().detect(today, accounts)

    @classmethod
    def buy(cls, *days, amount=100.0, **options):
        return cls.env['sale.order'].union(*(cls.create_order(cls.customer, day, amount, **options) for day in days))

    # ------------------------------------------------------------
    # Products
    # ------------------------------------------------------------

    def test_product_overdue(self):
        """Every 30 days, expected 4 days ago, 3 are tolerated, after 60 it is over."""
        rule = self.use_rule('product_overdue')
        self.buy(*(TODAY - timedelta(days=ago) for ago in (94, 64, 34)), amount=40, quantity=4)
        self.assertFound(rule, self.product)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 40.0, 'reason': "They usually order Rope every 30 days; it was expected on 06/26/2025."}])
        order = self.env['sale.order'].browse(self.get_risks(rule).action_fix()['res_id'])
        self.assertRecordValues(order.order_line, [{'product_id': self.product.id, 'product_uom_qty': 4.0}])
        rule.threshold = 76
        self.assertFound(rule)
        rule.threshold = 75
        self.assertFound(rule, self.product)
        self.buy(TODAY, quantity=4)
        self.assertFound(rule)

    def test_product_overdue_border(self):
        rule = self.use_rule('product_overdue')
        self.buy(*(TODAY - timedelta(days=ago) for ago in (93, 63, 33)))
        self.assertFound(rule)
        self.assertFound(rule, self.product, today=TODAY + DAY)
        self.assertFound(rule, self.product, today=TODAY + timedelta(days=57))
        self.assertFound(rule, today=TODAY + timedelta(days=58))

    # ------------------------------------------------------------
    # Revenue
    # ------------------------------------------------------------

    def test_revenue_falling(self):
        """From 100 to 80 is 20 %."""
        rule = self.use_rule('revenue_falling', threshold=20)
        now = self.buy(MONTHS[12] + DAY, amount=80)
        self.buy(MONTHS[12], amount=100)
        self.buy(MONTHS[24], amount=50)
        self.assertFound(rule, self.account)
        risk = self.get_risks(rule)
        money = self.company.currency_id.format
        self.assertRecordValues(risk, [{'amount': 20.0, 'reason': (
            f"They bought for {money(80)} in 12 months, 20 % less than in the 12 months before ({money(100)}).")}])
        self.assertEqual(self.env['key.account.sale'].search_count(risk.action_fix()['domain']), 2)
        now.order_line.price_unit = 80.01
        self.assertFound(rule)

    def test_quarter_falling(self):
        """The months between do not count, whatever was bought in them."""
        rule = self.use_rule('quarter_falling', threshold=20)
        before = self.buy(MONTHS[15] + DAY, MONTHS[12], amount=50)
        self.buy(MONTHS[15], MONTHS[12] + DAY, MONTHS[3], amount=500)
        now = self.buy(MONTHS[3] + DAY, TODAY, amount=40)
        self.assertFound(rule, self.account)
        money = self.company.currency_id.format
        self.assertRecordValues(self.get_risks(rule), [{'amount': 20.0, 'reason': (
            f"They bought for {money(80)} in 3 months; in the same months a year ago it was {money(100)}.")}])
        now[0].order_line.price_unit = 40.01
        self.assertFound(rule)
        now._action_cancel()
        self.assertFound(rule, self.account)
        before._action_cancel()
        self.assertFound(rule)

    # ------------------------------------------------------------
    # Range, size, frequency
    # ------------------------------------------------------------

    def test_range_shrinking(self):
        """Four products, three of them again and a new one; then two of five, the discount beside."""
        rule = self.use_rule('range_shrinking', threshold=25)
        rope, *others = self.products
        for place, product in enumerate(self.products[:4]):
            self.buy(MONTHS[12] + DAY if place % 2 else MONTHS[6], product=product)
        again = self.buy(MONTHS[6] + DAY, product=rope) + self.buy(TODAY, product=others[0])
        last = self.buy(TODAY, product=others[3])
        self.assertFound(rule, self.account)
        self.assertRecordValues(self.get_risks(rule), [{'amount': 200.0, 'reason': (
            "They bought 3 products in 6 months, and 4 in the 6 months before; 2 of those are missing.")}])
        self.assertEqual(self.get_risks(rule).action_fix()['res_model'], 'key.account.whitespace')
        rule.threshold = 25.1
        self.assertFound(rule)
        rule.threshold = 25
        self.company.sale_discount_product_id = others[0]
        self.assertFound(rule)  # three products are no range
        self.company.sale_discount_product_id = False
        (again + last)._action_cancel()
        self.assertFound(rule)  # nothing at all is another warning

    def test_order_size_down(self):
        """From 100 to 70 on average; of two orders nobody says anything."""
        rule = self.use_rule('order_size_down', threshold=30)
        self.buy(MONTHS[18] + DAY, MONTHS[6], amount=90)
        self.buy(MONTHS[18], amount=900)
        self.buy(MONTHS[6] + DAY, TODAY, amount=70)
        last = self.buy(TODAY, amount=70)
        self.assertFound(rule)
        self.buy(MONTHS[12], amount=120)
        self.assertFound(rule, self.account)
        money = self.company.currency_id.format
        self.assertRecordValues(self.get_risks(rule), [{'amount': 90.0, 'reason': (
            f"Their average order in 6 months was {money(70)}; in the 12 months before it was {money(100)}.")}])
        last.order_line.price_unit = 70.03
        self.assertFound(rule)
        last.order_line.price_unit = 60
        self.assertFound(rule, self.account)
        last._action_cancel()
        self.assertFound(rule)

    def test_order_size_of_invoices(self):
        """Invoices without orders are orders, and a credit note makes them smaller."""
        rule = self.use_rule('order_size_down', threshold=30)
        self.company.key_account_revenue_source = 'invoice'
        for day, amount in ((MONTHS[6], 100), (TODAY, 80)):
            for __ in range(3):
                self.create_invoice(self.customer, day, amount)
        self.assertFound(rule)
        self.create_credit_note(self.customer, TODAY, 30)
        self.assertFound(rule, self.account)
        self.assertEqual(self.get_risks(rule).amount, 90)

    def test_order_frequency_down(self):
        """Six days in 12 months, so three are usual in six; two orders of a day are one."""
        rule = self.use_rule('order_frequency_down', threshold=20)
        now = self.buy(MONTHS[6] + DAY, TODAY, TODAY)
        self.buy(*(MONTHS[6] - timedelta(days=30 * place) for place in range(5)))
        self.buy(MONTHS[6], MONTHS[18])
        self.assertFound(rule)
        self.buy(MONTHS[18] + DAY)
        self.assertFound(rule, self.account)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 116.67, 'reason': "They ordered on 2 days in 6 months; usually it is on 3."}])
        self.assertEqual(self.get_risks(rule).action_fix()['res_model'], 'key.account.rhythm')
        self.buy(MONTHS[18] + 2 * DAY, MONTHS[18] + 3 * DAY, TODAY - DAY)
        rule.threshold = 25.1
        self.assertFound(rule)
        rule.threshold = 25
        self.assertFound(rule, self.account)
        now[0]._action_cancel()
        self.assertFound(rule, self.account)
        self.buy(*(TODAY - timedelta(days=place) for place in range(4)))
        self.assertFound(rule)

    def test_other_company(self):
        """What was bought from another company counts there."""
        rules = self.Rule.union(*(self.use_rule(kind) for kind in FALLING))
        other = self.create_company("Other", self.company.currency_id)
        other.key_account_revenue_source = 'order'
        for place in range(8):
            self.buy(MONTHS[12] - timedelta(days=20 * place), company=other, product=self.products[place % 5])
        self.detect()
        self.assertFalse(self.Risk.search([('rule_id', 'in', rules.ids), ('company_id', '=', self.company.id)]))

    # ------------------------------------------------------------
    # A recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Any history, counted anew in plain Python."""
        self.rules = {kind: self.use_rule(kind) for kind in FALLING}
        self.orders = self.buy(*[TODAY] * 24)
        order = strategies.tuples(
            strategies.one_of(strategies.sampled_from([day + shift for day in MONTHS.values() for shift in (DAY, 0 * DAY)]),
                              strategies.dates(MONTHS[24], TODAY)),
            strategies.integers(1, 100), strategies.integers(0, 4))
        run_examples(
            self.recount, strategies.lists(order, min_size=8, max_size=24), strategies.sampled_from((10, 25, 40)),
            max_examples=15, shrink=False)

    def recount(self, history, limit):
        self.make_history(history)
        self.Rule.union(*self.rules.values()).threshold = limit
        self.detect()
        expected = {kind: amount for kind in FALLING if (amount := getattr(self, f'lost_{kind}')(history, limit))}
        found = {kind: Decimal(str(self.get_risks(rule).amount)) for kind, rule in self.rules.items() if self.get_risks(rule)}
        self.assertEqual(found, {kind: round_half_up(amount) for kind, amount in expected.items()})

    def make_history(self, history):
        """The orders that are there take these days, amounts and products; the others are canceled."""
        for place, order in enumerate(self.orders):
            day, amount, product = history[place] if place < len(history) else (TODAY, 0, 0)
            self.env.cr.execute(SQL(
                "UPDATE sale_order SET date_order = %s, state = %s WHERE id = %s",
                datetime.combine(day, datetime.min.time()), 'sale' if amount else 'cancel', order.id))
            self.env.cr.execute(SQL(
                "UPDATE sale_order_line SET price_subtotal = %s, product_id = %s WHERE order_id = %s",
                amount, self.products[product].id, order.id))
        self.env.invalidate_all()

    @staticmethod
    def amounts(history, after, until=TODAY):
        return [Decimal(amount) for day, amount, product in history if after < day <= until]

    def lost(self, before, now, limit):
        """:return: what is missing, when it is enough"""
        return before - now if now < before and (before - now) / before * 100 >= limit else 0

    def lost_revenue_falling(self, history, limit):
        before, now = self.amounts(history, MONTHS[24], MONTHS[12]), self.amounts(history, MONTHS[12])
        return self.lost(sum(before), sum(now), limit)

    def lost_quarter_falling(self, history, limit):
        before, now = self.amounts(history, MONTHS[15], MONTHS[12]), self.amounts(history, MONTHS[3])
        return self.lost(sum(before), sum(now), limit)

    def lost_range_shrinking(self, history, limit):
        spent = defaultdict(Decimal)
        for day, amount, product in history:
            if MONTHS[12] < day <= MONTHS[6]:
                spent[product] += amount
        now = {product for day, amount, product in history if day > MONTHS[6]}
        if len(spent) < 4 or not now or not self.lost(Decimal(len(spent)), len(now), limit):
            return 0
        return sum(amount for product, amount in spent.items() if product not in now)

    def lost_order_size_down(self, history, limit):
        before, now = self.amounts(history, MONTHS[18], MONTHS[6]), self.amounts(history, MONTHS[6])
        if min(len(before), len(now)) < 3:
            return 0
        return self.lost(sum(before) / len(before), sum(now) / len(now), limit) * len(now)

    def lost_order_frequency_down(self, history, limit):
        before = {day for day, amount, product in history if MONTHS[18] < day <= MONTHS[6]}
        now = {day for day, amount, product in history if MONTHS[6] < day}
        if len(before) < 6:
            return 0
        missing = self.lost(Decimal(len(before)) / 2, len(now), limit)
        return missing * sum(self.amounts(history, MONTHS[18], MONTHS[6])) / len(before)


def round_half_up(amount):
    return Decimal(str(float(amount.quantize(Decimal('0.01'), ROUND_HALF_UP))))
