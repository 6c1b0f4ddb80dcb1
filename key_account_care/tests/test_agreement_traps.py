from datetime import date, datetime

import psycopg2
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon


class TestAgreementTraps(AgreementCommon):
    """What agreements and blanket orders elsewhere get wrong."""

    def forget(self):
        """As in the next request."""
        self.env.flush_all()
        self.env.invalidate_all()

    def later(self, *moment):
        """The clock at another moment."""
        self.forget()
        return freeze_time(datetime(*moment))

    # ------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------

    def test_price_on_first_selection(self):
        """As people do it: customer, product, quantity; the seller does not see the agreement."""
        agreement = self.create_agreement({
            'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]})
        agreement.account_id.user_id = self.manager
        agreement.user_id = self.manager
        with Form(self.env['sale.order'].with_user(self.salesperson)) as form:
            form.partner_id = self.contact
            with form.order_line.new() as line:
                line.product_id = self.product
                self.assertEqual(line.price_unit, 80.0)
                line.product_uom_qty = 10.0
                self.assertEqual(line.price_unit, 70.0)
                line.product_uom_qty = 9.0
                self.assertEqual(line.price_unit, 80.0)
        order = form.record.sudo()
        self.assertEqual(order.order_line.key_account_agreement_line_id, agreement.line_ids)

    def test_seller_opens_an_order_under_an_agreement_of_others(self):
        agreement = self.create_agreement({'price_unit': 80.0}, user_id=self.manager.id)
        agreement.account_id.user_id = self.manager
        order = self.quote(user=self.salesperson)
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 4.0
        self.assertEqual(order.key_account_agreement_id.sudo(), agreement)
        spec = {'key_account_agreement_id': {'fields': {'display_name': {}}}}
        self.assertIn(agreement.name, order.web_read(spec)[0]['key_account_agreement_id']['display_name'])

    def test_visible_discounts_are_given_once(self):
        """With Odoo's setting “Discounts” a percentage is shown beside the price, and not taken from an agreed one."""
        self.env.ref('base.group_user')._apply_group(self.env.ref('sale.group_discount_per_so_line'))
        self.pricelist.item_ids = [Command.create({
            'compute_price': 'percentage', 'percent_price': 10.0, 'applied_on': '3_global'})]
        knot, net = (self.create_product(name=name, list_price=100.0) for name in ("Knot", "Net"))
        agreement = self.create_agreement(
            {'price_unit': 80.0}, {'product_id': knot.id, 'price_type': 'discount', 'discount': 20.0})
        for product, price, terms in (
                (self.product, 80.0, agreement.line_ids[0]), (knot, 72.0, agreement.line_ids[1]), (net, 90.0, False)):
            line = self.quote(product=product).order_line
            self.assertAlmostEqual(line.price_subtotal, price, 2, product.name)
            self.assertEqual(line.key_account_agreement_line_id.id, terms and terms.id, product.name)

    def test_taxes_included_in_the_price(self):
        """The customer of a fiscal position without tax pays the agreed price without the included tax."""
        tax = self.env['account.tax'].create({
            'name': "21 % included", 'amount': 21.0, 'price_include_override': 'tax_included', 'company_id': self.company.id,
            'country_id': self.env.ref('base.be').id,
            'tax_group_id': self.env['account.tax.group'].create({
                'name': "21 %", 'company_id': self.company.id, 'country_id': self.env.ref('base.be').id}).id})
        abroad = self.env['account.fiscal.position'].create({'name': "Abroad", 'company_id': self.company.id})
        self.env['account.tax'].create({
            'name': "0 %", 'amount': 0.0, 'company_id': self.company.id, 'country_id': tax.country_id.id,
            'tax_group_id': tax.tax_group_id.id, 'fiscal_position_ids': abroad.ids, 'original_tax_ids': tax.ids})
        self.product.taxes_id = tax
        line = self.create_agreement({'price_unit': 121.0}).line_ids
        at_home = self.quote().order_line
        self.assertEqual((at_home.price_unit, at_home.price_subtotal), (121.0, 100.0))
        self.assertEqual(at_home.key_account_agreement_line_id, line)
        away = self.quote(fiscal_position_id=abroad.id).order_line
        self.assertEqual((away.price_unit, away.price_subtotal), (100.0, 100.0))
        self.assertEqual(away.key_account_agreement_line_id, line)

    def test_variants(self):
        """A variant has its own price, the others that of their product; extra prices are part of an agreed one."""
        attribute = self.env['product.attribute'].create({'name': "Color", 'value_ids': [
            Command.create({'name': name, 'default_extra_price': 5.0}) for name in ("Red", "Blue")]})
        template = self.env['product.template'].create({
            'name': "Flag", 'list_price': 50.0, 'taxes_id': False, 'company_id': self.company.id,
            'attribute_line_ids': [Command.create({
                'attribute_id': attribute.id, 'value_ids': [Command.set(attribute.value_ids.ids)]})]})
        red, blue = template.product_variant_ids
        self.assertEqual(red.lst_price, 55.0)
        self.create_agreement(
            {'product_tmpl_id': template.id, 'price_unit': 40.0,
             'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 20.0})]},
            {'product_id': red.id, 'price_unit': 30.0})
        for product, quantity, price in ((red, 1.0, 30.0), (red, 50.0, 30.0), (blue, 1.0, 40.0), (blue, 50.0, 20.0)):
            line = self.quote(product=product, quantity=quantity).order_line
            self.assertEqual(line.price_unit, price)
            self.assertTrue(line.key_account_agreement_line_id)

    def test_quotation_template(self):
        self.create_agreement({'price_unit': 80.0})
        template = self.env['sale.order.template'].create({'name': "Usual", 'sale_order_template_line_ids': [
            Command.create({'product_id': self.product.id, 'product_uom_qty': 3.0})]})
        with Form(self.env['sale.order']) as form:
            form.partner_id = self.customer
            form.sale_order_template_id = template
        self.assertRecordValues(form.record.order_line, [{'price_unit': 80.0, 'product_uom_qty': 3.0}])
        self.assertTrue(form.record.order_line.key_account_agreement_line_id)

    def test_invoiced_price_stays(self):
        """Also when the quantity grows over a step: what is invoiced is not priced anew."""
        self.create_agreement({
            'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]})
        order = self.order(quantity=2.0)
        order._create_invoices().action_post()
        order.order_line.product_uom_qty = 12.0
        self.assertEqual(order.order_line.price_unit, 80.0)
        self.assertTrue(order.order_line.key_account_agreement_line_id)

    def test_confirmed_order_grows_after_the_end(self):
        self.create_agreement({'price_unit': 80.0})
        order = self.order(quantity=2.0)
        with self.later(2026, 2, 1):
            order.order_line.product_uom_qty = 5.0
            self.assertEqual(order.order_line.price_unit, 80.0)
            self.assertTrue(order.order_line.key_account_agreement_line_id)

    def test_confirmed_order_grows_on_the_day_of_termination(self):
        """The prices may end before the order was made; what was confirmed keeps its price."""
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order(quantity=2.0)
        agreement._close('terminated', last_day=date(2025, 6, 29))
        self.env.invalidate_all()
        order.order_line.product_uom_qty = 5.0
        self.assertEqual(order.order_line.price_unit, 80.0)

    def test_duplicate_of_an_order_after_the_end(self):
        self.create_agreement({'price_unit': 80.0})
        order = self.order()
        with self.later(2026, 2, 1):
            twin = order.copy()
            with self.assertRaisesRegex(UserError, "Update Prices"):
                twin.action_confirm()
            twin.action_update_prices()
            self.assertEqual(twin.order_line.price_unit, 100.0)
            twin.action_confirm()
        self.assertFalse(twin.order_line.key_account_agreement_line_id)

    def test_goods_without_agreed_price_are_confirmed_after_the_end(self):
        self.create_agreement({'price_unit': 80.0})
        order = self.quote(product=self.create_product(name="Knot", list_price=40.0))
        with self.later(2026, 2, 1):
            order.action_confirm()
        self.assertEqual(order.order_line.price_unit, 40.0)

    def test_delivery_after_the_end(self):
        """What counts is the day of the order."""
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order(commitment_date=datetime(2027, 1, 1))
        self.assertEqual(order.order_line.key_account_agreement_line_id, agreement.line_ids)

    def test_pricelists_switched_off_after_signing(self):
        """Settings refuse; where it happened all the same, the order says that the price is not the agreed one."""
        self.create_agreement({'price_unit': 80.0})
        with self.assertRaisesRegex(UserError, "is in force, and Odoo applies agreed prices by pricelists"):
            self.env['res.config.settings'].create({'group_product_pricelist': False}).set_values()
        self.env.ref('base.group_user')._remove_group(self.env.ref('product.group_product_pricelist'))
        self.env.invalidate_all()
        line = self.quote().order_line
        self.assertEqual(line.price_unit, 100.0)
        self.assertFalse(line.key_account_agreement_line_id)
        self.assertEqual(line.key_account_agreement_mark, 'covered')

    def test_pricelist_is_not_changed_by_hand(self):
        pricelist = self.create_agreement({'price_unit': 80.0}).pricelist_id.with_user(self.manager)
        for vals in ({'active': False}, {'currency_id': self.dollar.id}, {'item_ids': [Command.clear()]}):
            with self.assertRaisesRegex(UserError, "Revise"):
                pricelist.write(vals)
        with self.assertRaisesRegex(UserError, "Revise"):
            pricelist.unlink()

    def test_product_archived_after_signing(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order(quantity=2.0)
        self.product.active = False
        self.env.invalidate_all()
        order.order_line.product_uom_qty = 3.0
        self.assertEqual(agreement.line_ids.called_off, 3.0)
        self.assertEqual(agreement.line_ids.display_name, "Rope")
        self.assertFalse(self.env['product.product'].search([('id', '=', self.product.id)]))
        agreement._generate_pricelist()
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_unit_of_the_product_changed_after_signing(self):
        """Odoo puts another unit in place of the old one and converts nothing: so does the agreement."""
        dozen = self.env.ref('uom.product_uom_dozen')
        line = self.create_agreement({'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}).line_ids
        order = self.order(quantity=2.0)
        self.product.uom_id = dozen
        self.assertEqual(line.uom_id, dozen)
        self.assertEqual(order.order_line.product_uom_id, dozen)
        self.forget()
        self.assertEqual(line.called_off, 2.0)
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_unit_of_the_product_that_is_not_that_of_the_price(self):
        self.create_agreement({'price_unit': 80.0, 'uom_id': self.env.ref('uom.product_uom_dozen').id})
        with self.assertRaisesRegex(UserError, "Rope"):
            self.product.uom_id = self.env.ref('uom.product_uom_pack_6')

    def test_category_moved_after_signing(self):
        """New orders follow where the product and its category are now; what was confirmed stays."""
        anchors, zinc = self.env['product.category'].create([{'name': "Anchors"}, {'name': "Zinc"}])
        self.product.categ_id = anchors
        agreement = self.create_agreement(
            {'categ_id': anchors.id, 'price_type': 'discount', 'discount': 10.0},
            {'categ_id': zinc.id, 'price_type': 'discount', 'discount': 20.0,
             'step_ids': [Command.create({'min_quantity': 5.0, 'discount': 30.0})]})
        order = self.order()
        anchors.parent_id = zinc
        self.env.invalidate_all()
        self.assertEqual(self.quote(quantity=5.0).order_line.price_unit, 90.0)  # the inner category, at any quantity
        self.product.categ_id = zinc
        self.env.invalidate_all()
        self.assertEqual(self.quote(quantity=5.0).order_line.price_unit, 70.0)
        self.assertEqual(order.order_line.price_unit, 90.0)
        self.assertEqual(order.order_line.key_account_agreement_line_id, agreement.line_ids[0])

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    def test_consumption_in_the_currency_of_the_agreement(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'amount', 'commit_max': 500.0}, currency_id=self.dollar.id,
            beyond_limit='block')
        order = self.order(quantity=5.0)
        self.assertEqual((order.currency_id, agreement.line_ids.remaining), (self.dollar, 100.0))
        move = order._create_invoices()
        move.action_post()
        refund = move._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 2.0
        refund.action_post()
        self.forget()
        self.assertEqual(agreement.line_ids.remaining, 260.0)
        self.assertEqual(agreement.amount_invoiced, 240.0)
        with self.assertRaisesRegex(UserError, "left under"):
            self.order(quantity=4.0)
        self.order(quantity=3.0)

    def test_negative_quantity_gives_back(self):
        line = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='block').line_ids
        self.order(quantity=10.0)
        order = self.order(quantity=-4.0)
        self.assertEqual(order.order_line.price_unit, 80.0)
        self.assertEqual(line.remaining, 4.0)
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.order(quantity=5.0)

    def test_block_when_a_unit_becomes_a_dozen(self):
        self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='block')
        order = self.order(quantity=2.0)
        with self.assertRaisesRegex(UserError, "left under"):
            order.order_line.product_uom_id = self.env.ref('uom.product_uom_dozen')

    def test_line_added_to_a_confirmed_order(self):
        line = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='block').line_ids
        order = self.order(quantity=6.0)
        more = {'product_id': self.product.id, 'product_uom_qty': 4.0}
        order.order_line = [Command.create(more)]
        self.forget()
        self.assertEqual(line.called_off, 10.0)
        with self.assertRaisesRegex(UserError, "0 are left"):
            order.order_line = [Command.create(more)]

    def test_split_lines_of_a_reopened_order(self):
        """What was split off is no call-off at the normal price; priced anew, it is one again."""
        line = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='split').line_ids
        order = self.order(quantity=14.0)
        name = order.name
        order._action_cancel()
        order.action_draft()
        order.action_update_prices()
        self.assertEqual(order.order_line.mapped('price_unit'), [80.0, 80.0])
        self.assertEqual(order.order_line.key_account_agreement_line_id, line)
        order.action_confirm()
        self.assertEqual(sum(order.order_line.mapped('product_uom_qty')), 14.0)
        self.assertEqual(line.called_off, 10.0)
        self.assertEqual(order.amount_untaxed, 1200.0)
        self.assertEqual(order.name, name)

    def test_finished_line_does_not_block_the_others(self):
        knot = self.create_product(name="Knot")
        self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 5.0}, {'product_id': knot.id, 'price_unit': 10.0},
            beyond_limit='block')
        self.order(quantity=5.0)
        self.assertEqual(self.order(product=knot).order_line.price_unit, 10.0)

    # ------------------------------------------------------------
    # Who
    # ------------------------------------------------------------

    def test_customer_changed_on_an_order(self):
        """The price of one customer is not sold to another as an agreed one."""
        self.create_agreement({'price_unit': 80.0})
        stranger = self.create_customer("Stranger")
        order = self.quote()
        order.partner_id = stranger
        self.assertFalse(order.order_line.key_account_agreement_line_id)
        order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 100.0)
        confirmed = self.order()
        with self.assertRaises(ValidationError):
            confirmed.partner_id = stranger

    def test_customer_changed_on_an_agreement_with_call_offs(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order()
        other = self.create_account(self.create_customer("Stranger"))
        with self.assertRaisesRegex(UserError, "Revise"):
            agreement.with_user(self.manager).account_id = other
        with self.assertRaises(UserError):
            agreement.account_id.with_user(self.manager).partner_id = other.partner_id

    def test_lines_with_call_offs_are_not_deleted(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order()
        with self.assertRaisesRegex(UserError, "Revise"):
            agreement.line_ids.with_user(self.manager).unlink()
        with self.assertRaises(psycopg2.errors.RestrictViolation), mute_logger('odoo.sql_db'):
            agreement.account_id.with_user(self.manager).unlink()

    def test_people_hired_later_open_the_contacts(self):
        """Sellers, and employees who have nothing to do with sales."""
        self.create_agreement({'price_unit': 80.0})
        companies = {'company_id': self.company.id, 'company_ids': [Command.set(self.company.ids)]}
        for login, group in (('ka_new_seller', 'sales_team.group_sale_salesman'), ('ka_new_clerk', 'base.group_user')):
            user = new_test_user(self.env, login, f'base.group_user,{group}', **companies)
            form = Form(self.customer.with_user(user))
            self.assertEqual(form.name, "Anchor Hotel")
            self.assertTrue(self.contact.with_user(user).property_product_pricelist)

    def test_portal_users_read_no_prices_of_others(self):
        """The web shop lets visitors read pricelists: those of agreements only as their customer."""
        agreement = self.create_agreement({'price_unit': 80.0})
        self.env['ir.model.access'].create([
            {'name': model, 'model_id': self.env['ir.model']._get_id(model), 'perm_read': True,
             'group_id': self.env.ref('base.group_portal').id}
            for model in ('product.pricelist', 'product.pricelist.item')])
        pricelist, items = agreement.pricelist_id, agreement.pricelist_id.item_ids
        for record in (pricelist, items[:1]):
            theirs = record.with_user(self.portal_user)
            self.assertFalse(theirs.search([('id', '=', record.id)]))
            with self.assertRaises(AccessError):
                theirs.read(['display_name'])
        self.portal_user.partner_id.parent_id = self.customer
        self.env.registry.clear_cache()
        self.assertEqual(items.with_user(self.portal_user).search_count([('id', 'in', items.ids)]), len(items))

    def test_agreement_of_another_company_is_not_picked(self):
        elsewhere = self.create_company("Elsewhere", self.company.currency_id)
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.env['sale.order'].with_company(elsewhere).create({
            'partner_id': self.customer.id, 'company_id': elsewhere.id,
            'order_line': [Command.create({'product_id': self.env['product.product'].create({
                'name': "Shared", 'list_price': 10.0, 'taxes_id': False}).id})]})
        self.assertFalse(order.key_account_agreement_id)
        self.assertNotEqual(order.pricelist_id, agreement.pricelist_id)
