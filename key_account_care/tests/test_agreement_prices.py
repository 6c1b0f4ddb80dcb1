from datetime import date, datetime

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time

from .agreement_common import AgreementCommon


class TestAgreementPrices(AgreementCommon):
    """What a customer with an agreement pays, and who else does."""

    def assertPrice(self, price, *args, **kwargs):
        """A quotation has this unit price; it is linked exactly when the price is an agreed one."""
        line = self.quote(*args, **kwargs).order_line
        self.assertAlmostEqual(line.price_unit * (1 - line.discount / 100), price, 6)
        return line

    def test_agreed_price_is_linked(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        line = self.assertPrice(80.0)
        self.assertEqual(line.key_account_agreement_line_id, agreement.line_ids)
        self.assertEqual(line.order_id.key_account_agreement_id, agreement)

    def test_draft_and_sent_agreements_price_nothing(self):
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        self.assertPrice(100.0)
        agreement.action_mark_sent()
        self.assertPrice(100.0)

    def test_contacts_buy_under_it(self):
        self.create_agreement({'price_unit': 80.0})
        self.assertPrice(80.0, self.contact)

    def test_others_do_not(self):
        """The list of an agreement is nobody's default, although no other list is as specific."""
        self.pricelist.active = False
        self.create_agreement({'price_unit': 80.0})
        stranger = self.create_customer("Stranger")
        self.assertFalse(self.assertPrice(100.0, stranger).key_account_agreement_line_id)

    def test_first_and_last_day(self):
        self.create_agreement({'price_unit': 80.0})
        for moment, price in (
                (datetime(2024, 12, 31, 23, 59, 59), 100.0), (datetime(2025, 1, 1), 80.0),
                (datetime(2025, 12, 31, 23, 59, 59), 80.0), (datetime(2026, 1, 1), 100.0)):
            with freeze_time(moment):
                self.env.invalidate_all()
                self.assertPrice(price)

    def test_last_day_where_the_company_is(self):
        self.company.partner_id.tz = 'America/New_York'
        self.create_agreement({'price_unit': 80.0})
        with freeze_time(datetime(2026, 1, 1, 4, 30)):  # half past eleven in the evening there
            self.env.invalidate_all()
            self.assertPrice(80.0)

    def test_covered_subsidiary(self):
        subsidiary = self.create_customer("Anchor Spa", parent_id=self.customer.id)
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        agreement.covered_partner_ids = subsidiary
        agreement.action_sign()
        self.assertPrice(80.0, subsidiary)
        self.create_agreement({'price_unit': 70.0}, customer=subsidiary)
        self.env.invalidate_all()
        self.assertPrice(70.0, subsidiary)

    def test_subsidiary_that_is_not_covered(self):
        self.create_agreement({'price_unit': 80.0})
        self.assertPrice(100.0, self.create_customer("Anchor Spa", parent_id=self.customer.id))

    def test_dozen(self):
        self.create_agreement({'price_unit': 80.0})
        self.assertPrice(960.0, line={'product_uom_id': self.env.ref('uom.product_uom_dozen').id})

    def test_price_per_dozen(self):
        self.create_agreement({'price_unit': 600.0, 'uom_id': self.env.ref('uom.product_uom_dozen').id})
        self.assertPrice(50.0)

    def test_free_of_charge(self):
        agreement = self.create_agreement({'price_unit': 0.0})
        self.assertEqual(self.assertPrice(0.0).key_account_agreement_line_id, agreement.line_ids)

    def test_many_digits(self):
        self.create_agreement({'price_unit': 0.012345})
        self.assertPrice(0.012345)

    def test_discount_is_on_the_normal_price(self):
        """Not on top of what the customer has already: on it, once."""
        self.pricelist.item_ids = [Command.create({
            'compute_price': 'percentage', 'percent_price': 10.0, 'applied_on': '3_global'})]
        self.create_agreement({'price_type': 'discount', 'discount': 33.333})
        self.assertPrice(90.0 * (1 - 0.33333))

    def test_cost_plus(self):
        self.create_agreement({'price_type': 'cost_plus', 'markup': 33.3333})
        self.assertPrice(60.0 * 1.333333)

    def test_quantity_steps(self):
        self.create_agreement({
            'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]})
        self.assertPrice(80.0, quantity=9.0)
        line = self.assertPrice(70.0, quantity=10.0)
        line.product_uom_qty = 5.0
        self.assertEqual(line.price_unit, 80.0)
        self.assertTrue(line.key_account_agreement_line_id, "changing a quantity does not lose the agreement")

    def test_variant_before_product_before_category_before_everything(self):
        other = self.create_product(name="Knot", list_price=100.0)
        agreement = self.create_agreement(
            {'applied_on': '3_global', 'price_type': 'discount', 'discount': 1.0},
            {'categ_id': self.env['product.category'].create({'name': "Ropes"}).id, 'price_type': 'discount', 'discount': 2.0},
            sign=False)
        self.product.categ_id = agreement.line_ids.categ_id
        agreement.action_sign()
        self.assertPrice(98.0)
        self.assertPrice(99.0, product=other)

    def test_inner_category_wins_at_every_quantity(self):
        outer = self.env['product.category'].create({'name': "Zinc"})
        inner = self.env['product.category'].create({'name': "Anchors", 'parent_id': outer.id})
        self.product.categ_id = inner
        self.create_agreement(
            {'categ_id': inner.id, 'price_type': 'discount', 'discount': 5.0},
            {'categ_id': outer.id, 'price_type': 'discount', 'discount': 10.0,
             'step_ids': [Command.create({'min_quantity': 10.0, 'discount': 20.0})]})
        self.assertPrice(95.0)
        self.assertPrice(95.0, quantity=50.0)

    def test_what_no_line_covers_costs_the_normal_price(self):
        self.create_agreement({'price_unit': 80.0})
        other = self.create_product(name="Knot", list_price=40.0)
        self.assertFalse(self.assertPrice(40.0, product=other).key_account_agreement_line_id)

    def test_typed_price_is_not_a_call_off_and_stays(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        line = self.assertPrice(80.0)
        line.price_unit = 79.0
        self.assertFalse(line.key_account_agreement_line_id)
        line.product_uom_qty = 3.0
        self.assertEqual(line.price_unit, 79.0)
        line.price_unit = 80.0
        self.assertEqual(line.key_account_agreement_line_id, agreement.line_ids)

    def test_currency_of_the_agreement(self):
        self.create_agreement({'price_unit': 80.0}, currency_id=self.dollar.id)
        order = self.quote()
        self.assertEqual(order.currency_id, self.dollar)
        self.assertEqual(order.order_line.price_unit, 80.0)
        other = self.create_product(name="Knot", list_price=40.0)
        self.assertPrice(80.0, product=other)  # 40 in the currency of the company are 80 dollars

    def test_another_company(self):
        self.create_agreement({'price_unit': 80.0})
        elsewhere = self.create_company("Elsewhere", self.company.currency_id)
        self.assertFalse(self.customer.with_company(elsewhere).property_product_pricelist.key_account_agreement_id)

    def test_salesperson_who_does_not_see_the_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0}, user_id=self.manager.id)
        agreement.account_id.user_id = self.manager
        self.assertFalse(self.env['key.account.agreement'].with_user(self.salesperson).search([]))
        self.assertPrice(80.0, user=self.salesperson)

    def test_contact_saved_from_the_form_keeps_no_list(self):
        """Odoo's form sends the pricelist back when a contact is added."""
        self.create_agreement({'price_unit': 80.0})
        with Form(self.customer) as form, form.child_ids.new() as contact:
            contact.name = "Ben"
        ben = self.customer.child_ids.filtered(lambda partner: partner.name == "Ben")
        self.assertFalse((ben | self.customer).specific_property_product_pricelist)
        with freeze_time(datetime(2026, 2, 1)):
            self.env.invalidate_all()
            self.assertPrice(100.0, ben)

    def test_list_of_an_agreement_cannot_be_set_on_a_customer(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        with self.assertRaisesRegex(ValidationError, "cannot be set"):
            self.create_customer("Stranger").specific_property_product_pricelist = agreement.pricelist_id

    def test_list_of_an_agreement_is_not_for_orders_of_others(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        with self.assertRaisesRegex(ValidationError, "Anchor Hotel"):
            self.quote(self.create_customer("Stranger"), pricelist_id=agreement.pricelist_id.id)

    def test_generated_rules_are_not_edited_by_hand(self):
        items = self.create_agreement({'price_unit': 80.0}).pricelist_id.item_ids.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Revise"):
            items[0].fixed_price = 1.0
        with self.assertRaisesRegex(UserError, "Revise"):
            items.unlink()

    def test_normal_pricelist_changes(self):
        self.create_agreement({'price_unit': 80.0})
        cheap = self.env['product.pricelist'].create({
            'name': "Cheap", 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'item_ids': [Command.create({'compute_price': 'percentage', 'percent_price': 50.0, 'applied_on': '3_global'})]})
        self.customer.specific_property_product_pricelist = cheap
        self.assertPrice(20.0, product=self.create_product(name="Knot", list_price=40.0))

    def test_pricelists_switched_off(self):
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        self.env.ref('base.group_user')._remove_group(self.env.ref('product.group_product_pricelist'))
        with self.assertRaisesRegex(UserError, "switched off"):
            agreement.with_user(self.manager).action_sign()

    def test_apply_to_a_quotation_made_before(self):
        order = self.quote()
        agreement = self.create_agreement({'price_unit': 80.0})
        self.env.invalidate_all()
        self.assertEqual(order.order_line.key_account_agreement_mark, 'covered')
        order.action_apply_agreement_prices()
        self.assertEqual(order.order_line.price_unit, 80.0)
        self.assertEqual(order.order_line.key_account_agreement_line_id, agreement.line_ids)
        self.assertEqual(order.order_line.key_account_agreement_mark, 'agreed')

    def test_apply_to_a_quotation_older_than_the_agreement(self):
        order = self.quote(date_order=datetime(2024, 12, 20))
        self.create_agreement({'price_unit': 80.0})
        self.env.invalidate_all()
        order.action_apply_agreement_prices()
        self.assertEqual(order.order_line.price_unit, 80.0)
        self.assertTrue(order.order_line.key_account_agreement_line_id)

    def test_optional_lines_of_a_quotation_template(self):
        """The customer takes them in the portal: at the agreed price of the quantity."""
        line = self.create_agreement({
            'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]}).line_ids
        template = self.env['sale.order.template'].create({'name': "Usual", 'sale_order_template_line_ids': [
            Command.create({'name': "If you like", 'display_type': 'line_section', 'is_optional': True}),
            Command.create({'product_id': self.product.id, 'product_uom_qty': 0.0})]})
        with Form(self.env['sale.order']) as form:
            form.partner_id = self.customer
            form.sale_order_template_id = template
        order = form.record
        order.action_quotation_sent()
        optional = order.order_line.filtered('product_id')
        self.assertTrue(optional._can_be_edited_on_portal())
        for quantity, price in ((3.0, 80.0), (10.0, 70.0)):
            optional.sudo().product_uom_qty = quantity
            self.assertEqual((optional.price_unit, optional.key_account_agreement_line_id), (price, line))

    def test_confirmed_after_the_end(self):
        self.create_agreement({'price_unit': 80.0}, date_end=date(2025, 6, 30))
        order = self.quote()
        with freeze_time(datetime(2025, 7, 1, 12)):
            self.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "Update Prices"):
                order.action_confirm()
            self.assertTrue(order.is_expired)
            order.action_apply_agreement_prices()
            order.action_confirm()
        self.assertEqual(order.order_line.price_unit, 100.0)
        self.assertFalse(order.order_line.key_account_agreement_line_id)

    def test_paid_orders_are_confirmed_as_they_were_paid(self):
        """The money comes after the end and after somebody else has taken the rest: it is told, not refused or split."""
        self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='split',
            date_end=date(2025, 6, 30))
        order = self.quote(quantity=8.0)
        self.order(quantity=5.0)
        provider = self.env['payment.provider'].create({'name': "Bank", 'company_id': self.company.id})
        method = self.env['payment.method'].create({'name': "Transfer", 'code': 'ka_transfer'})
        self.env['payment.transaction'].create({
            'provider_id': provider.id, 'payment_method_id': method.id,
            'reference': "Paid", 'amount': order.amount_total, 'currency_id': order.currency_id.id, 'state': 'done',
            'partner_id': self.customer.id, 'sale_order_ids': order.ids})
        with freeze_time(datetime(2025, 7, 1, 12)):
            self.env.invalidate_all()
            order.action_confirm()
        self.assertRecordValues(order.order_line, [{'product_uom_qty': 8.0, 'price_unit': 80.0}])
        self.assertIn("5 are left", str(order.message_ids.mapped('body')))
