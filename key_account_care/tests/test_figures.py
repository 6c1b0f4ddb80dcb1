from datetime import date, datetime

from odoo.fields import Command
from odoo.tools import SQL

from .common import KeyAccountCommon

# around the borders of the two periods of 12 months before 2025-06-30
TOO_OLD = date(2023, 6, 30)
FIRST_BEFORE, LAST_BEFORE = date(2023, 7, 1), date(2024, 6, 30)
FIRST, LAST = date(2024, 7, 1), date(2025, 6, 30)
TOO_NEW = date(2025, 7, 1)


class FiguresOfAnySource:
    """What holds whether revenue comes from posted invoices or from confirmed orders."""

    source = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = cls.source
        cls.penny = cls.create_product(name="Penny", standard_price=0.5)

    def sell(self, partner, day, amount):
        """Sell for an amount, or take back where it is negative.

        :return: the document
        """
        raise NotImplementedError

    def test_periods(self):
        """Each day counts in its period: both borders, the day before and the day after."""
        customer = self.create_customer()
        for day, amount in ((TOO_OLD, 1), (FIRST_BEFORE, 2), (LAST_BEFORE, 4), (FIRST, 8), (LAST, 16), (TOO_NEW, 32)):
            self.sell(customer, day, amount)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{
            'revenue': 24.0, 'revenue_previous': 6.0, 'margin': 23.0, 'margin_previous': 5.0, 'growth': 3.0,
            'order_count': 2, 'first_order_date': TOO_OLD, 'last_order_date': LAST, 'order_interval_days': 730 / 3,
            'share': 1.0, 'cumulative_share': 1.0, 'rank': 1, 'figures_date': LAST,
            'currency_id': self.company.currency_id.id,
        }])

    def test_leap_day(self):
        """The last day of February loses no day and counts none twice."""
        customer = self.create_customer()
        for day, amount in ((date(2022, 2, 28), 1), (date(2022, 3, 1), 2), (date(2023, 2, 28), 4),
                            (date(2023, 3, 1), 8), (date(2024, 2, 29), 16)):
            self.sell(customer, day, amount)
        self.refresh(date(2024, 2, 29))
        self.assertRecordValues(self.get_account(customer), [{'revenue': 24.0, 'revenue_previous': 6.0}])

    def test_only_what_is_definite_counts(self):
        customer = self.create_customer()
        self.sell(customer, LAST, 100.0)
        self.create_invoice(customer, LAST, 1.0, post=False)
        self.create_invoice(customer, LAST, 2.0).button_cancel()
        self.create_invoice(customer, LAST, 4.0, move_type='in_invoice')
        self.create_invoice(customer, LAST, 8.0, move_type='in_refund')
        self.create_order(customer, LAST, 16.0, confirm=False)
        self.create_order(customer, LAST, 32.0, confirm=False, state='sent')
        self.create_order(customer, LAST, 64.0).action_cancel()
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [
            {'revenue': 100.0, 'margin': 99.5, 'order_count': 1, 'order_interval_days': 0.0}])

    def test_ranking(self):
        """Shares run down the ranks; what was sold first opened its account first and wins a tie."""
        amounts = (50.0, 200.0, 50.0, -20.0, 100.0)
        customers = [self.create_customer(f"Customer {amount}") for amount in amounts]
        for customer, amount in zip(customers, amounts):
            self.sell(customer, LAST, amount)
        self.refresh()
        accounts = self.get_accounts()
        self.assertEqual(accounts.partner_id.ids, [customers[place].id for place in (1, 4, 0, 2, 3)])
        self.assertEqual(accounts.mapped('rank'), [1, 2, 3, 4, 5])
        self.assertEqual(accounts.mapped('share'), [0.5, 0.25, 0.125, 0.125, 0.0])
        self.assertEqual(accounts.mapped('cumulative_share'), [0.5, 0.75, 0.875, 1.0, 1.0])

    def test_rows_are_rewritten_only_when_they_change(self):
        """Also where an interval has no end in decimals, the second run leaves the rows alone."""
        customer, other = self.create_customer(), self.create_customer()
        for day in (date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 9), date(2025, 1, 12)):
            self.sell(customer, day, 0.1)
        self.sell(other, LAST, 0.2)
        self.refresh()
        versions = self._get_row_versions()
        self.refresh()
        self.assertEqual(self._get_row_versions(), versions)
        self.sell(other, LAST, 0.3)
        self.refresh()
        self.assertNotEqual(self._get_row_versions(), versions, "What changed is written.")

    def _get_row_versions(self):
        self.env.flush_all()
        return self.env.execute_query(SQL(
            "SELECT id, xmin::text, ctid::text FROM key_account WHERE company_id = %s ORDER BY id", self.company.id))

    def test_chosen_accounts(self):
        """Refreshing one account leaves the revenue of the others, and gives each its new place."""
        first, second = self.create_customer(), self.create_customer()
        self.sell(first, LAST, 60.0)
        self.sell(second, LAST, 40.0)
        self.refresh()
        self.sell(first, LAST, 1000.0)
        self.sell(second, LAST, 200.0)
        self.get_account(second)._refresh(self.today)
        self.assertRecordValues(self.get_account(first) + self.get_account(second), [
            {'revenue': 60.0, 'rank': 2, 'share': 0.2, 'cumulative_share': 1.0},
            {'revenue': 240.0, 'rank': 1, 'share': 0.8, 'cumulative_share': 0.8},
        ])
        self.refresh()
        self.assertEqual((self.get_account(first) + self.get_account(second)).mapped('revenue'), [1060.0, 240.0])


