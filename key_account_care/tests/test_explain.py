import json
from datetime import date, datetime

from odoo.tests import freeze_time

from .common import KeyAccountCommon

NOW, BEFORE = date(2025, 6, 1), date(2024, 6, 1)


class ExplainedFigures:
    """Every figure opens the very records that it sums or counts."""

    source = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = cls.source
        cls.customer = cls.create_customer("Customer", contacts=["Ann"])
        cls.other = cls.create_customer("Other")
        ann = cls.customer.child_ids
        # around the borders of both periods, with what must not count beside it
        borders = (date(2023, 6, 30), date(2023, 7, 1), date(2024, 6, 30), date(2024, 7, 1), date(2025, 6, 30))
        for place, day in enumerate((*borders, date(2025, 7, 1))):
            cls.sell(ann if place % 2 else cls.customer, day, 100.0 + 2 ** place)
        for day in (NOW, BEFORE):
            cls.create_invoice(cls.customer, day, 7.0, post=False)
            cls.create_order(cls.customer, day, 7.0, confirm=False)
        cls.sell(cls.other, NOW, 1000.0)
        cls.refresh()
        cls.account = cls.get_account(cls.customer)

    def open(self, figure, account=None):
        """:return: what the button of a figure shows, and how it is called"""
        action = (account or self.account).with_context(figure=figure).action_open_figure()
        return self.env[action['res_model']].search(action['domain']), action

    def test_sums(self):
        for figure in ('revenue', 'revenue_previous', 'margin', 'margin_previous'):
            with self.subTest(figure=figure):
                lines, action = self.open(figure)
                self.assertEqual(action['res_model'], 'key.account.sale')
                self.assertAlmostEqual(sum(lines.mapped(figure.split('_')[0])), self.account[figure])
                self.assertNotEqual(self.account[figure], 0.0)
                self.assertEqual(set(lines.account_id), {self.account})
                self.assertEqual(set(lines.partner_id), {self.customer})

    def test_growth(self):
        lines, _action = self.open('growth')
        now = sum(lines.filtered(lambda line: line.date > date(2024, 6, 30)).mapped('revenue'))
        before = sum(lines.filtered(lambda line: line.date <= date(2024, 6, 30)).mapped('revenue'))
        self.assertAlmostEqual(self.account.growth, now / before - 1)

    def test_ranking(self):
        for figure in ('share', 'cumulative_share', 'rank'):
            with self.subTest(figure=figure):
                accounts, _action = self.open(figure)
                self.assertEqual(len(accounts), self.account.rank)
                self.assertEqual(accounts[-1], self.account)
                self.assertAlmostEqual(sum(accounts.mapped('share')), self.account.cumulative_share)

    def test_orders(self):
        documents = self.open('order_count')[0]
        self.assertEqual(len(documents), self.account.order_count)
        self.assertEqual(documents._name, 'account.move' if self.source == 'invoice' else 'sale.order')
        for figure, pick in (('first_order_date', min), ('last_order_date', max)):
            with self.subTest(figure=figure):
                self.assertEqual(pick(self.get_days(self.open(figure)[0])), self.account[figure])
        days = self.get_days(self.open('order_interval_days')[0])
        self.assertAlmostEqual((max(days) - min(days)).days / (len(set(days)) - 1), self.account.order_interval_days, 1)

    def get_days(self, documents):
        return [document.invoice_date if self.source == 'invoice' else document.date_order.date()
                for document in documents]

    def test_yesterday_explains_itself_today(self):
        """What was sold since the night does not change what the figure of the night opens."""
        self.create_order(self.customer, date(2025, 7, 1))
        with freeze_time(datetime(2025, 7, 2, 12)):
            for figure in ('revenue', 'revenue_previous', 'margin'):
                lines, _action = self.open(figure)
                self.assertAlmostEqual(sum(lines.mapped(figure.split('_')[0])), self.account[figure])
            self.assertEqual(len(self.open('order_count')[0]), self.account.order_count)

    def test_by_a_salesperson(self):
        """The key account manager may open what the account sums, also where the documents are those of others."""
        account = self.account.with_user(self.salesperson)
        self.account.user_id = self.salesperson
        for figure in ('revenue', 'margin', 'rank', 'order_count', 'first_order_date'):
            action = account.with_context(figure=figure).action_open_figure()
            self.assertTrue(action['display_name'])
            if figure in ('revenue', 'margin'):
                lines = self.env[action['res_model']].with_user(self.salesperson).search(action['domain'])
                self.assertAlmostEqual(sum(lines.mapped(figure)), self.account[figure])

    def test_line_opens_its_document(self):
        for line in self.open('revenue')[0]:
            action = line.action_open_document()
            document = self.env[action['res_model']].browse(action['res_id'])
            self.assertEqual(document._name, 'account.move' if self.source == 'invoice' else 'sale.order')
            self.assertEqual(document.partner_id.commercial_partner_id, self.customer)

    def test_line_shows_its_document_to_a_salesperson(self):
        """Who may not see payments gets the invoice as the customer sees it, an order as always."""
        self.account.user_id = self.salesperson
        line = self.open('revenue')[0][:1].with_user(self.salesperson)
        line.move_id.sudo().invoice_user_id = self.salesperson
        action = line.action_open_document()
        if self.source == 'invoice':
            self.assertIn(f'/my/invoices/{line.move_id.id}?', action['url'])
        else:
            self.assertEqual((action['res_model'], action['res_id']), ('sale.order', line.order_id.id))

    def test_trend(self):
        """24 months, the last one is this month; they hold all that was sold in them."""
        points = json.loads(self.account.revenue_trend)[0]['values']
        self.assertEqual([len(points), points[0]['label'], points[-1]['label']], [24, "Jul 23", "Jun 25"])
        self.assertAlmostEqual(
            sum(point['value'] for point in points), self.account.revenue + self.account.revenue_previous)


