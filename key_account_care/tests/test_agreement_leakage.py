from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time

from .agreement_common import AgreementCommon
from .common import TODAY


class TestAgreementLeakage(AgreementCommon):
    """Coverage and leakage: what is bought under the agreement, what past it, and why."""

    def get_rows(self, agreement, covered=True):
        self.env.flush_all()
        return self.env['key.account.leakage'].search(
            [('origin_id', '=', agreement.id), ('covered', '=', covered)], order='id')

    def assertFigures(self, agreement, **figures):
        self.env.flush_all()
        agreement.invalidate_recordset()
        self.assertRecordValues(agreement, [figures])

    # ------------------------------------------------------------
    # Coverage
    # ------------------------------------------------------------

    def test_coverage_is_the_share_under_the_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.assertFigures(agreement, coverage=0.0, leakage_amount=0.0, outside_amount=0.0)
        self.order(quantity=3.0)  # 240 under it
        self.order(quantity=1.0, line={'price_unit': 100.0})  # 100 past it
        self.order(product=self.create_product(list_price=60.0, name="Anchor"))  # 60 that it does not cover
        self.assertFigures(agreement, coverage=60.0, leakage_amount=100.0, outside_amount=160.0, leakage_count=1)

    def test_rows_behind_the_numbers(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        leak = self.order(line={'price_unit': 100.0})
        anchor = self.order(product=self.create_product(list_price=60.0))
        self.env.flush_all()
        Leakage = self.env['key.account.leakage']
        self.assertEqual(Leakage.search(agreement.action_open_leakage()['domain']).order_id, leak)
        self.assertEqual(Leakage.search(agreement.action_open_outside()['domain']).order_id, leak | anchor)

    def test_many_agreements_in_few_queries(self):
        agreements = self.create_agreement()
        for number in range(4):
            agreements |= self.create_agreement(customer=self.create_customer(f"Hotel {number}"))
        self.order(line={'price_unit': 100.0})

        def read(records):
            return self.count_queries(lambda: records.mapped(lambda agreement: (agreement.coverage, agreement.leakage_amount)))

        self.assertEqual(read(agreements), read(agreements[0]))

    def test_returned_and_credited_goods_do_not_leak(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order(quantity=4.0, line={'price_unit': 100.0})
        move = order._create_invoices()
        move.action_post()
        refund = move._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 3.0
        refund.action_post()
        self.assertFigures(agreement, leakage_amount=100.0)

    def test_amounts_in_the_currency_of_the_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0}, currency_id=self.dollar.id)
        euro = self.env['product.pricelist'].create({
            'name': "Euro", 'company_id': self.company.id, 'currency_id': self.company.currency_id.id})
        self.order(pricelist_id=euro.id)  # 100 EUR are 200 USD
        self.assertFigures(agreement, leakage_amount=200.0)
        self.env['res.currency.rate'].search(
            [('currency_id', '=', self.dollar.id), ('company_id', '=', self.company.id)]).name = date(2025, 12, 1)
        self.assertFigures(agreement, leakage_amount=200.0)  # before the first rate Odoo takes the first

    def test_amounts_by_the_latest_rate_of_the_day(self):
        agreement = self.create_agreement({'price_unit': 80.0}, currency_id=self.dollar.id)
        own, euro = {'currency_id': self.dollar.id, 'company_id': self.company.id}, self.company.currency_id
        self.env['res.currency.rate'].create([
            {**own, 'name': TODAY - timedelta(days=5), 'rate': 3.0},
            {**own, 'name': TODAY - timedelta(days=2), 'rate': 4.0},
            {**own, 'name': TODAY + timedelta(days=2), 'rate': 5.0},
        ])
        order = self.order(pricelist_id=self.env['product.pricelist'].create({
            'name': "Euro", 'company_id': self.company.id, 'currency_id': euro.id}).id)
        for day in (TODAY - timedelta(days=3), TODAY - timedelta(days=2), TODAY):
            order.date_order = datetime.combine(day, datetime.min.time())
            rate = euro._get_conversion_rate(euro, self.dollar, self.company, day)
            self.assertFigures(agreement, leakage_amount=100.0 * rate)

    # ------------------------------------------------------------
    # Why
    # ------------------------------------------------------------

    def test_price_typed_by_hand(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order(line={'price_unit': 95.0})
        self.assertRecordValues(self.get_rows(agreement), [{'reason': 'hand', 'amount': 95.0}])

    def test_another_pricelist(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order(pricelist_id=self.pricelist.id)
        self.assertRecordValues(self.get_rows(agreement), [{'reason': 'pricelist', 'amount': 100.0}])

    def test_ordered_before_the_signature(self):
        order = self.order()
        order.date_order = datetime(2025, 3, 1, 12)
        agreement = self.create_agreement({'price_unit': 80.0})
        self.assertRecordValues(self.get_rows(agreement), [{'reason': 'before', 'amount': 100.0, 'date': date(2025, 3, 1)}])

    def test_beyond_the_maximum(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit='split')
        self.order(quantity=14.0)
        self.assertRecordValues(self.get_rows(agreement), [{'reason': 'beyond', 'amount': 400.0}])

    def test_not_in_the_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order(product=self.create_product(list_price=60.0))
        self.assertFalse(self.get_rows(agreement))
        self.assertRecordValues(self.get_rows(agreement, covered=False), [{'reason': 'uncovered', 'amount': 60.0}])

    def test_every_scope_covers(self):
        """A variant, a product, a category with those below it, and everything."""
        outer = self.env['product.category'].create({'name': "Outer"})
        inner = self.env['product.category'].create({'name': "Inner", 'parent_id': outer.id})
        self.product.categ_id = inner
        for scope in ({'product_id': self.product.id}, {'product_tmpl_id': self.product.product_tmpl_id.id},
                      {'categ_id': outer.id}, {'applied_on': '3_global'}):
            customer = self.create_customer(f"Customer of {scope}")
            agreement = self.create_agreement({**scope, 'price_unit': 80.0}, customer=customer)
            self.order(customer, line={'price_unit': 95.0})
            self.assertEqual(len(self.get_rows(agreement)), 1, scope)

    # ------------------------------------------------------------
    # Who and when
    # ------------------------------------------------------------

    def test_contacts_and_covered_subsidiaries_leak(self):
        subsidiary, stranger = self.create_customer("Subsidiary"), self.create_customer("Stranger")
        agreement = self.create_agreement({'price_unit': 80.0}, covered_partner_ids=[Command.set(subsidiary.ids)])
        for partner in (self.contact, subsidiary, stranger):
            self.order(partner, line={'price_unit': 95.0})
        self.assertEqual(self.get_rows(agreement).partner_id, self.contact | subsidiary)

    def test_own_agreement_of_a_subsidiary_comes_first(self):
        subsidiary = self.create_customer("Subsidiary")
        parent = self.create_agreement({'price_unit': 80.0}, covered_partner_ids=[Command.set(subsidiary.ids)])
        own = self.create_agreement({'price_unit': 70.0}, customer=subsidiary)
        self.order(subsidiary, line={'price_unit': 95.0})
        self.assertFalse(self.get_rows(parent))
        self.assertEqual(len(self.get_rows(own)), 1)

    def test_only_within_the_days_of_the_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0}, date_start=TODAY, date_end=TODAY)
        orders = self.order(line={'price_unit': 95.0}) | self.order(line={'price_unit': 96.0})
        orders[0].date_order = datetime.combine(TODAY - timedelta(days=1), datetime.max.time())
        orders[1].date_order = datetime(TODAY.year, TODAY.month, TODAY.day, 23, 59)
        self.assertEqual(self.get_rows(agreement).order_id, orders[1])

    def test_closed_agreements_keep_their_rows_and_declined_ones_have_none(self):
        closed = self.create_agreement({'price_unit': 80.0}, date_end=TODAY)
        self.order(line={'price_unit': 95.0})
        with freeze_time(datetime(2025, 7, 2, 12)):
            closed._close('ended')
        self.assertEqual(closed.state, 'closed')
        self.assertEqual(len(self.get_rows(closed)), 1)
        declined = self.create_agreement({'price_unit': 80.0}, sign=False)
        declined._close('declined')
        self.assertFalse(self.get_rows(declined))

    def test_quotations_deposits_and_negative_lines_do_not_leak(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.quote(line={'price_unit': 95.0})
        self.order(line={'price_unit': -5.0})
        self.order(line={'price_unit': 95.0, 'product_uom_qty': -1.0})
        order = self.order()
        wizard = self.env['sale.advance.payment.inv'].with_context(active_ids=order.ids).create({
            'advance_payment_method': 'percentage', 'amount': 50.0})
        wizard.create_invoices()
        self.assertTrue(order.order_line.filtered('is_downpayment'))
        self.assertFalse(self.get_rows(agreement))
        self.assertFalse(self.get_rows(agreement, covered=False))

    def test_salespeople_see_the_figure_but_only_their_rows(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        agreement.account_id.user_id = self.salesperson_2
        self.order(line={'price_unit': 95.0})
        self.env.flush_all()
        Leakage = self.env['key.account.leakage']
        self.assertFalse(Leakage.with_user(self.salesperson).search([('origin_id', '=', agreement.id)]))
        self.assertEqual(len(Leakage.with_user(self.salesperson_2).search([('origin_id', '=', agreement.id)])), 1)
        self.assertEqual(agreement.with_user(self.salesperson_2).leakage_amount, 95.0)
        self.assertFalse(Leakage.with_user(self.portal_user).has_access('read'))

    # ------------------------------------------------------------
    # On the account
    # ------------------------------------------------------------

    def test_account_shows_the_agreement_in_force(self):
        subsidiary, stranger = self.create_customer("Subsidiary"), self.create_customer("Stranger")
        agreement = self.create_agreement({'price_unit': 80.0}, covered_partner_ids=[Command.set(subsidiary.ids)])
        accounts = agreement.account_id | self.env['key.account'].create([
            {'partner_id': partner.id, 'company_id': self.company.id} for partner in (subsidiary, stranger)])
        self.order()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(accounts.mapped(lambda account: account.agreement_id.id), [agreement.id, agreement.id, False])
        self.assertEqual(accounts.mapped('agreement_coverage'), [100.0, 100.0, 0.0])
        Account = self.env['key.account']
        mine = [('id', 'in', accounts.ids)]
        self.assertEqual(Account.search([*mine, ('agreement_id', '!=', False)]), accounts[:2])
        self.assertEqual(Account.search([*mine, ('agreement_id', '=', False)]), accounts[2])
        self.assertEqual(Account.search([*mine, ('agreement_id', '=', agreement.id)]), accounts[:2])

    def test_agreements_of_many_accounts_in_one_query(self):
        customers = [self.create_customer(f"Hotel {number}") for number in range(5)]
        for customer in customers:
            self.create_agreement(customer=customer)
        accounts = self.env['key.account'].search([('partner_id', 'in', [customer.id for customer in customers])])
        self.assertEqual(
            self.count_queries(lambda: accounts.mapped('agreement_id')),
            self.count_queries(lambda: accounts[0].mapped('agreement_id')))

    def test_new_agreement_from_the_account(self):
        account = self.env['key.account'].with_user(self.salesperson).create({
            'partner_id': self.create_customer("Newcomer").id, 'company_id': self.company.id})
        draft = self.env['key.account.agreement'].with_user(self.salesperson).with_context(
            **account.action_new_agreement()['context']).create({})
        self.assertRecordValues(draft, [{'account_id': account.id, 'state': 'draft'}])
