from datetime import date

from dateutil.relativedelta import relativedelta
from odoo.tests import freeze_time

from .agreement_common import AgreementCommon
from .common import TODAY
from .risk_common import RiskCommon

YEAR_AGO = TODAY - relativedelta(years=1)  # the last day of the year before


class TestRisksPrice(RiskCommon, AgreementCommon):
    """Prices that invite a second offer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'

    @classmethod
    def sell(cls, price, *days, quantity=1.0, customer=None, **options):
        """Orders of the product at a price each, on these days; it costs 60."""
        orders = cls.env['sale.order']
        for day in days:
            orders += cls.create_order(customer or cls.customer, day, price * quantity, quantity=quantity, **options)
        return orders

    # ------------------------------------------------------------
    # Margin
    # ------------------------------------------------------------

    def test_margin_crept(self):
        """From 40 to 50 % is 10 points; of a year with two orders nobody says anything."""
        rule = self.use_rule('margin_crept', threshold=10)
        self.sell(100, YEAR_AGO, self.days(-500), self.days(-400))
        now = self.sell(120, self.days(0), self.days(-1))
        self.assertFound(rule)
        now += self.sell(120, YEAR_AGO + relativedelta(days=1))
        self.assertFound(rule, self.product)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 36.0, 'reason': "Our margin on Rope rose from 40 % to 50 % within a year."}])
        rule.threshold = 10.1
        self.assertFound(rule)
        rule.threshold = 10
        now[0].order_line.price_unit = 119
        self.assertFound(rule)

    def test_margin_of_others(self):
        """Cancelled orders and those of another company do not count, nor what comes with an order."""
        rule = self.use_rule('margin_crept', threshold=10)
        self.sell(100, YEAR_AGO, YEAR_AGO, YEAR_AGO)
        now = self.sell(120, TODAY, TODAY, TODAY)
        self.assertFound(rule, self.product)
        self.company.sale_discount_product_id = self.product
        self.assertFound(rule)
        self.company.sale_discount_product_id = False
        now[0]._action_cancel()
        self.assertFound(rule)
        other = self.create_company("Other", self.company.currency_id)
        other.key_account_revenue_source = 'order'
        self.product.company_id = False
        self.sell(120, TODAY, company=other)
        self.assertFound(rule)

    # ------------------------------------------------------------
    # Others
    # ------------------------------------------------------------

    def test_price_above_peers(self):
        """Three others pay 80, 100 and 200: 110 is 10 % above the one in the middle."""
        rule = self.use_rule('price_above_peers', threshold=10)
        own = self.sell(110.01, TODAY, quantity=10)
        others = [self.create_customer(f"Other {price}") for price in (80, 100, 200)]
        for other, price in zip(others, (80, 100)):
            self.sell(price, TODAY, quantity=8, customer=other)
        self.assertFound(rule)  # two others are none
        orders = self.sell(200, YEAR_AGO + relativedelta(days=1), quantity=15, customer=others[2])
        for other in others:
            self.create_account(other)
        self.detect()
        self.assertEqual(
            {risk.account_id.partner_id: risk.amount for risk in self.get_risks(rule)},
            {self.customer: 100.1, others[2]: 1500.0})
        risk = self.get_risks(rule).filtered(lambda risk: risk.account_id == self.account)
        self.assertEqual(risk.reason, "They pay €\xa0110.01 for Rope; others who buy as much pay €\xa0100.00.".replace(
            "€\xa0110.01", self.company.currency_id.format(110.01)).replace("€\xa0100.00", self.company.currency_id.format(100)))
        self.assertEqual(self.env['key.account.sale'].search(risk.action_fix()['domain']).order_id, own)
        own.order_line.price_unit = 110
        self.detect()
        self.assertEqual(self.get_risks(rule).account_id.partner_id, others[2])
        orders.order_line.product_uom_qty = 16  # another quantity
        own.order_line.price_unit = 150
        self.assertFound(rule)

    def test_price_between_those_of_four_others(self):
        """60, 70, 120 and 130: the middle of the others is 95, wherever one's own price stands."""
        rule = self.use_rule('price_above_peers', threshold=15)
        for price in (60, 70, 120, 130):
            other = self.create_customer(f"Other {price}")
            self.create_account(other)
            self.sell(price, TODAY, customer=other)
        self.sell(110, TODAY)
        self.detect()
        own = self.get_risks(rule).filtered(lambda risk: risk.account_id == self.account)
        self.assertEqual(own.amount, 15)

    def test_price_above_peers_when_one_is_refreshed(self):
        """The others are known, too, when only one account is refreshed."""
        rule = self.use_rule('price_above_peers', threshold=10)
        self.sell(150, TODAY)
        for name in "ABC":
            other = self.create_customer(name)
            self.create_account(other)
            self.sell(100, TODAY, customer=other)
        self.detect(accounts=self.account)
        risk = self.get_risks(rule)
        self.assertEqual(risk.amount, 50)
        self.detect()
        self.assertRecordValues(risk, [{'state': 'open', 'open_count': 1}])

    # ------------------------------------------------------------
    # Agreed
    # ------------------------------------------------------------

    def test_price_above_agreed(self):
        """80 is agreed, from 10 on 70. An order counts as long as it is as young as the limit says."""
        rule = self.use_rule('price_above_agreed', threshold=15)
        with freeze_time('2025-06-10 12:00:00'):
            self.create_agreement({'price_unit': 80.0, 'step_ids': [(0, 0, {'min_quantity': 10, 'price_unit': 70})]})
        self.sell(80, TODAY)
        self.sell(70, TODAY, quantity=10)
        self.sell(90, date(2025, 6, 9))  # before the signature
        self.sell(90, self.days(-16))
        self.sell(90, TODAY, product=self.create_product(name="Knot"))
        order = self.sell(90, self.days(-15), quantity=9)
        step = self.sell(71, TODAY, quantity=10)
        self.assertFound(rule, order, step)
        risk = self.get_risks(rule).filtered(lambda risk: risk.res_id == order.id)
        self.assertRecordValues(risk, [{'amount': 90.0, 'severity': '3'}])
        money = self.company.currency_id.format
        self.assertEqual(risk.reason, f"Rope for {money(90)} instead of the agreed {money(80)}: {order.name}.")
        order.order_line.discount = 12
        self.assertFound(rule, step)
        self.assertFound(rule, step, today=self.days(15))
        self.assertFound(rule, today=self.days(16))

    def test_invoice_above_agreed(self):
        """An invoice counts where it is dearer than its order, or has none; a subsidiary buys under the agreement, too."""
        rule = self.use_rule('price_above_agreed', threshold=30)
        branch = self.create_customer("Harbor Branch")
        self.create_account(branch)
        with freeze_time('2025-05-01 12:00:00'):
            self.create_agreement({'price_unit': 80.0}, covered_partner_ids=branch.ids)
        order = self.sell(90, TODAY)
        invoice = order._create_invoices()
        invoice.invoice_date = TODAY
        invoice.action_post()
        loose = self.create_invoice(branch, TODAY, 170.0, product=self.product, quantity=2)
        self.create_invoice(branch, TODAY, 160.0, product=self.product, quantity=2)
        self.assertFound(rule, order, loose)
        self.assertEqual(self.get_risks(rule).filtered(lambda risk: risk.res_id == loose.id).amount, 10)
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 95
        invoice.action_post()
        self.assertFound(rule, order, loose, invoice)
        loose.button_draft()
        self.assertFound(rule, order, invoice)

    def test_covered_before_the_own_agreement(self):
        """What a subsidiary ordered before it signed an agreement of its own was ordered under the one that covers it."""
        rule = self.use_rule('price_above_agreed', threshold=30)
        branch = self.create_customer("Harbor Branch")
        self.create_account(branch)
        with freeze_time('2025-05-01 12:00:00'):
            self.create_agreement({'price_unit': 80.0}, covered_partner_ids=branch.ids)
        order = self.sell(90, self.days(-5), customer=branch)
        with freeze_time(f'{self.days(-3)} 12:00:00'):
            self.create_agreement({'price_unit': 95.0}, customer=branch)
        self.sell(90, TODAY, customer=branch)
        self.assertFound(rule, order)

    def test_price_above_agreed_in_another_currency(self):
        """The company's euro is worth 2 dollars: 160 dollars are what was agreed."""
        rule = self.use_rule('price_above_agreed', threshold=30)
        with freeze_time('2025-05-01 12:00:00'):
            self.create_agreement({'price_unit': 80.0})
        dollars = self.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': self.dollar.id, 'company_id': self.company.id})
        self.sell(160, TODAY, pricelist_id=dollars.id)
        order = self.sell(162, TODAY, pricelist_id=dollars.id)
        self.assertFound(rule, order)
        self.assertEqual(self.get_risks(rule).amount, 1)

    def test_price_not_revised(self):
        """Signed a year ago, when the product cost 60; by now it costs 50."""
        rule = self.use_rule('price_not_revised', threshold=12)
        with freeze_time('2024-06-30 12:00:00'):
            agreement = self.create_agreement({'price_unit': 80.0}, date_start=date(2024, 6, 30), date_end=date(2026, 6, 29))
            self.sell(80, date(2024, 7, 1))
        self.product.standard_price = 50
        self.sell(80, self.days(-80), self.days(-2), quantity=5)
        self.assertFound(rule, agreement.line_ids)
        risk = self.get_risks(rule)
        self.assertEqual(risk.amount, 110)
        money = self.company.currency_id.format
        self.assertEqual(
            risk.reason, f"The price of Rope holds since 06/30/2024; our cost fell from {money(60)} to {money(50)}.")
        self.assertEqual(risk.action_fix()['res_id'], agreement.id)
        rule.threshold = 13
        self.assertFound(rule)
        rule.threshold = 12
        self.sell(80, TODAY, quantity=10).order_line.purchase_price = 65  # 57.50 on average: by less than 5 %
        self.assertFound(rule)

    def test_price_signed_at_night(self):
        """The day of the signature is that of the company."""
        rule = self.use_rule('price_not_revised', threshold=12)
        self.company.partner_id.tz = 'Europe/Brussels'
        with freeze_time('2024-06-30 22:30:00'):
            agreement = self.create_agreement({'price_unit': 80.0}, date_start=date(2024, 6, 30), date_end=date(2026, 6, 29))
            self.sell(80, date(2024, 7, 1))
        self.product.standard_price = 50
        self.sell(80, TODAY)
        self.assertFound(rule)
        self.assertFound(rule, agreement.line_ids, today=self.days(1))
        self.assertEqual(self.get_risks(rule).facts['since_date'], '2024-07-01')

    def test_price_older_than_the_sales(self):
        """Of a price that is older, the first three months of the last 24 count, which begin on July 1."""
        rule = self.use_rule('price_not_revised', threshold=12)
        with freeze_time('2023-05-31 12:00:00'):
            agreement = self.create_agreement({'price_unit': 80.0}, date_start=date(2023, 5, 31), date_end=date(2026, 6, 29))
            first = self.sell(80, date(2023, 9, 30))
        self.product.standard_price = 50
        self.sell(80, TODAY)
        self.assertFound(rule, agreement.line_ids)
        first.date_order = '2023-10-01 12:00:00'
        self.assertFound(rule)

    def test_price_revised(self):
        """A price revision since then counts as looked at."""
        rule = self.use_rule('price_not_revised', threshold=12)
        with freeze_time('2024-06-30 12:00:00'):
            agreement = self.create_agreement(
                {'price_unit': 80.0}, date_start=date(2024, 6, 30), date_end=date(2026, 6, 29), price_policy='notice')
            self.sell(80, date(2024, 7, 1))
        self.product.standard_price = 50
        self.sell(80, TODAY)
        self.assertFound(rule, agreement.line_ids)
        self.env['key.account.price.revision'].create({
            'agreement_id': agreement.id, 'date': date(2025, 1, 1), 'announce_on': date(2024, 12, 1), 'percent': -1,
            'line_ids': agreement.line_ids.ids}).sudo().state = 'announced'
        self.assertFound(rule)

    # ------------------------------------------------------------
    # List
    # ------------------------------------------------------------

    def test_price_above_list(self):
        """100 by the list: with the price that somebody typed, or without a pricelist."""
        rule = self.use_rule('price_above_list', threshold=30)
        self.sell(110, TODAY)  # what the pricelist of the order said
        typed = self.sell(100, TODAY, quantity=2)
        typed.order_line.price_unit = 103
        self.sell(100, TODAY).order_line.price_unit = 100.5  # what rounding may make of it
        loose = self.sell(101, self.days(-30), pricelist_id=False)
        self.sell(100.49, TODAY, pricelist_id=False)
        self.sell(120, self.days(-31), pricelist_id=False)
        invoice = self.create_invoice(self.customer, TODAY, 220.0, product=self.product, quantity=2)
        self.assertFound(rule, typed, loose, invoice)
        self.assertEqual(
            {risk.res_model: risk.amount for risk in self.get_risks(rule) if risk.res_id != loose.id},
            {'sale.order': 6.0, 'account.move': 20.0})
        typed.order_line.discount = 3
        invoice._reverse_moves([{'invoice_date': TODAY}], cancel=True)
        self.assertFound(rule, loose)
        loose._action_cancel()
        self.assertFound(rule)

    def test_price_above_list_in_dozens(self):
        """1,200 for a dozen is the list price; the unit of the order does not matter."""
        rule = self.use_rule('price_above_list', threshold=30)
        dozen = self.env.ref('uom.product_uom_dozen')
        fair, dear = self.sell(1200, TODAY, pricelist_id=False), self.sell(1320, TODAY, pricelist_id=False)
        for order in fair + dear:
            order.order_line.write({'product_uom_id': dozen.id})
        fair.order_line.price_unit, dear.order_line.price_unit = 1200, 1320
        self.assertFound(rule, dear)
        self.assertEqual(self.get_risks(rule).amount, 120)
