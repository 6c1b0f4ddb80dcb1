from dateutil.relativedelta import relativedelta

from .common import TODAY
from .risk_common import RiskCommon

YEAR_AGO = TODAY - relativedelta(years=1)  # the last day of the year before


class TestRisksPrice(RiskCommon):
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
