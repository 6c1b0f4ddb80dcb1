from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from .common import TODAY, KeyAccountCommon


class TestLifecycle(KeyAccountCommon):
    """Each lifecycle at its border, just inside and just outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            'key_account_revenue_source': 'order', 'key_account_new_months': 6, 'key_account_growth_percent': 20.0,
            'key_account_risk_factor': 2.0})

    def assertLifecycles(self, cases):
        """Refresh once and compare: each case is what is expected and the (day, amount) of the orders."""
        customers = []
        for expected, orders in cases:
            customers.append(self.create_customer(f"{expected} {orders}"))
            for day, amount in orders:
                self.create_order(customers[-1], day, amount)
        self.refresh()
        for (expected, orders), customer in zip(cases, customers):
            with self.subTest(orders=orders):
                self.assertEqual(self.get_account(customer).lifecycle, expected)

    def test_lost(self):
        """Without an order in 12 months a customer is lost, whatever it was before."""
        self.assertLifecycles([
            ('lost', [(date(2024, 6, 30), 100.0)]),
            ('lost', [(date(2024, 1, 1), 100.0), (date(2024, 6, 29), 100.0)]),
            ('active', [(date(2024, 7, 1), 100.0)]),
        ])

    def test_at_risk(self):
        """Later than two of its own intervals; on the day itself it is not late yet."""
        on_time = [(TODAY - timedelta(days=160 + 80 * step), 100.0) for step in (0, 1, 2)]
        late = [(day - timedelta(days=1), amount) for day, amount in on_time]
        self.assertLifecycles([('active', on_time), ('at_risk', late)])

    def test_not_at_risk_within_30_days(self):
        """A customer who orders daily may take a month off."""
        self.assertLifecycles([
            ('new', [(TODAY - timedelta(days=31), 100.0), (TODAY - timedelta(days=30), 100.0)]),
            ('at_risk', [(TODAY - timedelta(days=32), 100.0), (TODAY - timedelta(days=31), 100.0)]),
        ])

    def test_risk_factor_of_the_company(self):
        self.company.key_account_risk_factor = 3.0
        on_time = [(TODAY - timedelta(days=40 * step), 100.0) for step in (3, 4, 5)]
        late = [(day - timedelta(days=1), amount) for day, amount in on_time]
        self.assertLifecycles([('active', on_time), ('at_risk', late)])

    def test_new(self):
        """For six months after the first order, also when it grows at once."""
        since = TODAY - relativedelta(months=6)
        self.assertLifecycles([
            ('active', [(since, 100.0)]),
            ('new', [(since + timedelta(days=1), 100.0)]),
            ('new', [(TODAY, 100.0)]),
        ])

    def test_nobody_is_new(self):
        self.company.key_account_new_months = 0
        self.assertLifecycles([('active', [(TODAY, 100.0)])])

    def test_growing_and_shrinking(self):
        """A change of exactly 20 % counts, a cent less does not; also where floating point would fall short."""
        before, now = date(2024, 6, 1), date(2025, 6, 1)
        self.assertLifecycles([
            ('growing', [(before, 100.0), (now, 120.0)]),
            ('active', [(before, 100.0), (now, 119.99)]),
            ('active', [(before, 100.0), (now, 80.01)]),
            ('shrinking', [(before, 100.0), (now, 80.0)]),
            ('growing', [(before, 7.0), (now, 8.4)]),
            ('shrinking', [(before, 7.0), (now, 5.6)]),
            ('active', [(before, 0.0), (now, 5.0)]),
        ])

    def test_growth_percent_of_the_company(self):
        self.company.key_account_growth_percent = 50.0
        before, now = date(2024, 6, 1), date(2025, 6, 1)
        self.assertLifecycles([
            ('active', [(before, 100.0), (now, 149.0)]),
            ('growing', [(before, 100.0), (now, 150.0)]),
        ])

    def test_first_matching_wins(self):
        """A new customer that is late is at risk; a growing one that is late as well."""
        self.assertLifecycles([
            ('at_risk', [(date(2025, 4, 1), 100.0), (date(2025, 4, 11), 100.0)]),
            ('at_risk', [(date(2024, 6, 1), 100.0), (date(2024, 8, 1), 900.0)]),
        ])

    def test_never_bought(self):
        account = self.env['key.account'].create({'partner_id': self.create_customer().id})
        self.refresh()
        self.assertFalse(account.lifecycle)
        self.assertFalse(account.lifecycle_reason)

    def test_reason_in_words(self):
        orders = {
            'new': [(date(2025, 6, 1), 100.0)],
            'active': [(date(2024, 12, 1), 100.0)],
            'growing': [(date(2024, 6, 1), 100.0), (date(2025, 6, 1), 150.0)],
            'shrinking': [(date(2024, 6, 1), 100.0), (date(2025, 6, 1), 50.0)],
            'at_risk': [(date(2025, 4, 1), 100.0), (date(2025, 4, 11), 100.0)],
            'lost': [(date(2024, 6, 1), 100.0)],
        }
        self.assertLifecycles(list(orders.items()))
        reasons = {account.lifecycle: account.lifecycle_reason for account in self.get_accounts()}
        self.assertEqual(reasons, {
            'new': "First order on 06/01/2025",
            'active': "Orders as usual",
            'growing': "Revenue +50 % against the 12 months before",
            'shrinking': "Revenue -50 % against the 12 months before",
            'at_risk': "Usually orders every 10 days, last on 04/11/2025",
            'lost': "No order in 12 months, last on 06/01/2024",
        })