class TestInvoicedFigures(FiguresOfAnySource, KeyAccountCommon):
    """Revenue from posted invoices."""

    source = 'invoice'

    def sell(self, partner, day, amount):
        move_type = 'out_invoice' if amount > 0 else 'out_refund'
        return self.create_invoice(partner, day, abs(amount), move_type=move_type, product=self.penny)

    def test_credit_notes_subtract(self):
        customer = self.create_customer()
        self.create_invoice(customer, LAST, 100.0, product=self.penny)
        self.create_credit_note(customer, LAST, 30.0, product=self.penny)
        self.create_credit_note(customer, LAST_BEFORE, 5.0)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{
            'revenue': 70.0, 'margin': 70.0, 'revenue_previous': -5.0, 'growth': 0.0, 'order_count': 1,
            'last_order_date': LAST}])

    def test_only_credit_notes(self):
        """Such a customer has an account without share or lifecycle, and comes last."""
        returned, bought = self.create_customer(), self.create_customer()
        self.create_credit_note(returned, LAST, 30.0)
        self.refresh()
        account = self.get_account(returned)
        self.assertRecordValues(account, [{
            'revenue': -30.0, 'share': 0.0, 'cumulative_share': 0.0, 'rank': 1, 'order_count': 0,
            'first_order_date': False, 'lifecycle': False}])
        self.create_invoice(bought, LAST, 10.0)
        self.refresh()
        self.assertEqual((self.get_account(bought) + account).mapped('rank'), [1, 2])
        self.assertEqual((self.get_account(bought) + account).mapped('share'), [1.0, 0.0])

    def test_invoice_date_counts_not_accounting_date(self):
        customer = self.create_customer()
        self.create_invoice(customer, LAST_BEFORE, 10.0, date=FIRST)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'revenue': 0.0, 'revenue_previous': 10.0}])

    def test_taxes_and_notes_are_no_revenue(self):
        customer = self.create_customer()
        group = self.env['account.tax.group'].create({'name': "VAT", 'company_id': self.company.id})
        tax = self.env['account.tax'].create({
            'name': "VAT", 'amount': 25.0, 'company_id': self.company.id, 'tax_group_id': group.id})
        invoice = self.create_invoice(customer, LAST, 100.0, post=False)
        invoice.invoice_line_ids.tax_ids = tax
        invoice.invoice_line_ids = [Command.create({'display_type': 'line_note', 'name': "Thank you"}),
                                    Command.create({'name': "More", 'price_unit': 60.0, 'tax_ids': False})]
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 185.0)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'revenue': 160.0, 'order_count': 1}])


