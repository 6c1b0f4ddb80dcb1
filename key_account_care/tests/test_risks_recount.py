from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from math import floor, log2

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon

YEAR = TODAY.replace(year=2024)  # the last day of the year before
NAMES = ("Ada", "Bob", "Cleo", "Dan", "Eve")


@needs_hypothesis
class TestRisksRecount(RiskCommon):
    """What the rules about prices find in random sales equals a recount in plain Python; nothing of it is our SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'
        cls.customers = [cls.create_customer(name) for name in NAMES]
        cls.accounts = {customer: cls.create_account(customer) for customer in cls.customers}
        cls.products = [cls.product, cls.create_product(name="Knot", standard_price=30.0)]
        cls.margin_rule = cls.use_rule('margin_crept', threshold=8)
        cls.peers_rule = cls.use_rule('price_above_peers', threshold=15)

    def test_recount(self):
        sale = strategies.tuples(
            strategies.sampled_from(range(len(NAMES))), strategies.sampled_from((0, 0, 0, 1)),
            strategies.sampled_from((0, 1, 100, 364, 365, 366, 500, 730, 731)), strategies.integers(1, 9),
            strategies.sampled_from((70, 80, 90, 100, 120, 150)))
        run_examples(self.recount, strategies.lists(sale, min_size=30, max_size=45), max_examples=6)

    def recount(self, sales):
        with self.env.cr.savepoint() as savepoint:
            self.check(sales)
            savepoint.rollback()
        self.env.invalidate_all()

    def check(self, sales):
        sold = [
            (self.customers[customer], self.products[product], TODAY - timedelta(days=days), quantity, price)
            for customer, product, days, quantity, price in sales]
        for customer, product, day, quantity, price in sold:
            self.create_order(customer, day, price * quantity, product=product, quantity=quantity)
        self.detect()
        self.assertEqual(self.get_found(self.margin_rule), self.count_margins(sold))
        self.assertEqual(self.get_found(self.peers_rule), self.count_peers(sold))

    def get_found(self, rule):
        return {(risk.account_id.partner_id.name, risk.res_id): risk.amount for risk in self.get_risks(rule)}

    def count_margins(self, sold):
        """Three sales in each year at least, and 8 points more."""
        years = defaultdict(lambda: ([], []))
        for customer, product, day, quantity, price in sold:
            if day > YEAR.replace(year=2023):
                years[customer.name, product][day > YEAR].append((quantity * price, quantity * (price - product.standard_price)))
        found = {}
        for (name, product), (before, now) in years.items():
            if min(len(before), len(now)) >= 3:
                rise = self.share(now) - self.share(before)
                if rise * 100 >= 8:
                    found[name, product.id] = round(float(rise * sum(revenue for revenue, __ in now)), 2)
        return found

    @staticmethod
    def share(lines):
        return Fraction(int(sum(margin for __, margin in lines))) / sum(revenue for revenue, __ in lines)

    def count_peers(self, sold):
        """More than 15 % above the median of three others at least who bought a similar quantity."""
        prices = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for customer, product, day, quantity, price in sold:
            if day > YEAR:
                total = prices[product.id, floor(log2(quantity))][customer.name]
                total[0] += quantity
                total[1] += quantity * price
        found = {}
        for (product_id, __), customers in prices.items():
            for name, (quantity, amount) in customers.items():
                others = sorted(Fraction(value, count) for other, (count, value) in customers.items() if other != name)
                if len(others) < 3:
                    continue
                middle = (others[(len(others) - 1) // 2] + others[len(others) // 2]) / 2
                if Fraction(amount, quantity) > middle * Fraction(115, 100):
                    stake = round(float(amount - middle * quantity), 2)
                    found[name, product_id] = max(stake, found.get((name, product_id), 0))
        return found
