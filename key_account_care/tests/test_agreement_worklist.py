from datetime import date

from odoo.fields import Command

from .test_agreement_renewal import RenewalCommon


class TestAgreementWorklist(RenewalCommon):
    """What is to be renewed soon, with its figures beside the proposal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_min': 10.0}, date_end=date(2025, 8, 31))

    @classmethod
    def find_due(cls):
        return cls.env['key.account.agreement'].search([('renewal_due', '=', True), ('company_id', '=', cls.company.id)])

    def assertDue(self, agreements):
        self.env.invalidate_all()
        self.assertEqual(self.find_due(), agreements)
        everything = self.env['key.account.agreement'].search([('company_id', '=', self.company.id)])
        self.assertEqual(everything.filtered('renewal_due'), agreements)
        self.assertEqual(everything.search([('renewal_due', '=', False), ('company_id', '=', self.company.id)]),
                         everything - agreements)

    def test_who_is_on_it(self):
        by_end, by_notice = self.create_agreement(
            customer=self.create_customer("End"), date_end=date(2025, 9, 28), notice_days=0), self.create_agreement(
            customer=self.create_customer("Notice"), date_end=date(2025, 11, 27), notice_days=90)
        for end, notice in ((date(2025, 11, 28), 90), (date(2025, 9, 29), 0)):
            self.create_agreement(customer=self.create_customer("Later"), date_end=end, notice_days=notice)
        self.create_agreement(customer=self.create_customer("Draft"), date_end=date(2025, 8, 31), sign=False)
        declined = self.create_agreement(customer=self.create_customer("No"), date_end=date(2025, 8, 31))
        self.assertDue(declined | by_notice | by_end | self.agreement)
        self.end(declined)
        self.assertDue(by_notice | by_end | self.agreement)

    def test_leaves_when_the_next_one_is_signed(self):
        proposal = self.renew(self.agreement)
        self.assertDue(self.agreement)
        proposal.action_sign()
        self.assertDue(self.agreement.browse())

    def test_figures(self):
        self.order(quantity=4.0)
        self.order(quantity=1.0, line={'price_unit': 90.0})
        self.env.invalidate_all()
        self.assertEqual(self.agreement.called_off_amount, 320.0)
        self.assertEqual(self.agreement.committed_share, 40.0)
        self.assertEqual((self.agreement.margin, self.agreement.margin_share), (80.0, 25.0))
        self.assertEqual(self.agreement.leakage_amount, 90.0)
        self.assertFalse(self.agreement.is_comparable)

    def test_proposal_in_money(self):
        self.product.categ_id = self.env['product.category'].create({'name': "Ropes"})
        chain = self.create_product(name="Chain", list_price=10.0, categ_id=self.product.categ_id.id)
        agreement = self.create_agreement(
            {'price_unit': 80.0}, {'categ_id': self.product.categ_id.id, 'price_type': 'discount', 'discount': 20.0},
            customer=self.create_customer("Bay Hotel"), date_end=date(2025, 8, 31))
        self.order(agreement.partner_id, quantity=5.0)  # 400.00
        self.order(agreement.partner_id, quantity=10.0)  # 800.00
        self.order(agreement.partner_id, product=chain, quantity=10.0)  # 80.00
        proposal = self.renew(agreement)
        rope, ropes = proposal.line_ids
        rope.write({'price_unit': 84.0, 'step_ids': [Command.create({'min_quantity': 10, 'price_unit': 70.0})]})
        ropes.discount = 10.0
        self.env.invalidate_all()
        self.assertTrue(agreement.is_comparable)
        self.assertEqual(agreement.proposed_amount, 420.0 + 700.0 + 90.0)
        self.assertAlmostEqual(agreement.proposed_change, 100 * (1210 / 1280 - 1))
        rope.unlink()
        self.env.invalidate_all()
        self.assertEqual(agreement.proposed_amount, 90.0, "what the proposal leaves out is not compared")

    def test_queries_do_not_grow(self):
        names = ['called_off_amount', 'committed_share', 'coverage', 'margin', 'leakage_amount', 'days_left',
                 'revision_count', 'price_revision_count', 'next_id', 'next_state', 'proposed_change', 'can_renew',
                 'late_order_count', 'renewal_due']
        Agreement = self.env['key.account.agreement'].with_user(self.manager)

        def show():
            Agreement.search([('renewal_due', '=', True)]).read(names)
            Agreement.search([('late_order_count', '>', 0)]).read(names)

        self.renew(self.agreement)
        self.order()
        show()
        few = self.count_queries(show)
        for number in range(8):
            agreement = self.create_agreement(
                customer=self.create_customer(f"Hotel {number}"), date_end=date(2025, 8, 31))
            self.renew(agreement)
            self.order(agreement.partner_id)
        self.assertLessEqual(self.count_queries(show), few)


class TestLateOrders(RenewalCommon):
    """Customers who go on ordering after the end of their last agreement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subsidiary = cls.create_customer("Anchor Harbor", parent_id=cls.customer.id)
        cls.agreement = cls.create_agreement(
            date_start=date(2024, 6, 1), date_end=date(2025, 5, 31), covered_partner_ids=cls.subsidiary.ids)
        cls.run_night(cls.today)

    def find_late(self):
        self.env.invalidate_all()
        return self.env['key.account.agreement'].search(
            [('late_order_count', '>', 0), ('company_id', '=', self.company.id)])

    def test_orders_after_the_end(self):
        self.create_order(self.contact, date(2025, 5, 31), 50.0)
        self.assertFalse(self.find_late())
        self.create_order(self.contact, date(2025, 6, 1), 70.0)
        self.create_order(self.subsidiary, date(2025, 6, 20), 30.0)
        self.create_order(self.contact, date(2025, 6, 21), 500.0, confirm=False)
        self.assertEqual(self.find_late(), self.agreement)
        self.assertEqual(
            (self.agreement.late_order_count, self.agreement.late_order_amount, self.agreement.late_order_date),
            (2, 100.0, date(2025, 6, 20)))
        action = self.agreement.action_open_late_orders()
        self.assertEqual(sum(self.env['sale.order'].search(action['domain']).mapped('amount_untaxed')), 100.0)

    def test_amount_in_the_currency_of_the_agreement(self):
        order = self.create_order(self.contact, date(2025, 6, 1), 70.0, pricelist_id=self.env['product.pricelist'].create({
            'name': "Dollars", 'company_id': self.company.id, 'currency_id': self.dollar.id}).id)
        self.assertEqual(order.currency_id, self.dollar)
        self.env.invalidate_all()
        self.assertEqual(self.agreement.late_order_amount, 35.0)

    def test_gone_when_there_is_another_one(self):
        self.create_order(self.contact, date(2025, 6, 1), 70.0)
        self.create_order(self.subsidiary, date(2025, 6, 20), 30.0)
        self.assertEqual(self.find_late().next_state, False)
        proposal = self.renew(self.agreement)
        self.assertEqual(self.find_late().next_state, 'draft')
        proposal.action_sign()
        self.assertFalse(self.find_late())

    def test_subsidiary_with_its_own_agreement(self):
        self.create_agreement(customer=self.subsidiary)
        self.create_order(self.subsidiary, date(2025, 6, 20), 30.0)
        self.assertFalse(self.find_late())

    def test_declined_ones_do_not_count(self):
        declined = self.create_agreement(sign=False, date_start=date(2025, 6, 1), date_end=date(2025, 6, 2))
        declined._close('declined')
        self.create_order(self.contact, date(2025, 6, 5), 70.0)
        self.assertEqual(self.find_late(), self.agreement)