class TestOrderedFigures(FiguresOfAnySource, KeyAccountCommon):
    """Revenue from confirmed orders."""

    source = 'order'

    def sell(self, partner, day, amount):
        return self.create_order(partner, day, amount, product=self.penny, quantity=1.0 if amount > 0 else -1.0)

    def test_invoices_do_not_count_again(self):
        customer = self.create_customer()
        order = self.create_order(customer, LAST, 100.0)
        order._create_invoices().action_post()
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'revenue': 100.0, 'margin': 40.0, 'order_count': 1}])

    def test_local_day_counts(self):
        """Half past eleven in the evening is still that day, half past midnight already the next one."""
        self.company.partner_id.tz = 'America/New_York'
        customer = self.create_customer()
        late, early = datetime(2025, 7, 1, 3, 30), datetime(2025, 7, 1, 4, 30)
        late_before, early_after = datetime(2024, 7, 1, 3, 30), datetime(2024, 7, 1, 4, 30)
        for moment, amount in ((late, 1.0), (early, 2.0), (late_before, 4.0), (early_after, 8.0)):
            self.create_order(customer, moment, amount)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{
            'revenue': 9.0, 'revenue_previous': 4.0, 'order_count': 2,
            'first_order_date': LAST_BEFORE, 'last_order_date': LAST}])

    def test_east_of_greenwich(self):
        self.company.partner_id.tz = 'Asia/Tokyo'
        customer = self.create_customer()
        self.create_order(customer, datetime(2025, 6, 30, 14, 30), 1.0)
        self.create_order(customer, datetime(2025, 6, 30, 15, 30), 2.0)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [
            {'revenue': 1.0, 'order_count': 1, 'last_order_date': LAST}])

    def test_notes_and_many_lines(self):
        customer = self.create_customer()
        self.create_order(customer, LAST, 100.0).order_line = [
            Command.create({'product_id': self.penny.id, 'price_unit': 50.0, 'tax_ids': False}),
            Command.create({'display_type': 'line_note', 'name': "Thank you"})]
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [
            {'revenue': 150.0, 'margin': 89.5, 'order_count': 1}])

    def test_currency_of_the_order(self):
        """Two dollars are worth one unit of the company's currency: revenue, cost and margin are converted."""
        customer = self.create_customer()
        dollars = self.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': self.dollar.id, 'company_id': self.company.id})
        order = self.create_order(customer, LAST, 300.0, pricelist_id=dollars.id)
        self.assertRecordValues(order.order_line, [{'currency_id': self.dollar.id, 'purchase_price': 120.0}])
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'revenue': 150.0, 'margin': 90.0}])


class TestDocumentsThatCountAsOrders(KeyAccountCommon):
    """Orders are counted; of a customer that never had one, its invoices."""

    def test_orders_come_first(self):
        customer = self.create_customer()
        self.create_invoice(customer, date(2025, 5, 1), 100.0)
        self.create_invoice(customer, date(2025, 5, 11), 100.0)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{
            'order_count': 2, 'first_order_date': date(2025, 5, 1), 'order_interval_days': 10.0}])
        self.create_order(customer, date(2025, 6, 1))
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{
            'order_count': 1, 'first_order_date': date(2025, 6, 1), 'order_interval_days': 0.0}])

    def test_several_orders_on_a_day_are_one_interval(self):
        customer = self.create_customer()
        for day in (date(2025, 5, 1), date(2025, 5, 1), date(2025, 5, 11), date(2025, 5, 21)):
            self.create_order(customer, day)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'order_count': 4, 'order_interval_days': 10.0}])

    def test_old_orders_do_not_stretch_the_interval(self):
        customer = self.create_customer()
        for day in (date(2015, 1, 1), date(2025, 5, 1), date(2025, 5, 11)):
            self.create_order(customer, day)
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [
            {'order_interval_days': 10.0, 'first_order_date': date(2015, 1, 1)}])
