from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from .agreement_common import AgreementCommon
from .common import TODAY

SPRING = date(2025, 4, 1)
WINTER = date(2024, 12, 1)


class TestAgreementBundle(AgreementCommon):
    """The assistant that proposes an agreement from what a customer really bought in the last 12 months."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = False

    def propose(self, customer=None, user=None):
        """The assistant, opened from the account of a customer."""
        account = self.get_account(customer or self.customer) or self.create_account(customer)
        action = account.with_user(user or self.env.user).action_propose_agreement()
        return self.env[action['res_model']].with_user(user or self.env.user).browse(action['res_id'])

    def get_line(self, wizard, product=None):
        """The line of a product; empty when it is not proposed."""
        return wizard.product_line_ids.filtered(lambda line: line.product_id == (product or self.product))

    def assertLine(self, line, **values):
        """The line has these values, to four digits."""
        for name, value in values.items():
            with self.subTest(field=name):
                if isinstance(value, float):
                    self.assertAlmostEqual(line[name], value, 4)
                else:
                    self.assertEqual(line[name], value)

    # ------------------------------------------------------------
    # Numbers
    # ------------------------------------------------------------

    def test_numbers(self):
        """10 at 90 and 30 at 80, and a stranger pays 20 at 85 and 60 at 95."""
        self.create_order(self.customer, WINTER, 900.0, quantity=10.0)
        self.create_order(self.contact, SPRING, 2400.0, quantity=30.0)
        self.create_order(self.create_customer("Stranger"), SPRING, 1700.0, quantity=20.0)
        self.create_order(self.create_customer("Other"), SPRING, 5700.0, quantity=60.0)
        self.assertLine(
            self.get_line(self.propose()), quantity=40.0, amount=3300.0, usual_price=82.5, normal_price=100.0,
            others_price=92.5, price_unit=82.5, discount=17.5, usual_margin=1 - 60 / 82.5, margin=1 - 60 / 82.5,
            order_count=2, last_date=SPRING, source='usual', selected=True)

    def test_the_year_ends_today_and_begins_the_day_after(self):
        self.create_order(self.customer, date(2024, 6, 30), 1.0)
        self.create_order(self.customer, date(2024, 7, 1), 50.0)
        self.create_order(self.customer, TODAY, 70.0)
        self.create_order(self.customer, date(2025, 7, 1), 1.0)
        wizard = self.propose()
        self.assertLine(self.get_line(wizard), quantity=2.0, usual_price=60.0)
        self.assertEqual((wizard.start, wizard.today), (date(2024, 7, 1), TODAY))

    def test_subsidiaries_buy_for_themselves(self):
        subsidiary = self.create_customer("Anchor Spa", parent_id=self.customer.id)
        self.create_order(self.customer, SPRING, 90.0)
        self.create_order(subsidiary, SPRING, 70.0)
        self.assertLine(self.get_line(self.propose()), quantity=1.0, usual_price=90.0, others_price=70.0)

    def test_only_confirmed_orders(self):
        self.create_order(self.customer, SPRING, 90.0)
        self.create_order(self.customer, SPRING, 10.0, confirm=False)
        self.create_order(self.customer, SPRING, 10.0)._action_cancel()
        self.assertLine(self.get_line(self.propose()), quantity=1.0, usual_price=90.0, order_count=1)

    def test_what_was_credited_was_not_bought(self):
        order = self.create_order(self.customer, SPRING, 900.0, quantity=10.0)
        invoice = order._create_invoices()
        invoice.action_post()
        credit_note = invoice._reverse_moves()
        credit_note.invoice_line_ids.quantity = 4.0
        credit_note.action_post()
        self.assertLine(self.get_line(self.propose()), quantity=6.0, amount=540.0, usual_price=90.0)

    def test_dozens(self):
        """2 dozen for 1,920 and 6 for 540: 30 at 82."""
        order = self.create_order(self.customer, SPRING, 540.0, quantity=6.0)
        order.order_line.copy({
            'order_id': order.id, 'product_uom_id': self.env.ref('uom.product_uom_dozen').id, 'product_uom_qty': 2.0,
            'price_unit': 960.0})
        self.assertLine(self.get_line(self.propose()), quantity=30.0, amount=2460.0, usual_price=82.0, order_count=1)

    def test_orders_in_another_currency(self):
        """100 dollars are 50 in the currency of the company."""
        self.create_order(self.customer, SPRING, 90.0)
        order = self.create_order(self.customer, SPRING, 100.0, currency_id=self.dollar.id, confirm=False)
        order.pricelist_id = self.pricelist.copy({'currency_id': self.dollar.id})
        order.order_line.price_unit = 100.0
        order.action_confirm()
        order.date_order = '2025-04-01 12:00:00'
        self.assertEqual(order.currency_id, self.dollar)
        self.assertLine(self.get_line(self.propose()), quantity=2.0, amount=140.0, usual_price=70.0)

    def test_customer_who_buys_in_dollars(self):
        """The agreement will be in dollars, and so is the proposal."""
        self.customer.specific_property_product_pricelist = self.pricelist.copy({'currency_id': self.dollar.id})
        self.create_order(self.customer, SPRING, 160.0)
        wizard = self.propose()
        self.assertLine(
            self.get_line(wizard), amount=160.0, usual_price=160.0, normal_price=200.0, price_unit=160.0,
            margin=1 - 120 / 160)
        wizard.action_create_agreement()
        self.assertEqual(self.env['key.account.agreement'].search([], limit=1, order='id desc').currency_id, self.dollar)

    def test_prices_with_taxes(self):
        """A list price of 121 has 21 of taxes in it; margins are without them."""
        self.product.write({'list_price': 121.0, 'taxes_id': [Command.create({
            'name': "21 % in it", 'amount': 21.0, 'price_include_override': 'tax_included', 'company_id': self.company.id,
            'country_id': self.company.account_fiscal_country_id.id,
            'tax_group_id': self.env['account.tax.group'].create({
                'name': "VAT", 'company_id': self.company.id, 'country_id': self.company.account_fiscal_country_id.id}).id})]})
        order = self.quote(line={'product_uom_qty': 2.0, 'discount': 10.0})
        order.action_confirm()
        self.assertEqual(order.amount_untaxed, 180.0)
        wizard = self.propose()
        self.assertLine(
            self.get_line(wizard), amount=180.0, usual_price=108.9, normal_price=121.0, price_unit=108.9, discount=10.0,
            margin=1 - 60 / 90)
        self.assertAlmostEqual(wizard.proposed_amount, 180.0)

    def test_what_no_agreement_can_cover(self):
        order = self.create_order(self.customer, SPRING, 90.0)
        order.order_line = [
            Command.create({'display_type': 'line_section', 'name': "Section"}),
            Command.create({'product_id': self.create_product(name="Deposit").id, 'is_downpayment': True,
                            'product_uom_qty': 0, 'price_unit': 10.0}),
        ]
        self.assertEqual(self.propose().product_line_ids.product_id, self.product)

    def test_invoices_of_who_has_no_orders(self):
        self.create_invoice(self.contact, SPRING, 900.0, product=self.product, quantity=10.0)
        self.create_credit_note(self.customer, SPRING, 180.0, product=self.product, quantity=2.0)
        self.create_invoice(self.customer, SPRING, 1.0, product=self.product, post=False)
        self.create_invoice(self.create_customer("Stranger"), SPRING, 95.0, product=self.product)
        self.assertLine(
            self.get_line(self.propose()), quantity=8.0, amount=720.0, usual_price=90.0, others_price=95.0, order_count=2)

    def test_nothing_bought(self):
        wizard = self.propose()
        self.assertFalse(wizard.line_count)
        with self.assertRaisesRegex(UserError, "at least one"):
            wizard.action_create_agreement()

    def test_archived_products_are_left_out(self):
        old = self.create_product(name="Old Rope")
        self.create_order(self.customer, SPRING, 90.0)
        self.create_order(self.customer, SPRING, 90.0, product=old)
        old.active = False
        wizard = self.propose()
        self.assertEqual(wizard.product_line_ids.product_id, self.product)
        self.assertIn("Old Rope", wizard.remark)

    # ------------------------------------------------------------
    # What is proposed
    # ------------------------------------------------------------

    def test_never_above_the_normal_price(self):
        self.create_order(self.customer, SPRING, 120.0)
        self.assertLine(self.get_line(self.propose()), usual_price=120.0, price_unit=100.0, source='normal', discount=0.0)

    def test_price_for_a_contract(self):
        cheap = self.create_product(name="Screw", list_price=0.05)
        self.create_order(self.customer, SPRING, 100.0, quantity=3.0)
        self.create_order(self.customer, SPRING, 1.0, quantity=81.0, product=cheap)
        wizard = self.propose()
        self.assertEqual(self.get_line(wizard).price_unit, 33.33)
        self.assertEqual(self.get_line(wizard, cheap).price_unit, 0.012346)

    def test_running_agreement(self):
        """Its price comes first, with its quantity steps."""
        self.pricelist.copy({'name': "Own"})
        self.create_order(self.customer, SPRING, 90.0)
        agreement = self.create_agreement({
            'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]})
        self.env.invalidate_all()
        wizard = self.propose()
        line = self.get_line(wizard)
        self.assertLine(line, usual_price=90.0, normal_price=100.0, price_unit=80.0, source='agreement',
                        source_note=agreement.name)
        line.price_unit = 40.0
        draft = self.create_draft(wizard)
        self.assertEqual(draft.line_ids.step_ids.mapped(lambda step: (step.min_quantity, step.price_unit)), [(10.0, 35.0)])
        self.assertEqual(draft.date_start, date(2026, 1, 1), "the day after the running one")

    def test_running_agreement_with_a_discount_on_a_category(self):
        self.product.categ_id = self.env['product.category'].create({'name': "Ropes"})
        self.create_order(self.customer, SPRING, 90.0)
        self.create_agreement({'categ_id': self.product.categ_id.id, 'price_type': 'discount', 'discount': 25.0})
        self.env.invalidate_all()
        wizard = self.propose()
        self.assertLine(self.get_line(wizard), price_unit=75.0, discount=25.0, source='agreement')
        self.assertLine(wizard.category_line_ids, discount=25.0, source='agreement')

    def test_special_prices_of_the_customer(self):
        """The customer's own pricelist, where it names the product; general rules of it are the normal price."""
        other = self.create_product(name="Knot", list_price=40.0)
        self.customer.specific_property_product_pricelist = self.pricelist.create({
            'name': "Own", 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'item_ids': [
                Command.create({'applied_on': '1_product', 'product_tmpl_id': self.product.product_tmpl_id.id,
                                'compute_price': 'fixed', 'fixed_price': 77.0}),
                Command.create({'applied_on': '1_product', 'product_tmpl_id': self.product.product_tmpl_id.id,
                                'compute_price': 'fixed', 'fixed_price': 66.0, 'min_quantity': 100.0}),
                Command.create({'applied_on': '3_global', 'compute_price': 'percentage', 'percent_price': 10.0})]})
        self.create_order(self.customer, SPRING, 90.0)
        self.create_order(self.customer, SPRING, 30.0, product=other)
        wizard = self.propose()
        self.assertLine(self.get_line(wizard), price_unit=77.0, source='special', source_note="Own", steps=[[100.0, 66.0]])
        self.assertLine(self.get_line(wizard, other), price_unit=30.0, normal_price=36.0, source='usual')

    def test_agreement_of_the_parent(self):
        subsidiary = self.create_customer("Anchor Spa", parent_id=self.customer.id)
        self.create_order(subsidiary, SPRING, 90.0)
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        agreement.covered_partner_ids = subsidiary
        agreement.action_sign()
        wizard = self.propose(subsidiary)
        self.assertLine(self.get_line(wizard), price_unit=80.0, source='agreement')
        draft = self.create_draft(wizard)
        self.assertEqual(draft.date_start, TODAY, "its own agreement can begin at once")

    def test_category(self):
        """5 at 90 and 10 at 30 are 750; at normal prices 5 x 100 + 10 x 40 = 900."""
        ropes = self.env['product.category'].create({'name': "Ropes"})
        other = self.create_product(name="Knot", list_price=40.0, standard_price=20.0, categ_id=ropes.id)
        self.product.categ_id = ropes
        self.create_order(self.customer, WINTER, 450.0, quantity=5.0)
        order = self.create_order(self.customer, SPRING, 300.0, quantity=10.0, product=other)
        wizard = self.propose()
        line = wizard.category_line_ids
        self.assertLine(
            line, categ_id=ropes, amount=750.0, usual_price=750.0, normal_price=900.0, price_unit=750.0, product_count=2,
            discount=16.67, margin=1 - (5 * 60 + 10 * 20) / 750, order_count=2, last_date=order.date_order.date())
        wizard.write({'group_by': 'category', 'target_discount': 20.0, 'commit_volume': True})
        wizard.action_apply_discount()
        self.assertLine(line, price_unit=720.0, discount=20.0)
        terms = self.create_draft(wizard).line_ids
        self.assertRecordValues(terms, [{
            'applied_on': '2_product_category', 'categ_id': ropes.id, 'price_type': 'discount', 'discount': 20.0,
            'commitment': 'amount', 'commit_min': 720.0}])

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def create_draft(self, wizard):
        """The draft that the assistant makes."""
        return self.env['key.account.agreement'].browse(wizard.action_create_agreement()['res_id'])

    def test_margin_is_live(self):
        self.create_order(self.customer, SPRING, 900.0, quantity=10.0)
        wizard = self.propose(user=self.salesperson)
        with Form(wizard) as form:
            with form.product_line_ids.edit(0) as line:
                line.price_unit = 75.0
                self.assertAlmostEqual(line.discount, 25.0)
                self.assertAlmostEqual(line.margin, 0.2)
                line.discount = 20.0
                self.assertAlmostEqual(line.price_unit, 80.0)
                self.assertAlmostEqual(line.margin, 0.25)
            self.assertAlmostEqual(form.proposed_amount, 800.0)
            self.assertAlmostEqual(form.margin, 0.25)
        self.assertLine(self.get_line(wizard), price_unit=80.0, discount=20.0)

    def test_target_discount_is_for_ticked_lines(self):
        other = self.create_product(name="Knot", list_price=40.0)
        self.create_order(self.customer, SPRING, 90.0)
        self.create_order(self.customer, SPRING, 30.0, product=other)
        wizard = self.propose()
        self.get_line(wizard, other).selected = False
        wizard.target_discount = 12.345
        wizard.action_apply_discount()
        self.assertEqual(wizard.product_line_ids.mapped('price_unit'), [87.66, 30.0])
        wizard.target_discount = 101.0
        with self.assertRaisesRegex(UserError, "0 to 100"):
            wizard.action_apply_discount()

    def test_draft(self):
        other = self.create_product(name="Knot", list_price=40.0)
        self.create_order(self.customer, SPRING, 2400.0, quantity=30.0)
        self.create_order(self.customer, SPRING, 30.0, product=other)
        wizard = self.propose(user=self.salesperson)
        self.get_line(wizard, other).selected = False
        wizard.commit_volume = True
        draft = self.create_draft(wizard)
        self.assertRecordValues(draft, [{
            'state': 'draft', 'partner_id': self.customer.id, 'date_start': TODAY, 'user_id': self.salesperson.id}])
        self.assertRecordValues(draft.line_ids, [{
            'applied_on': '0_product_variant', 'product_id': self.product.id, 'uom_id': self.product.uom_id.id,
            'price_type': 'fixed', 'price_unit': 80.0, 'commitment': 'quantity', 'commit_min': 30.0}])
        draft.action_sign()

    def test_tick_all(self):
        self.product.categ_id = self.env['product.category'].create({'name': "Ropes"})
        self.create_order(self.customer, SPRING, 90.0)
        wizard = self.propose()
        wizard.action_untick_all()
        self.assertFalse(wizard.ticked_count)
        self.assertTrue(wizard.category_line_ids.selected)
        wizard.action_tick_all()
        self.assertEqual(wizard.ticked_count, 1)

    # ------------------------------------------------------------
    # Rights and speed
    # ------------------------------------------------------------

    def test_rights(self):
        self.create_order(self.customer, SPRING, 90.0, user_id=self.manager.id)
        self.create_order(self.create_customer("Stranger"), SPRING, 95.0, user_id=self.manager.id)
        wizard = self.propose()
        wizard.account_id.user_id = self.salesperson
        self.assertLine(self.get_line(self.propose(user=self.salesperson)), others_price=95.0)
        for user in (self.salesperson_2, self.employee, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.propose(user=user)

    def test_queries_for_many_products(self):
        """As many for 105 products as for 5, also with an agreement that gives a discount on the normal pricelist."""
        self.customer.specific_property_product_pricelist = self.pricelist.copy({'name': "Own"})
        self.create_agreement({'applied_on': '3_global', 'price_type': 'discount', 'discount': 5.0})
        counts = []
        for number in (5, 100):
            products = self.env['product.product'].create([
                {'name': f"Rope {place}", 'type': 'service', 'taxes_id': False, 'company_id': self.company.id,
                 'list_price': 100.0} for place in range(number)])
            order = self.env['sale.order'].create({
                'partner_id': self.customer.id, 'pricelist_id': False, 'order_line': [
                    Command.create({'product_id': product.id, 'price_unit': 90.0}) for product in products]})
            order.state = 'sale'
            self.count_queries(self.propose, user=self.manager)  # fills what Odoo keeps between requests
            counts.append(self.count_queries(self.propose, user=self.manager))
        self.assertEqual(len(self.propose().product_line_ids), 105)
        self.assertLessEqual(counts[1], counts[0] + 1, "Odoo inserts 100 rows at a time")
