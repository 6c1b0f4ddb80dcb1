from datetime import date, datetime

import psycopg2
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon
from .common import TODAY

AFTER = date(2025, 7, 1)


class TestAgreementBonus(AgreementCommon):
    """The bonus: accrued on what was invoiced in a period, credited once when the period is over."""

    def create_bonus_agreement(self, *steps, **vals):
        steps = steps or ((1000.0, 2.0), (5000.0, 3.0))
        return self.create_agreement({'price_unit': 80.0}, **vals, bonus_ids=[
            Command.create({'amount_from': amount, 'percent': percent}) for amount, percent in steps])

    def invoice(self, quantity, day=TODAY, **vals):
        """An invoice of a call-off at 80.00 each, posted on a day."""
        move = self.order(quantity=quantity, **vals)._create_invoices()
        move.invoice_date = day
        move.action_post()
        return move

    def run_night(self, today=AFTER):
        self.env.flush_all()
        self.env.invalidate_all()
        account = self.env['key.account']
        self.env['key.account.agreement']._refresh_bonuses(self.company, today, account)

    def get_credit_notes(self):
        return self.env['account.move'].search([
            ('company_id', '=', self.company.id), ('move_type', '=', 'out_refund'), ('state', '=', 'draft')])

    # ------------------------------------------------------------
    # Accrued
    # ------------------------------------------------------------

    def test_step_that_is_reached_holds_for_all(self):
        agreement = self.create_bonus_agreement()
        second = agreement.period_ids[1]
        for quantity, percent, bonus in ((10.0, 0.0, 0.0), (10.0, 2.0, 32.0), (50.0, 3.0, 168.0)):
            self.invoice(quantity)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual((second.bonus_percent, second.bonus_amount), (percent, bonus))
        self.assertRecordValues(agreement, [{'bonus_invoiced': 5600.0, 'bonus_accrued': 168.0, 'bonus_credited': 0.0}])

    def test_credit_notes_reduce_drafts_and_others_do_not_count(self):
        agreement = self.create_bonus_agreement()
        move = self.invoice(20.0)
        refund = move._reverse_moves([{'invoice_date': TODAY}])
        refund.invoice_line_ids.quantity = 5.0
        refund.action_post()
        self.order(quantity=100.0)._create_invoices()  # a draft
        self.create_invoice(self.customer, TODAY, 9999.0)  # not of a call-off
        self.env.flush_all()
        self.assertEqual(agreement.period_ids.mapped('invoiced_amount'), [0.0, 1200.0, 0.0, 0.0])

    def test_invoice_date_decides_on_the_period(self):
        agreement = self.create_bonus_agreement()
        self.invoice(1.0, day=date(2025, 3, 31))
        self.invoice(2.0, day=date(2025, 4, 1))
        self.env.flush_all()
        self.assertEqual(agreement.period_ids.mapped('invoiced_amount'), [80.0, 160.0, 0.0, 0.0])
        second = agreement.period_ids[1]
        rows = self.env['key.account.progress'].search(second.action_open_invoiced()['domain'])
        self.assertEqual(sum(rows.mapped('amount')), 160.0)

    def test_invoice_in_another_currency(self):
        """An order in dollars under an agreement in euros."""
        agreement = self.create_bonus_agreement((1.0, 10.0))
        move = self.order(quantity=2.0)._create_invoices()
        move.currency_id = self.dollar
        move.invoice_line_ids.price_unit = 160.0
        move.invoice_date = TODAY
        move.action_post()
        self.env.flush_all()
        self.assertEqual(agreement.period_ids[1].invoiced_amount, 160.0)

    def test_signed_bonus_stays(self):
        agreement = self.create_bonus_agreement()
        agreement.account_id.user_id = self.salesperson
        step = agreement.bonus_ids[0].with_user(self.salesperson)
        for change in (lambda: step.write({'percent': 9.0}), step.unlink,
                       lambda: step.copy({'amount_from': 1.0}),
                       lambda: agreement.with_user(self.salesperson).write({'period_months': '1'})):
            with self.assertRaisesRegex(UserError, "is signed"):
                change()

    def test_two_steps_from_one_amount_are_refused(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.create_bonus_agreement((1000.0, 2.0), (1000.0, 3.0))

    # ------------------------------------------------------------
    # Credited
    # ------------------------------------------------------------

    def test_credit_note_at_the_end_of_the_period(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.customer.lang = 'fr_FR'
        agreement = self.create_bonus_agreement((1000.0, 2.5), (5000.0, 3.0))
        self.invoice(20.0)
        self.run_night(TODAY)
        self.assertFalse(self.get_credit_notes())  # the last day is part of the period
        self.run_night()
        note = self.get_credit_notes()
        self.assertRecordValues(note, [{
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': agreement.currency_id.id,
            'amount_untaxed': 40.0, 'state': 'draft'}])
        period = agreement.period_ids[1]
        self.assertIn("2,5 %", note.invoice_line_ids.name)
        self.assertIn(period.with_context(lang='fr_FR').display_name, note.invoice_line_ids.name)
        self.assertEqual(note.invoice_line_ids.account_id.account_type, 'income')
        self.assertRecordValues(period, [
            {'credit_note_id': note.id, 'settled_on': AFTER, 'settled_amount': 40.0}])
        self.assertIn("40.00", str(agreement.message_ids[0].body))
        self.assertIn("2.5 %", str(agreement.message_ids[0].body))
        self.assertIn(period.with_context(lang='en_US').display_name, str(agreement.message_ids[0].body))
        self.assertRecordValues(agreement, [{'bonus_accrued': 0.0, 'bonus_credited': 40.0}])

    def test_only_once(self):
        self.create_bonus_agreement()
        self.invoice(20.0)
        for today in (AFTER, AFTER, date(2025, 7, 2)):
            self.run_night(today)
        self.assertEqual(len(self.get_credit_notes()), 1)

    def test_deleted_draft_does_not_come_back(self):
        agreement = self.create_bonus_agreement()
        self.invoice(20.0)
        self.run_night()
        self.get_credit_notes().unlink()
        self.run_night()
        self.assertFalse(self.get_credit_notes())
        self.assertEqual(agreement.period_ids[1].settled_on, AFTER)

    def test_two_runs_at_once(self):
        """A run that finds the period held by another one leaves it alone."""
        self.create_bonus_agreement()
        self.invoice(20.0)
        Period = type(self.env['key.account.agreement.period'])
        self.patch(Period, 'try_lock_for_update', lambda periods, **options: periods.browse())
        self.run_night()
        self.assertFalse(self.get_credit_notes())

    def test_credit_note_of_the_bonus_gives_nothing_back(self):
        agreement = self.create_bonus_agreement()
        self.invoice(20.0)
        before = agreement.called_off_amount
        self.run_night()
        self.get_credit_notes().action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(agreement.called_off_amount, before)
        self.assertEqual(agreement.line_ids.called_off, 20.0)
        self.assertEqual(agreement.period_ids[1].invoiced_amount, 1600.0)

    def test_product_of_bonuses(self):
        self.company.key_account_bonus_product_id = self.create_product(name="Bonus")
        self.create_bonus_agreement()
        self.invoice(20.0)
        self.run_night()
        line = self.get_credit_notes().invoice_line_ids
        self.assertRecordValues(line, [{'product_id': self.company.key_account_bonus_product_id.id, 'price_unit': 32.0}])

    def test_taxes_included_in_prices(self):
        """The bonus is on amounts without taxes, and the credit note gives those back, too."""
        group = self.env['account.tax.group'].create({'name': "VAT", 'company_id': self.company.id})
        tax = self.env['account.tax'].create({
            'name': "20 %", 'amount': 20.0, 'price_include_override': 'tax_included', 'company_id': self.company.id,
            'country_id': self.company.account_fiscal_country_id.id, 'tax_group_id': group.id})
        self.company.key_account_bonus_product_id = self.create_product(name="Bonus", taxes_id=tax.ids)
        self.product.taxes_id = tax
        agreement = self.create_bonus_agreement((100.0, 10.0))
        self.invoice(12.0)  # 960.00 with taxes
        self.run_night()
        self.assertRecordValues(self.get_credit_notes(), [{'amount_untaxed': 80.0, 'amount_total': 96.0}])
        self.assertEqual(agreement.period_ids[1].settled_amount, 80.0)

    def test_invoice_address_of_the_customer(self):
        address = self.env['res.partner'].create({
            'name': "Accounts Payable", 'type': 'invoice', 'parent_id': self.customer.id})
        self.create_bonus_agreement()
        self.invoice(20.0)
        self.run_night()
        self.assertEqual(self.get_credit_notes().partner_id, address)

    def test_bonus_of_a_revision_holds_from_its_first_day(self):
        agreement = self.create_bonus_agreement((100.0, 1.0))
        revision = agreement.copy({
            'name': agreement.name, 'revision': 1, 'origin_id': agreement.id,
            'date_start': date(2025, 7, 1), 'date_end': date(2025, 12, 31),
            'bonus_ids': [Command.clear(), Command.create({'amount_from': 100.0, 'percent': 5.0})]})
        agreement._close('revised', last_day=TODAY)
        revision._sign()
        self.invoice(10.0)
        with freeze_time(datetime(2025, 7, 15, 12)):
            self.env.invalidate_all()
            self.invoice(10.0, day=date(2025, 7, 15))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(revision.period_ids.mapped('bonus_amount'), [0.0, 8.0, 40.0, 0.0])

    def test_part_of_the_nightly_run(self):
        self.create_bonus_agreement()
        self.invoice(20.0)
        self.refresh(AFTER)
        self.assertEqual(len(self.get_credit_notes()), 1)

    def test_only_chosen_accounts(self):
        self.create_bonus_agreement()
        self.invoice(20.0)
        other = self.create_account(self.create_customer("Other"))
        self.env.flush_all()
        self.env['key.account.agreement']._refresh_bonuses(self.company, AFTER, other)
        self.assertFalse(self.get_credit_notes())
