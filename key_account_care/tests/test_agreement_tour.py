from datetime import date

from odoo.tests import new_test_user

from .agreement_common import AgreementCommon
from .tour_common import TourCommon


class TestAgreementTour(AgreementCommon, TourCommon):
    """In a browser: a salesperson makes an agreement of what a customer buys and sells by it; a customer signs one."""

    def test_salesperson(self):
        customer = self.create_customer("North Harbor", user_id=self.salesperson.id)
        self.create_invoice(
            customer, date(2025, 3, 1), 900.0, product=self.product, quantity=10.0, invoice_user_id=self.salesperson.id)
        self.refresh()
        account = self.get_account(customer)
        self.start_tour(
            f'/odoo/key-accounts/{account.id}', 'key_account_care_agreement', login=self.salesperson.login)
        agreement = account.agreement_ids
        self.assertEqual((agreement.state, agreement.user_id), ('signed', self.salesperson))
        self.assertEqual(agreement.line_ids.step_ids.mapped('price_unit'), [75.0])
        self.start_tour('/odoo/sales/new', 'key_account_care_agreement_order', login=self.salesperson.login)
        self.assertEqual(agreement.called_off_amount, 80.0)

    def test_customer(self):
        new_test_user(self.env, 'ka_ann', 'base.group_portal', name="Ann", partner_id=self.contact.id)
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        agreement.action_mark_sent()
        self.start_tour(f'/my/agreements/{agreement.id}', 'key_account_care_agreement_portal', login='ka_ann')
        self.assertEqual((agreement.state, agreement.signed_by), ('signed', "Ann"))
        self.assertTrue(agreement.signature)