class TestInvoicesExplained(ExplainedFigures, KeyAccountCommon):
    """Where revenue comes from invoices, also of a customer that never had an order."""

    source = 'invoice'

    @classmethod
    def sell(cls, partner, day, amount):
        return cls.create_invoice(partner, day, amount, product=cls.product)

    def test_credit_notes_are_among_the_lines(self):
        self.create_credit_note(self.customer, NOW, 30.0, product=self.product)
        self.refresh()
        lines, _action = self.open('revenue')
        self.assertIn(-30.0, lines.mapped('revenue'))
        self.assertAlmostEqual(sum(lines.mapped('revenue')), self.account.revenue)
        self.assertAlmostEqual(sum(self.open('margin')[0].mapped('margin')), self.account.margin)
        self.assertEqual(len(self.open('order_count')[0]), self.account.order_count)


class TestOrdersExplained(ExplainedFigures, KeyAccountCommon):
    """Where revenue comes from orders."""

    source = 'order'

    @classmethod
    def sell(cls, partner, day, amount):
        return cls.create_order(partner, day, amount)

    def test_local_day(self):
        """An order in the last local hour of the period is among the records."""
        self.company.partner_id.tz = 'America/New_York'
        self.create_order(self.customer, datetime(2025, 7, 1, 3, 30), 3.0)
        self.create_order(self.customer, datetime(2024, 7, 1, 3, 30), 5.0)
        self.create_order(self.customer, datetime(2025, 7, 1, 3, 59, 59), 9.0)
        self.refresh()
        for figure in ('revenue', 'revenue_previous'):
            self.assertAlmostEqual(sum(self.open(figure)[0].mapped('revenue')), self.account[figure])
        self.assertEqual(len(self.open('order_count')[0]), self.account.order_count)
        self.assertEqual(self.account.order_count, 4)


class TestOutlook(KeyAccountCommon):
    """What holds the tier, and what it would take to change it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = [cls.create_customer(f"Customer {amount}") for amount in (600, 300, 100)]
        for customer, amount in zip(cls.customers, (600, 300, 100)):
            cls.create_invoice(customer, NOW, amount)

    def get_outlooks(self):
        self.refresh()
        self.env.invalidate_all()
        outlooks = [self.get_account(customer).tier_outlook for customer in self.customers]
        return [outlook and outlook.replace('\N{NO-BREAK SPACE}', ' ') for outlook in outlooks]

    def test_to_overtake_the_last_one_inside(self):
        self.set_tiers({'name': "Best", 'rule': 'top', 'top_count': 1}, {'name': "Rest", 'rule': 'amount'})
        self.assertEqual(self.get_outlooks(), [False, "300.00 € more for Best", "500.00 € more for Best"])

    def test_to_reach_an_amount(self):
        self.set_tiers(
            {'name': "Best", 'rule': 'amount', 'amount_min': 1000.0, 'currency_id': self.dollar.id},
            {'name': "Rest", 'rule': 'amount'})
        self.assertEqual(self.get_outlooks(), [False, "200.00 € more for Best", "400.00 € more for Best"])

    def test_lock_and_rule(self):
        best, _rest = self.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1}, {'name': "Rest", 'rule': 'amount'})
        self.refresh()
        account = self.get_account(self.customers[2])
        account._set_tier(best, "Prospect of the year", date(2025, 12, 31))
        self.assertEqual(
            self.get_outlooks()[2],
            "Locked until 12/31/2025: Prospect of the year\nBy rule: Rest\n500.00 € more for Best")

    def test_grace(self):
        _best, _rest = self.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1, 'grace_runs': 3}, {'name': "Rest", 'rule': 'amount'})
        self.refresh()
        self.create_invoice(self.customers[1], NOW, 1000.0)
        self.assertEqual(
            self.get_outlooks()[0],
            "By rule: Rest\nBelow the rule of Best for 1 of 3 nights\n700.00 € more for Best")

    def test_no_tiers(self):
        self.set_tiers()
        self.assertEqual(self.get_outlooks(), [False, False, False])
