from datetime import date, datetime, timedelta
from unittest.mock import patch

import psycopg2
from odoo.addons.key_account_care.models.key_account_agreement_signature import KeyAccountAgreement
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon

NAN, INFINITE, HUGE = float('nan'), float('inf'), 1e308


class TestAgreementFaults(AgreementCommon):
    """Bad input, and what happens around an agreement that nobody planned."""

    def forget(self):
        """As in the next request."""
        self.env.flush_all()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------

    def assertRefused(self, wrong, function):
        """What is wrong in a number is refused at the latest by the database, also where it came by an import."""
        try:
            with mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                function()
        except (psycopg2.Error, ValueError, ArithmeticError):
            return
        self.fail(f"{wrong} was taken")

    def test_numbers_that_are_none(self):
        for number in (NAN, INFINITE, -INFINITE, HUGE):
            for line in (
                    {'price_unit': number}, {'price_type': 'discount', 'discount': number},
                    {'price_type': 'cost_plus', 'markup': number}, {'commitment': 'quantity', 'commit_max': number},
                    {'commitment': 'amount', 'commit_min': number},
                    {'step_ids': [Command.create({'min_quantity': 5.0, 'price_unit': number})]},
                    {'step_ids': [Command.create({'min_quantity': number, 'price_unit': 1.0})]}):
                self.assertRefused(line, lambda line=line: self.create_agreement(line, sign=False))
            for vals in (
                    {'commitment': True, 'commit_max': number},
                    {'bonus_ids': [Command.create({'amount_from': number, 'percent': 1.0})]},
                    {'bonus_ids': [Command.create({'amount_from': 1.0, 'percent': number})]}):
                self.assertRefused(vals, lambda vals=vals: self.create_agreement(sign=False, **vals))

    def test_numbers_that_are_none_in_an_import(self):
        agreement = self.create_agreement(sign=False)
        knot = self.create_product(name="Knot")
        for number in ('nan', 'inf', '1e308', '-1'):
            with mute_logger('odoo.sql_db'):
                result = self.env['key.account.agreement.line'].load(
                    ['agreement_id/.id', 'product_id/.id', 'price_unit'], [[str(agreement.id), str(knot.id), number]])
            self.assertTrue(result['messages'], number)
        self.assertEqual(len(agreement.line_ids), 1)

    def test_days_that_cannot_be(self):
        for first, last in ((date(2025, 1, 1), date(9999, 12, 31)), (date(1, 1, 1), date(2025, 12, 31))):
            self.assertRefused(
                first, lambda days=(first, last): self.create_agreement(sign=False, date_start=days[0], date_end=days[1]))

    def test_one_day(self):
        """The first day may be the last one."""
        self.create_agreement({'price_unit': 80.0}, date_start=self.today, date_end=self.today)
        self.assertEqual(self.quote().order_line.price_unit, 80.0)
        with freeze_time(datetime(2025, 7, 1)):
            self.env.invalidate_all()
            self.assertEqual(self.quote().order_line.price_unit, 100.0)

    def test_absurd_quantities_in_an_order(self):
        """1,000 from 100 are refused, and so is a quantity beyond all numbers."""
        self.create_agreement({'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 100.0}, beyond_limit='block')
        for quantity in (1000.0, 1e15):
            with self.assertRaisesRegex(UserError, "100 are left"):
                self.order(quantity=quantity)
        self.assertEqual(self.order(quantity=0.0).state, 'sale')

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    def test_quotations_for_the_same_rest_are_confirmed_one_by_one(self):
        """Each may ask for all of it; who is first has it, and it is counted once in one transaction."""
        line = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='block').line_ids
        first, second, third = (self.quote(quantity=quantity) for quantity in (6.0, 6.0, 4.0))
        with self.assertRaises(UserError):
            (first | second).action_confirm()
        (first | third).action_confirm()
        self.assertEqual(line.called_off, 10.0)
        with self.assertRaisesRegex(UserError, "0 are left"):
            second.action_confirm()
        first.order_line.product_uom_qty = 5.0
        third.order_line.product_uom_qty = 5.0
        self.forget()
        self.assertEqual((line.called_off, line.ordered), (10.0, 10.0))

    def test_wizard_proposes_no_negative_quantity(self):
        """A customer that gave back more than it bought in the year."""
        self.order(quantity=2.0)
        self.order(quantity=-5.0)
        knot = self.create_product(name="Knot")
        self.order(quantity=3.0, product=knot)
        self.forget()
        wizard = self.env['key.account.agreement.bundle'].browse(self.account.action_propose_agreement()['res_id'])
        wizard.commit_volume = True
        wizard.action_tick_all()
        self.assertEqual(wizard.product_line_ids.mapped('quantity'), [3.0])
        agreement = self.env['key.account.agreement'].browse(wizard.action_create_agreement()['res_id'])
        self.assertEqual(agreement.line_ids.product_id, knot)

    # ------------------------------------------------------------
    # Signing that fails half-way
    # ------------------------------------------------------------

    def make_documents(self):
        """Other tests do without the PDF."""
        self.patch(self.registry['key.account.agreement'], '_render_document', KeyAccountAgreement._render_document)

    def break_down(self, *args, **kwargs):
        raise OSError("Disk full")

    def test_nothing_is_half_signed(self):
        self.make_documents()
        agreement = self.create_agreement({'price_unit': 80.0})
        revision = agreement._revise()
        revision.line_ids.price_unit = 70.0
        lists = self.env['product.pricelist'].with_context(active_test=False).search_count([])
        for model, method in (
                ('key.account.agreement', '_generate_pricelist'), ('key.account.agreement', '_plan_periods'),
                ('ir.actions.report', '_render_qweb_pdf'), ('product.pricelist.item', 'create')):
            with patch.object(self.registry[model], method, self.break_down), self.assertRaises(OSError):
                revision.action_sign()
            self.forget()
            self.assertRecordValues(agreement + revision, [
                {'state': 'signed', 'close_reason': False, 'signed_on': agreement.signed_on},
                {'state': 'draft', 'close_reason': False, 'signed_on': False}])
            self.assertEqual(self.env['product.pricelist'].with_context(active_test=False).search_count([]), lists)
            self.assertEqual(self.quote().order_line.price_unit, 80.0, method)

    def test_pdf_that_cannot_be_made_does_not_stop_the_signature(self):
        self.make_documents()
        agreement = self.create_agreement(sign=False)

        def refuse(*args, **kwargs):
            raise UserError("No wkhtmltopdf")  # pylint: disable=translation-required

        with patch.object(self.registry['ir.actions.report'], '_render_qweb_pdf', refuse):
            agreement.action_sign()
        self.assertEqual(agreement.state, 'signed')
        self.assertFalse(agreement.document)
        self.assertIn("No wkhtmltopdf", str(agreement.message_ids.mapped('body')))

    # ------------------------------------------------------------
    # Around the agreement
    # ------------------------------------------------------------

    def test_category_with_a_price_is_not_deleted(self):
        ropes = self.env['product.category'].create({'name': "Ropes"})
        self.create_agreement({'categ_id': ropes.id, 'price_type': 'discount', 'discount': 10.0})
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.RestrictViolation):
            ropes.unlink()

    def test_product_with_a_price_is_not_deleted(self):
        knot = self.create_product(name="Knot")
        self.create_agreement({'product_id': knot.id, 'price_unit': 1.0})
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.RestrictViolation):
            knot.unlink()

    def test_currency_deactivated_after_signing(self):
        """Odoo archives its pricelists: whoever does it is told, and if nobody was, the night brings the prices back."""
        franc = self._get_currency('base.CHF')
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'amount', 'commit_max': 500.0}, currency_id=franc.id)
        admin = new_test_user(
            self.env, 'ka_admin', 'base.group_user,base.group_system', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(UserError):
            franc.with_user(admin).active = False
        franc.active = False
        self.forget()
        self.assertEqual(self.quote().order_line.key_account_agreement_mark, 'covered')
        self.refresh()
        self.forget()
        order = self.order(quantity=2.0)
        self.assertEqual((order.currency_id, order.order_line.price_unit), (franc, 80.0))
        self.assertEqual(agreement.line_ids.remaining, 340.0)

    def test_customer_archived(self):
        """Subsidiaries go on; the numbers stay; nobody is reminded of what is not there any more, and nothing fails."""
        branch = self.create_customer("Anchor Spa")
        agreement = self.create_agreement({'price_unit': 80.0}, covered_partner_ids=branch.ids)
        self.order(quantity=3.0)
        (self.customer | self.contact).active = False
        self.forget()
        self.assertEqual(self.quote(branch).order_line.price_unit, 80.0)
        self.refresh()
        self.assertEqual((agreement.state, agreement.called_off_amount), ('signed', 240.0))
        self.refresh(date(2026, 1, 1))
        self.assertEqual(agreement.state, 'closed')

    def test_customer_becomes_a_contact_of_another_company(self):
        """It buys as that company now, which has no agreement; back again it has its own one."""
        agreement = self.create_agreement({'price_unit': 80.0})
        group = self.create_customer("Harbor Group")
        self.customer.write({'is_company': False, 'parent_id': group.id})
        self.forget()
        self.assertEqual(self.quote().order_line.price_unit, 100.0)
        self.assertEqual(self.quote(group).order_line.price_unit, 100.0)
        self.refresh()
        self.customer.write({'is_company': True, 'parent_id': False})
        self.forget()
        self.refresh()
        self.assertEqual(self.quote().order_line.key_account_agreement_line_id, agreement.line_ids)

    def test_responsible_archived(self):
        agreement = self.create_agreement(user_id=self.salesperson.id)
        self.salesperson.active = False
        self.forget()
        self.refresh(agreement.notice_date - timedelta(days=10))
        self.assertEqual(self.quote(user=self.salesperson_2).order_line.price_unit, 80.0)
        self.assertEqual(agreement.state, 'signed')

    def test_company_deactivated(self):
        other = self.create_company("Quay Trading", self.company.currency_id)
        agreement = self.create_agreement({'price_unit': 80.0})
        self.company.partner_id.tz = False
        self.env['res.users'].search([('company_id', '=', self.company.id)]).active = False
        self.company.active = False
        self.forget()
        self.env['key.account']._refresh(self.today)
        self.assertFalse(self.customer.with_company(other).property_product_pricelist.key_account_agreement_id)
        self.assertEqual(agreement.state, 'signed')

    def test_contact_moves_to_another_customer(self):
        self.create_agreement({'price_unit': 80.0})
        order = self.quote(self.contact)
        self.contact.parent_id = self.create_customer("Bay Hotel")
        self.forget()
        self.assertEqual(self.quote(self.contact).order_line.price_unit, 100.0)
        with self.assertRaisesRegex(UserError, "which is not for Bay Hotel"):
            order.action_confirm()
        order.action_update_prices()
        order.action_confirm()
        self.assertEqual(order.order_line.price_unit, 100.0)

    # ------------------------------------------------------------
    # Credited and opened again
    # ------------------------------------------------------------

    def test_credited_order_is_confirmed_again(self):
        """What was credited of it does not count, neither before nor after."""
        line = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='block').line_ids
        order = self.order(quantity=10.0)
        move = order._create_invoices()
        move.action_post()
        refund = move._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 4.0
        refund.action_post()
        self.order(quantity=4.0)
        order._action_cancel()
        order.action_draft()
        order.action_confirm()
        self.forget()
        self.assertEqual(line.called_off, 10.0)
        with self.assertRaisesRegex(UserError, "10 are left"):
            order.order_line.product_uom_qty = 11.0

    def test_invoiced_order_keeps_its_price_when_nothing_is_left(self):
        self.create_agreement({'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='split')
        order = self.order(quantity=10.0)
        order._create_invoices().action_post()
        order._action_cancel()
        self.order(quantity=10.0)
        order.action_draft()
        with self.assertRaisesRegex(UserError, "0 are left"):
            order.action_confirm()
        self.assertEqual(order.order_line.price_unit, 80.0)
