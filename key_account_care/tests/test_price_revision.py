from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time

from .agreement_common import AgreementCommon


class TestPriceRevision(AgreementCommon):
    """Prices change by themselves on the day that the customer was told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = 'anchor@example.com'

    @classmethod
    def create_agreement(cls, *lines, **vals):
        return super().create_agreement(*lines, **{'price_policy': 'notice', **vals})

    @classmethod
    def revise_prices(cls, agreement, announce=True, **vals):
        """A price revision of 10 % from September on, announced unless told otherwise."""
        revision = cls.env['key.account.price.revision'].create({
            'agreement_id': agreement.id, 'date': date(2025, 9, 1), 'percent': 10.0, **vals})
        if announce:
            revision.action_announce()
        return revision

    def get_price(self, agreement, day, quantity=1.0):
        """What the pricelist of the agreement says on a day at noon."""
        return agreement.pricelist_id._get_product_price(
            self.product, quantity, date=self.env.cr.now().replace(year=day.year, month=day.month, day=day.day))

    def test_prices_change_on_the_day(self):
        agreement = self.create_agreement({'price_unit': 80.0, 'step_ids': [
            Command.create({'min_quantity': 10, 'price_unit': 70.0})]})
        self.revise_prices(agreement)
        for day, price, step in (
                (date(2025, 6, 30), 80.0, 70.0), (date(2025, 8, 31), 80.0, 70.0),
                (date(2025, 9, 1), 88.0, 77.0), (date(2025, 12, 31), 88.0, 77.0), (date(2026, 1, 1), 100.0, 100.0)):
            with self.subTest(day=day):
                self.assertAlmostEqual(self.get_price(agreement, day), price)
                self.assertAlmostEqual(self.get_price(agreement, day, quantity=10.0), step)
        self.assertEqual(agreement.line_ids.price_unit, 80.0, "what was signed stays readable")
        self.assertEqual(agreement.line_ids.price_now, 80.0)

    def test_small_prices_keep_their_digits(self):
        """What the customer reads is what it pays, to the last digit."""
        agreement = self.create_agreement({'price_unit': 79.99}, {
            'price_unit': 0.0012, 'product_id': self.create_product(name="Pin", list_price=0.002).id})
        revision = self.revise_prices(agreement, percent=3.3333)
        self.assertEqual([row[3] for row in revision._get_price_changes()], [82.6563, 0.00124])
        day = date(2025, 9, 1)
        self.assertEqual(
            [line._get_price_text(line, day) for line in agreement.line_ids],
            ["82.6563\N{NO-BREAK SPACE}€", "0.00124\N{NO-BREAK SPACE}€"])
        self.assertEqual(
            [revision._format_price(price).replace('\xa0', ' ') for price in (82.6563, 0.00124)], ["82.6563 €", "0.00124 €"])
        self.assertAlmostEqual(self.get_price(agreement, day), 82.6563, 6)

    def test_prices_that_hold_where_the_company_is_are_not_taken_back(self):
        self.company.partner_id.tz = 'Pacific/Auckland'
        revision = self.revise_prices(self.create_agreement())
        with freeze_time(datetime(2025, 8, 31, 13)), self.assertRaisesRegex(UserError, "hold since 09/01/2025"):
            revision.action_cancel()
        revision.action_cancel()
        self.assertEqual(revision.state, 'cancelled')

    def test_several_multiply(self):
        agreement = self.create_agreement()
        self.revise_prices(agreement)
        self.revise_prices(agreement, date=date(2025, 10, 1), percent=-5.0)
        self.assertAlmostEqual(self.get_price(agreement, date(2025, 9, 30)), 88.0)
        self.assertAlmostEqual(self.get_price(agreement, date(2025, 10, 1)), 83.6)

    def test_index(self):
        agreement = self.create_agreement(price_policy='index')
        revision = self.env['key.account.price.revision'].create({
            'agreement_id': agreement.id, 'date': date(2025, 9, 1), 'index_old': 120.0, 'index_new': 123.0})
        revision.action_announce()
        self.assertEqual((revision.kind, revision.percent), ('index', 2.5))
        self.assertAlmostEqual(self.get_price(agreement, date(2025, 9, 1)), 82.0)

    def test_lines_that_are_never_revised(self):
        chain, hook = self.create_product(name="Chain", list_price=10.0), self.create_product(name="Hook", list_price=10.0)
        agreement = self.create_agreement(
            {'price_unit': 80.0}, {'price_unit': 5.0, 'product_id': chain.id, 'never_revise': True},
            {'price_type': 'discount', 'discount': 10.0, 'product_id': hook.id})
        revision = self.revise_prices(agreement)
        self.assertEqual(revision.line_ids, agreement.line_ids[0])
        self.assertEqual(len(agreement.line_ids[1]._get_price_periods()), 1)

    def test_firm_prices(self):
        with self.assertRaisesRegex(UserError, "firm until"):
            self.revise_prices(self.create_agreement(price_policy='firm'))

    def test_too_late(self):
        agreement = self.create_agreement(price_notice_days=30)
        with self.assertRaisesRegex(UserError, "30 days before"):
            self.revise_prices(agreement, date=self.today + timedelta(days=29))
        with self.assertRaisesRegex(UserError, "30 days before"):
            self.revise_prices(agreement, announce_on=date(2025, 8, 20))
        self.revise_prices(agreement, date=self.today + timedelta(days=30))

    def test_not_in_force_then(self):
        with self.assertRaisesRegex(UserError, "not in force"):
            self.revise_prices(self.create_agreement(), date=date(2026, 1, 1))

    def test_customer_is_told_in_its_language(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.customer.lang = 'fr_FR'
        self.product.with_context(lang='fr_FR').name = "Corde"
        agreement = self.create_agreement({'price_unit': 80.0, 'step_ids': [
            Command.create({'min_quantity': 10, 'price_unit': 70.0})]})
        self.assertEqual(agreement.line_ids.display_name, "Rope", "the seller has read it in another language")
        revision = self.revise_prices(agreement, kind='index', index_old=104.0, index_new=114.4, reason="Steel")
        message = revision.message_ids.filtered(lambda message: self.customer in message.partner_ids)
        for text in ("88,00", "77,00", "80,00", ">10<", "114,4", "Steel", "Corde"):
            self.assertIn(text, message.body)
        self.assertTrue(revision.is_told)

    def test_customer_is_told_later(self):
        agreement = self.create_agreement()
        revision = self.revise_prices(agreement, announce_on=date(2025, 7, 15))
        self.assertFalse(revision.is_told)
        self.refresh(date(2025, 7, 14))
        self.assertFalse(revision.is_told)
        self.refresh(date(2025, 7, 15))
        self.refresh(date(2025, 7, 15))
        self.assertTrue(revision.is_told)
        self.assertEqual(
            len(revision.message_ids.filtered(lambda message: self.customer in message.partner_ids)), 1)

    def test_without_email(self):
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "no email"):
            self.revise_prices(self.create_agreement())

    def test_cancel(self):
        agreement = self.create_agreement()
        revision = self.revise_prices(agreement)
        revision.action_cancel()
        self.assertAlmostEqual(self.get_price(agreement, date(2025, 9, 1)), 80.0)

    def test_announced_stays(self):
        revision = self.revise_prices(self.create_agreement()).with_user(self.manager)
        for vals in ({'percent': 1.0}, {'date': date(2025, 10, 1)}, {'line_ids': [Command.clear()]}, {'state': 'draft'}):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                revision.write(vals)
        with self.assertRaisesRegex(UserError, "Cancel it"):
            revision.unlink()

    def test_revision_of_the_agreement_keeps_new_prices(self):
        """Prices of today are written into the new revision; those announced for later still come."""
        agreement = self.create_agreement(price_notice_days=0)
        self.revise_prices(agreement, date=self.today)
        self.revise_prices(agreement)
        revision = agreement._revise()
        self.assertEqual(revision.line_ids.price_unit, 88.0)
        self.revise_prices(agreement, date=date(2025, 10, 1), percent=50.0)
        revision.action_sign()
        self.assertAlmostEqual(self.get_price(revision, self.today), 88.0)
        self.assertAlmostEqual(self.get_price(revision, date(2025, 9, 1)), 96.8)
        self.assertAlmostEqual(self.get_price(revision, date(2025, 10, 1)), 145.2)
        self.assertEqual(agreement.line_ids.price_now, 88.0)

    def test_salesperson_announces_for_own_customers_only(self):
        agreement = self.create_agreement()
        agreement.account_id.user_id = agreement.user_id = self.salesperson
        revision = self.revise_prices(agreement, announce=False)
        with self.assertRaises(AccessError):
            revision.with_user(self.salesperson_2).action_announce()
        revision.with_user(self.salesperson).action_announce()
        self.assertEqual(revision.state, 'announced')

    def test_many_lines_ask_no_more_queries_than_one(self):
        products = self.env['product.product'].create([
            {'name': f"Hook {number}", 'company_id': self.company.id} for number in range(40)])
        small = self.create_agreement()
        large = self.create_agreement(
            *({'product_id': product.id, 'price_unit': 5.0} for product in products),
            customer=self.create_customer("Bay Hotel", email='bay@example.com'))
        few, many = (
            self.count_queries(self.revise_prices(agreement, announce=False).action_announce)
            for agreement in (small, large))
        self.assertLessEqual(many, few + 5)
