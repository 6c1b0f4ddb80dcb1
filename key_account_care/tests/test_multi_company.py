from datetime import date, datetime

from odoo.fields import Command

from .common import KeyAccountCommon

DAY = date(2025, 6, 1)


class TestMultiCompany(KeyAccountCommon):
    """One customer of two companies with different currencies, sources of revenue and time zones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abroad = cls.create_company("Abroad", cls.dollar)
        cls.euro = cls.company.currency_id
        cls.env['res.currency.rate'].create({
            'currency_id': cls.euro.id, 'company_id': cls.abroad.id, 'name': date(2020, 1, 1), 'rate': 0.5})
        cls.product.with_company(cls.abroad).standard_price = 80.0
        cls.customer = cls.create_customer("Customer", contacts=["Ann"])
        cls.manager.company_ids = cls.company + cls.abroad

    def refresh_both(self):
        self.refresh(company=self.company + self.abroad)
        return self.get_account(self.customer), self.get_account(self.customer, self.abroad)

    def test_own_figures_per_company(self):
        other = self.create_customer("Other")
        self.create_invoice(self.customer, DAY, 100.0, product=self.product)
        self.create_invoice(self.customer.child_ids, DAY, 300.0, product=self.product, company=self.abroad)
        self.create_invoice(other, DAY, 300.0)
        home, abroad = self.refresh_both()
        self.assertRecordValues(home + abroad, [
            {'revenue': 100.0, 'margin': 40.0, 'share': 0.25, 'rank': 2, 'currency_id': self.euro.id},
            {'revenue': 300.0, 'margin': 220.0, 'share': 1.0, 'rank': 1, 'currency_id': self.dollar.id}])
        self.assertEqual((home + abroad).mapped('order_count'), [1, 1])
        self.assertFalse(self.get_account(other, self.abroad))

    def test_foreign_currency(self):
        """Figures are in the currency of the company, whatever the documents are in: a euro is two dollars."""
        self.create_invoice(self.customer, DAY, 100.0, currency_id=self.dollar.id, product=self.product)
        euros = {'company': self.abroad, 'currency_id': self.euro.id}
        self.create_invoice(self.customer, DAY, 100.0, product=self.product, **euros)
        self.create_credit_note(self.customer, DAY, 10.0, **euros)
        home, abroad = self.refresh_both()
        self.assertRecordValues(home, [{'revenue': 50.0, 'margin': -10.0}])
        self.assertRecordValues(abroad, [{'revenue': 180.0, 'margin': 100.0}])

    def test_rate_of_the_day_of_the_document(self):
        """A later rate does not change what was sold before."""
        self.create_invoice(self.customer, DAY, 100.0, currency_id=self.dollar.id)
        self.env['res.currency.rate'].create({
            'currency_id': self.dollar.id, 'company_id': self.company.id, 'name': date(2025, 6, 15), 'rate': 4.0})
        self.create_invoice(self.customer, date(2025, 6, 15), 100.0, currency_id=self.dollar.id)
        home, _abroad = self.refresh_both()
        self.assertEqual(home.revenue, 50.0 + 25.0)

    def test_source_of_revenue_per_company(self):
        self.abroad.key_account_revenue_source = 'order'
        for company in (self.company, self.abroad):
            self.create_invoice(self.customer, DAY, 10.0, company=company)
            self.create_order(self.customer, DAY, 500.0, company=company)
        home, abroad = self.refresh_both()
        self.assertRecordValues(home + abroad, [{'revenue': 10.0, 'margin': 10.0}, {'revenue': 500.0, 'margin': 420.0}])
        for account in (home, abroad):
            action = account.with_context(figure='revenue').action_open_figure()
            lines = self.env['key.account.sale'].search(action['domain'])
            self.assertEqual(sum(lines.mapped('revenue')), account.revenue)
            self.assertEqual(lines.company_id, account.company_id)

    def test_each_company_has_its_own_last_day(self):
        """Half past ten at night in UTC is the same day in New York and the next one in Tokyo."""
        (self.company + self.abroad).key_account_revenue_source = 'order'
        self.company.partner_id.tz = 'America/New_York'
        self.abroad.partner_id.tz = 'Asia/Tokyo'
        for company in (self.company, self.abroad):
            self.create_order(self.customer, datetime(2025, 6, 30, 22, 30), 100.0, company=company)
            self.create_order(self.customer, datetime(2025, 6, 30, 3, 30), 7.0, company=company)
        home, abroad = self.refresh_both()
        self.assertEqual((home + abroad).mapped('revenue'), [107.0, 7.0])
        self.assertEqual((home + abroad).mapped('last_order_date'), [date(2025, 6, 30), date(2025, 6, 30)])
        self.assertEqual(home.first_order_date, date(2025, 6, 29))

    def test_tiers_of_one_company_and_of_all(self):
        here, everywhere = self.set_tiers(
            {'name': "Here", 'rule': 'amount', 'amount_min': 50.0},
            {'name': "Everywhere", 'rule': 'amount', 'company_id': False})
        for company in (self.company, self.abroad):
            self.create_invoice(self.customer, DAY, 100.0, company=company)
        home, abroad = self.refresh_both()
        self.assertEqual(home.tier_id, here)
        self.assertEqual(abroad.tier_id, everywhere)

    def test_tier_of_a_contact_is_that_of_the_current_company(self):
        here, everywhere = self.set_tiers(
            {'name': "Here", 'rule': 'amount', 'amount_min': 50.0},
            {'name': "Everywhere", 'rule': 'amount', 'company_id': False})
        for company in (self.company, self.abroad):
            self.create_invoice(self.customer, DAY, 100.0, company=company)
        home, abroad = self.refresh_both()
        Partner = self.env['res.partner'].with_user(self.manager)
        contact = self.customer.child_ids.with_env(Partner.env)
        for company, account, tier in ((self.company, home, here), (self.abroad, abroad, everywhere)):
            # the user looks at both companies, the first one is the current one
            companies = company + (self.company + self.abroad - company)
            with self.subTest(company=company.name):
                in_company = contact.with_context(allowed_company_ids=companies.ids)
                self.assertEqual(in_company.key_account_tier_id, tier)
                self.assertEqual(in_company.key_account_id, account)
                found = in_company.search([('key_account_tier_id', '=', tier.id)])
                self.assertEqual(set(found), set(self.customer + contact))
                groups = in_company._read_group([('id', 'in', found.ids)], ['key_account_tier_id'], ['__count'])
                self.assertEqual(groups, [(tier, 2)])

    def test_tier_of_an_order_is_that_of_its_company(self):
        here, everywhere = self.set_tiers(
            {'name': "Here", 'rule': 'amount', 'amount_min': 50.0},
            {'name': "Everywhere", 'rule': 'amount', 'company_id': False})
        orders = self.env['sale.order']
        for company in (self.company, self.abroad):
            self.create_invoice(self.customer, DAY, 100.0, company=company)
            orders += self.create_order(self.customer, DAY, company=company)
        self.refresh_both()
        orders = orders.with_user(self.manager).with_context(allowed_company_ids=(self.company + self.abroad).ids)
        self.assertEqual([order.key_account_tier_id for order in orders], [here, everywhere])
        for order, tier in zip(orders, (here, everywhere)):
            found = orders.search([('id', 'in', orders.ids), ('key_account_tier_id', '=', tier.id)])
            self.assertEqual(found, order)
        self.assertEqual(
            orders._read_group([('id', 'in', orders.ids)], ['key_account_tier_id'], ['__count']),
            [(here, 1), (everywhere, 1)])

    def test_accounts_of_other_companies_are_hidden(self):
        self.create_invoice(self.customer, DAY, 100.0, company=self.abroad)
        _home, abroad = self.refresh_both()
        self.manager.company_ids = self.company
        Account = self.env['key.account'].with_user(self.manager).with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(Account.search([('partner_id', '=', self.customer.id)]))
        self.assertFalse(abroad.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids).has_access('read'))
        self.assertFalse(self.customer.with_env(Account.env).key_account_id)

    def test_a_night_for_all_companies(self):
        for company in (self.company, self.abroad):
            self.create_invoice(self.customer, DAY, 100.0, company=company)
        self.env['key.account']._refresh(self.today)
        self.assertTrue(self.get_account(self.customer))
        self.assertTrue(self.get_account(self.customer, self.abroad))

    def test_amount_rule_in_another_currency(self):
        """A border of 150 dollars is one of 75 euro."""
        tier, _rest = self.set_tiers(
            {'rule': 'amount', 'amount_min': 150.0, 'currency_id': self.dollar.id, 'company_id': False},
            {'rule': 'amount', 'company_id': False})
        self.create_invoice(self.customer, DAY, 75.0)
        self.create_invoice(self.customer, DAY, 149.0, company=self.abroad)
        home, abroad = self.refresh_both()
        self.assertEqual(home.tier_id, tier)
        self.assertNotEqual(abroad.tier_id, tier)

    def test_branch(self):
        """A branch is a company of its own: its customers have accounts there."""
        branch = self.env['res.company'].create({'name': "Branch", 'parent_id': self.company.id})
        self.env.user.company_ids += branch
        branch.partner_id.tz = 'UTC'
        order = self.env['sale.order'].with_company(branch).create({
            'partner_id': self.customer.id, 'company_id': branch.id, 'date_order': DAY,
            'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 10.0, 'tax_ids': False})]})
        order.state = 'sale'
        branch.key_account_revenue_source = 'order'
        self.refresh(company=self.company + branch)
        self.assertEqual(self.get_account(self.customer, branch).revenue, 10.0)
        self.assertFalse(self.get_account(self.customer))
