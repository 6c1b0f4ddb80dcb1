from datetime import date

from odoo.fields import Command

from .common import KeyAccountCommon

DAY = date(2025, 6, 1)


class TestQueryCounts(KeyAccountCommon):
    """Neither the night nor a list nor a tier badge takes more queries for more accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'
        cls.set_tiers({'rule': 'pareto', 'pareto_share': 50.0}, {'rule': 'amount', 'amount_min': 0.0})

    def create_buyers(self, count):
        """Customers with a confirmed order and an opportunity each."""
        customers = self.env['res.partner'].create([{'name': "Buyer", 'is_company': True}] * count)
        self.env['sale.order'].create([{
            'partner_id': customer.id, 'date_order': DAY,
            'order_line': [Command.create({'product_id': self.product.id, 'price_unit': place, 'tax_ids': False})],
        } for place, customer in enumerate(customers, start=1)]).state = 'sale'
        self.env['crm.lead'].create([
            {'name': "Wish", 'type': 'opportunity', 'partner_id': customer.id, 'company_id': self.company.id}
            for customer in customers])
        return customers

    def assertSameForMany(self, function):
        """As many queries for 50 accounts as for 5."""
        self.create_buyers(5)
        self.refresh()
        function()  # what Odoo keeps for the whole process
        few = self.count_queries(function)
        self.create_buyers(45)
        self.refresh()
        self.assertEqual(self.count_queries(function), few)

    def test_refresh(self):
        """Also in the very night that opens the accounts and puts them in a tier."""
        self.create_buyers(5)
        self.refresh()
        few = self.count_queries(self.refresh)
        self.create_buyers(45)
        self.assertEqual(self.count_queries(self.refresh), few)
        self.assertEqual(len(self.get_accounts()), 50)
        self.company.key_account_revenue_source = 'invoice'
        self.assertEqual(self.count_queries(self.refresh), few)

    def test_account_list(self):
        """By the web client's own call."""
        Account = self.env['key.account'].with_user(self.manager)
        specification = self.get_specification(Account, 'list')
        self.assertIn('tier_id', specification)
        self.assertSameForMany(lambda: Account.web_search_read(
            [('company_id', '=', self.company.id)], specification, limit=80))

    def test_account_kanban(self):
        Account = self.env['key.account'].with_user(self.manager)
        specification = self.get_specification(Account, 'kanban')
        self.assertSameForMany(lambda: Account.web_search_read(
            [('company_id', '=', self.company.id)], specification, limit=80))

    def get_specification(self, model, view_type):
        """The fields that the web client asks for to show a view."""
        view = model.get_view(view_type=view_type)
        return {
            name: {'fields': {'display_name': {}}} if model._fields[name].relational else {}
            for name in view['models'][model._name] if f'"{name}"' in view['arch']}

    def test_tier_of_documents(self):
        """One query for the accounts of any number of documents; the tiers are read once."""
        customers = self.create_buyers(20)
        self.refresh()
        for model in ('res.partner', 'sale.order', 'crm.lead'):
            customer = 'commercial_partner_id' if model == 'res.partner' else 'partner_id'
            records = self.env[model].with_user(self.manager).search([(customer, 'in', customers.ids)])
            self.env.flush_all()
            self.env.invalidate_all()
            records.mapped(f'{customer}.commercial_partner_id.name')
            with self.subTest(model=model), self.assertQueryCount(2):
                records.mapped('key_account_tier_id')
            self.assertEqual(len(records.mapped('key_account_tier_id')), 2)
