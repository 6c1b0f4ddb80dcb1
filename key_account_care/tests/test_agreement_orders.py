from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time

from .agreement_common import AgreementCommon


class TestAgreementOrders(AgreementCommon):
    """Orders for another day, of covered companies with prices of their own, paid as was agreed, and found again."""

    @classmethod
    def create_special_pricelist(cls, customer, percent):
        """A pricelist of a customer with a discount on everything."""
        pricelist = cls.env['product.pricelist'].create({
            'name': f"{customer.name} -{percent} %", 'company_id': cls.company.id,
            'currency_id': cls.company.currency_id.id,
            'item_ids': [Command.create({'compute_price': 'percentage', 'percent_price': percent, 'applied_on': '3_global'})]})
        customer.specific_property_product_pricelist = pricelist
        return pricelist

    def assertPrices(self, partner, *prices):
        """The net prices that a partner pays for the products of the world, one after the other."""
        self.env.invalidate_all()
        found = [self.quote(partner, product=product).order_line.price_subtotal for product in (self.product, self.knot)]
        self.assertEqual(found, list(prices))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.knot = cls.create_product(name="Knot", list_price=40.0)

    # ------------------------------------------------------------
    # Days
    # ------------------------------------------------------------

    def test_quotation_made_before_the_first_day(self):
        with freeze_time(datetime(2025, 6, 20, 12)):
            order = self.quote()
        agreement = self.create_agreement({'price_unit': 80.0}, date_start=date(2025, 6, 25))
        self.env.invalidate_all()
        self.assertEqual(order.key_account_agreement_id, agreement)
        self.assertTrue(order.key_account_agreement_to_apply)
        order.action_apply_agreement_prices()
        self.assertEqual((order.order_line.price_unit, order.date_order), (80.0, datetime(2025, 6, 30, 12)))

    def test_quotation_for_a_day_of_the_next_agreement(self):
        self.create_agreement({'price_unit': 80.0})
        following = self.create_agreement({'price_unit': 85.0}, date_start=date(2026, 1, 1), date_end=date(2026, 12, 31))
        order = self.quote(date_order=datetime(2026, 2, 1))
        self.assertEqual(order.key_account_agreement_id, following)
        order.action_apply_agreement_prices()
        self.assertEqual((order.order_line.price_unit, order.date_order), (85.0, datetime(2026, 2, 1)))
        self.assertEqual(order.order_line.key_account_agreement_line_id, following.line_ids)

    # ------------------------------------------------------------
    # Covered companies
    # ------------------------------------------------------------

    def test_covered_company_keeps_its_normal_prices(self):
        """What the agreement does not cover, and what it discounts, starts from each company's own normal price."""
        spa, bar = self.create_customer("Anchor Spa"), self.create_customer("Anchor Bar")
        self.create_special_pricelist(spa, 25.0)
        agreement = self.create_agreement(
            {'price_unit': 80.0}, covered_partner_ids=[Command.set((spa | bar).ids)])
        for partner, knot in ((self.customer, 40.0), (spa, 30.0), (bar, 40.0)):
            self.assertPrices(partner, 80.0, knot)
        self.create_special_pricelist(bar, 50.0)
        self.assertPrices(bar, 80.0, 20.0)
        self.create_special_pricelist(self.customer, 5.0)
        for partner, knot in ((self.customer, 38.0), (spa, 30.0), (bar, 20.0)):
            self.assertPrices(partner, 80.0, knot)
        with freeze_time(datetime(2026, 1, 2)):
            self.env.flush_all()
            agreement._refresh_agreements(self.company, date(2026, 1, 2), agreement.account_id)
            self.env.invalidate_all()
            pricelists = self.env['product.pricelist'].with_context(active_test=False).search(
                [('key_account_agreement_id', '=', agreement.id)])
            self.assertEqual(len(pricelists), 3)
            self.assertFalse(any(pricelists.mapped('active')))
            self.assertPrices(spa, 75.0, 30.0)

    def test_discount_of_a_covered_company(self):
        spa = self.create_customer("Anchor Spa")
        self.create_special_pricelist(spa, 25.0)
        agreement = self.create_agreement(
            {'price_type': 'discount', 'discount': 10.0}, covered_partner_ids=[Command.set(spa.ids)])
        self.assertPrices(self.customer, 90.0, 40.0)
        self.assertPrices(spa, 67.5, 30.0)
        order = self.order(spa)
        self.assertEqual(order.order_line.key_account_agreement_line_id, agreement.line_ids)

    def test_normal_pricelist_of_a_covered_company_is_followed_at_night(self):
        spa = self.create_customer("Anchor Spa")
        agreement = self.create_agreement({'price_unit': 80.0}, covered_partner_ids=[Command.set(spa.ids)])
        cheap = self.create_special_pricelist(self.create_customer("Lighthouse Inn"), 25.0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET specific_property_product_pricelist = jsonb_build_object(%s, %s) WHERE id = %s",
            [str(self.company.id), cheap.id, spa.id])
        self.env.invalidate_all()
        agreement._refresh_agreements(self.company, self.today, agreement.account_id)
        self.assertPrices(spa, 80.0, 30.0)

    def test_beyond_the_maximum_of_a_covered_company(self):
        spa = self.create_customer("Anchor Spa")
        self.create_special_pricelist(spa, 10.0)
        self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='split',
            covered_partner_ids=[Command.set(spa.ids)])
        lines = self.order(spa, quantity=12.0).order_line
        self.assertEqual([(line.product_uom_qty, line.price_unit) for line in lines], [(10.0, 80.0), (2.0, 90.0)])

    def test_large_numbers_are_told_in_full(self):
        self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 123456.5}, beyond_limit='block')
        with self.assertRaisesRegex(UserError, "asks for 1,234,567 Units of Rope; 123,456.5 are left"):
            self.order(quantity=1234567.0)

    # ------------------------------------------------------------
    # Payment terms
    # ------------------------------------------------------------

    def test_payment_term_of_the_agreement(self):
        usual, agreed = self.env['account.payment.term'].create([
            {'name': name, 'company_id': self.company.id} for name in ("30 days", "60 days")])
        self.customer.property_payment_term_id = usual
        order = self.quote()
        self.assertEqual(order.payment_term_id, usual)
        self.create_agreement({'price_unit': 80.0}, payment_term_id=agreed.id, date_end=date(2025, 6, 30))
        self.env.invalidate_all()
        self.assertEqual(self.quote(self.contact).payment_term_id, agreed)
        order.action_apply_agreement_prices()
        self.assertEqual(order.payment_term_id, agreed)
        with freeze_time(datetime(2025, 7, 1, 12)):
            self.env.invalidate_all()
            order.action_update_prices()
            self.assertEqual((order.payment_term_id, order.order_line.price_unit), (usual, 100.0))

    # ------------------------------------------------------------
    # Search
    # ------------------------------------------------------------

    def test_search(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        under, other = self.order(), self.order(self.create_customer("Bay Hotel"))
        for domain, found in (
                (('key_account_agreement_id', '=', agreement.id), under),
                (('key_account_agreement_id', 'ilike', agreement.name), under),
                (('key_account_agreement_id', '!=', False), under),
                (('key_account_agreement_id', '=', False), other)):
            self.assertEqual(
                self.env['sale.order'].search([domain, ('id', 'in', (under | other).ids)]), found, domain)
