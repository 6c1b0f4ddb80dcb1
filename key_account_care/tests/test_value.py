from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .relationship_common import RelationshipCommon

LAST_YEAR = date(2024, 6, 30)


@tagged('post_install', '-at_install')
class TestValue(RelationshipCommon):
    """What a customer brings against what our people and discounts cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            'key_account_hour_cost': 50.0, 'key_account_travel_hours': 3.0, 'key_account_revenue_source': 'order'})
        cls.product.standard_price = 0.0
        cls.dollars = cls.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': cls.dollar.id, 'company_id': cls.company.id})

    def run_night(self, accounts=None):
        accounts = self.env['key.account'] if accounts is None else accounts
        for step in (
                self.env['key.account']._refresh_figures, self.Relationship._refresh_relationships,
                self.env['key.account']._refresh_attention, self.env['key.account']._refresh_value):
            accounts._do_step(step, self.company, TODAY)

    def sell(self, amount, discount=0.0, day=TODAY, **vals):
        order = self.create_order(self.customer, day, amount, confirm=False, **vals)
        order.order_line.discount = discount
        order.action_confirm()
        order.date_order = day
        return order

    def assertValue(self, **expected):
        self.run_night()
        self.assertEqual({name: round(self.account[name], 2) for name in expected}, expected)

    # ------------------------------------------------------------
    # Discounts
    # ------------------------------------------------------------

    def test_nothing(self):
        self.assertValue(care_cost=0, discount_amount=0, net_value=0)
        self.assertFalse(self.account.value_reason)

    def test_discounts_are_in_the_margin(self):
        self.sell(200.0, 25.0)
        self.sell(100.0, 100.0)
        self.assertValue(discount_amount=150, margin=150, net_value=150)

    def test_discount_of_the_dialog(self):
        order = self.sell(200.0, 10.0)
        self.env['sale.order.discount'].create({
            'sale_order_id': order.id, 'discount_type': 'amount', 'discount_amount': 30.0}).action_apply_discount()
        self.assertValue(discount_amount=50)
        action = self.account.with_context(part='discount').action_open_value()
        self.assertEqual(self.env['sale.order'].search(action['domain']), order)

    def test_taxes_in_the_price(self):
        country = self.company.account_fiscal_country_id
        group = self.env['account.tax.group'].create({
            'name': "Taxes", 'country_id': country.id, 'company_id': self.company.id})
        tax = self.env['account.tax'].create({
            'name': "25 % included", 'amount': 25.0, 'price_include_override': 'tax_included', 'company_id': self.company.id,
            'country_id': country.id, 'tax_group_id': group.id})
        order = self.sell(125.0, 20.0)
        order.order_line.tax_ids = tax
        self.assertValue(discount_amount=20)

    def test_other_currency(self):
        self.sell(200.0, 50.0, pricelist_id=self.dollars.id)
        self.assertValue(discount_amount=50)

    def test_borders(self):
        self.sell(100.0, 10.0, LAST_YEAR)
        self.sell(100.0, 10.0, TODAY + timedelta(days=1))
        self.create_order(self.customer, TODAY, confirm=False).order_line.discount = 10.0
        self.sell(100.0, 10.0).with_context(disable_cancel_warning=True).action_cancel()
        self.assertValue(discount_amount=0)
        self.sell(100.0, 10.0, LAST_YEAR + timedelta(days=1))
        self.assertValue(discount_amount=10)

    def test_other_company(self):
        company = self.create_company("Anchor Trading", self._get_currency('base.EUR'))
        order = self.create_order(self.customer, TODAY, company=company, confirm=False)
        order.order_line.discount = 50.0
        order.action_confirm()
        self.assertValue(discount_amount=0)

    # ------------------------------------------------------------
    # Care
    # ------------------------------------------------------------

    def test_care(self):
        """Two of ours for an hour there, one of them once more at home, and one who met them without moving."""
        away = self.meet(self.ours, self.other, self.ada, self.bea, location="Harbor 1")
        self.meet(self.ours, self.ada, day=TODAY - timedelta(days=3))
        self.meet(self.ours, self.ada, day=TODAY - timedelta(days=4), location="https://meet.example/1")
        self.meet(self.ours, self.ada, day=TODAY - timedelta(days=5), location="Harbor", videocall_location="https://x.example")
        self.meet(self.ours, self.ada, day=LAST_YEAR - timedelta(days=1), location="Harbor 1")
        self.sell(1000.0)
        self.assertValue(meeting_hours=5, travel_hours=6, care_cost=550, net_value=450)
        self.assertIn("550.00", self.account.value_reason)
        action = self.account.with_context(part='travel').action_open_value()
        found = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(found.event_id, away)
        action = self.account.with_context(part='meeting').action_open_value()
        self.assertEqual(len(self.env[action['res_model']].search(action['domain']).event_id), 4)

    def test_some_accounts_only(self):
        other = self.env['key.account'].create({'partner_id': self.create_customer("Anchor").id})
        self.sell(100.0, 50.0)
        self.run_night(other)
        self.assertEqual(self.account.discount_amount, 0)
        self.run_night(self.account)
        self.assertEqual(self.account.discount_amount, 50)
        self.company.key_account_hour_cost = 10.0
        self.assertValue(discount_amount=50)

    def test_month_end(self):
        self.sell(100.0, 50.0)
        self.run_night()
        snapshots = self.env['key.account.snapshot']
        snapshots.search([('account_id', '=', self.account.id)]).unlink()
        self.env['key.account']._do_step(snapshots._refresh_snapshots, self.company, TODAY)
        self.assertRecordValues(snapshots.search([('account_id', '=', self.account.id)]), [{
            'discount_amount': 50.0, 'net_value': 50.0, 'care_cost': 0.0}])

    # ------------------------------------------------------------
    # Recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Random orders and meetings: the same in plain Python."""
        order = strategies.tuples(
            strategies.integers(1, 500), strategies.sampled_from((0, 10, 33.3, 50, 100, -20)), strategies.integers(0, 400),
            strategies.booleans(), strategies.booleans())
        meeting = strategies.tuples(
            strategies.integers(1, 2), strategies.integers(1, 2), strategies.integers(1, 400), strategies.booleans())
        run_examples(
            self.check_recount, strategies.lists(order, max_size=5), strategies.lists(meeting, max_size=4),
            max_examples=6, shrink=False)

    def check_recount(self, orders, meetings):
        with self.env.cr.savepoint() as attempt:
            discounts = margin = hours = 0.0
            for amount, discount, ago, is_confirmed, in_dollars in orders:
                order = self.create_order(
                    self.customer, TODAY - timedelta(days=ago), amount, confirm=False,
                    **({'pricelist_id': self.dollars.id} if in_dollars else {}))
                order.order_line.discount = discount
                if is_confirmed:
                    order.action_confirm()
                    order.date_order = TODAY - timedelta(days=ago)
                if is_confirmed and ago < 365:
                    before = amount / (2 if in_dollars else 1)
                    discounts += before * discount / 100
                    margin += before * (1 - discount / 100)
            for ours, theirs, ago, is_away in meetings:
                self.meet(
                    *(self.ours, self.other)[:ours], *(self.ada, self.bea)[:theirs], day=TODAY - timedelta(days=ago),
                    location="Harbor 1" if is_away else False)
                hours += ours * (1 + 3 * is_away) if ago < 365 else 0
            self.run_night()
            found = self.account
            self.assertAlmostEqual(found.discount_amount, discounts, delta=0.02 * len(orders) + 0.001)
            self.assertAlmostEqual(found.care_cost, 50 * hours, 2)
            self.assertAlmostEqual(found.net_value, margin - 50 * hours, delta=0.02 * len(orders) + 0.001)
            attempt.rollback()
        self.env.invalidate_all()

    def test_uses_orders_of_contacts(self):
        self.create_order(self.ada, TODAY, confirm=False, order_line=[Command.create({
            'product_id': self.product.id, 'price_unit': 80.0, 'discount': 25.0, 'tax_ids': False})]).action_confirm()
        self.assertValue(discount_amount=20)
