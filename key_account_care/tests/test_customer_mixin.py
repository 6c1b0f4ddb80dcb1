from datetime import date

from odoo.fields import Domain
from odoo.tests import Form

from .common import KeyAccountCommon

DAY = date(2025, 6, 1)


class TestCustomerTier(KeyAccountCommon):
    """Contacts, orders and opportunities show, search and group by the tier of their customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1, 'is_key': True, 'color': 5},
            {'name': "Rest", 'rule': 'amount'})
        cls.first = cls.create_customer("First", contacts=["Ann"])
        cls.second = cls.create_customer("Second", contacts=["Bo"])
        cls.stranger = cls.create_customer("Stranger", contacts=["Cy"])
        cls.create_invoice(cls.first, DAY, 100.0)
        cls.create_invoice(cls.second, DAY, 10.0)
        cls.refresh()
        cls.contacts = cls.first + cls.first.child_ids + cls.second + cls.second.child_ids
        cls.contacts += cls.stranger + cls.stranger.child_ids
        cls.orders = cls.env['sale.order'].create(
            [{'partner_id': partner.id, 'user_id': cls.salesperson.id} for partner in cls.contacts])
        cls.leads = cls.env['crm.lead'].create(
            [{'name': partner.name, 'type': 'opportunity', 'partner_id': partner.id, 'company_id': cls.company.id,
              'user_id': cls.salesperson.id} for partner in cls.contacts])

    def each(self):
        """The contacts and the documents, in the order first customer, its contact, second, its contact, stranger, its
        contact."""
        for records in (self.contacts, self.orders, self.leads):
            with self.subTest(model=records._name):
                yield records

    def test_tier(self):
        expected = [self.best, self.best, self.rest, self.rest, self.best.browse(), self.best.browse()]
        for records in self.each():
            for user in (self.env.user, self.salesperson, self.manager):
                as_user = records.with_user(user)
                self.assertEqual([record.key_account_tier_id for record in as_user], expected)
                self.assertEqual(as_user.mapped('key_account_tier_color'), [5, 5, 0, 0, 0, 0])
            self.assertEqual(records.key_account_id, self.get_account(self.first) + self.get_account(self.second))

    def test_employees_see_the_tier_of_a_contact(self):
        """It is a label for everybody; the account behind it is not."""
        contact = self.first.child_ids.with_user(self.employee)
        self.assertEqual(contact.key_account_tier_id, self.best)
        values = contact.read(['key_account_tier_id'])
        self.assertEqual(values[0]['key_account_tier_id'], (self.best.id, "Best"))

    def test_new_documents(self):
        """The tier appears while a quotation or an opportunity is being typed."""
        for model in ('sale.order', 'crm.lead'):
            document = self.env[model].new({'partner_id': self.first.child_ids.id, 'company_id': self.company.id})
            with self.subTest(model=model):
                self.assertEqual(document.key_account_tier_id, self.best)
                document.partner_id = self.second
                self.assertEqual(document.key_account_tier_id, self.rest)
                document.partner_id = False
                self.assertFalse(document.key_account_tier_id)
        contact = self.env['res.partner'].new({'name': "Di", 'parent_id': self.first.id})
        self.assertEqual(contact.key_account_tier_id, self.best)

    def test_quotation_form(self):
        form = Form(self.env['sale.order'].with_user(self.salesperson))
        form.partner_id = self.first
        self.assertEqual(form.key_account_tier_id, self.best)
        self.assertEqual(form.save().key_account_tier_id, self.best)

    # ------------------------------------------------------------
    # Search
    # ------------------------------------------------------------

    def test_search(self):
        """Each way of asking, and its opposite."""
        best, rest = self.best, self.rest
        searches = [
            (('key_account_tier_id', '=', best.id), [0, 1]),
            (('key_account_tier_id', '!=', best.id), [2, 3, 4, 5]),
            (('key_account_tier_id', 'in', (best + rest).ids), [0, 1, 2, 3]),
            (('key_account_tier_id', 'not in', best.ids), [2, 3, 4, 5]),
            (('key_account_tier_id', 'in', [best.id, False]), [0, 1, 4, 5]),
            (('key_account_tier_id', 'not in', [best.id, False]), [2, 3]),
            (('key_account_tier_id', '=', False), [4, 5]),
            (('key_account_tier_id', '!=', False), [0, 1, 2, 3]),
            (('key_account_tier_id', 'in', []), []),
            (('key_account_tier_id', 'not in', []), [0, 1, 2, 3, 4, 5]),
            (('key_account_tier_id', '=', "Best"), [0, 1]),
            (('key_account_tier_id', '!=', "Best"), [2, 3, 4, 5]),
            (('key_account_tier_id', 'ilike', "es"), [0, 1, 2, 3]),
            (('key_account_tier_id', 'ilike', "bes"), [0, 1]),
            (('key_account_tier_id', 'not ilike', "bes"), [2, 3, 4, 5]),
            (('key_account_tier_id.is_key', '=', True), [0, 1]),
            (('key_account_tier_id', 'any', [('is_key', '=', False)]), [2, 3]),
            (('key_account_tier_id', 'not any', [('is_key', '=', False)]), [0, 1, 4, 5]),
            (('key_account_id', '=', self.get_account(self.second).id), [2, 3]),
            (('key_account_id', '=', False), [4, 5]),
            (('key_account_id.revenue', '>', 50.0), [0, 1]),
            (('key_account_id', 'ilike', "First"), [0, 1]),
        ]
        for records in self.each():
            mine = Domain('id', 'in', records.ids)
            for leaf, places in searches:
                for user in (self.env.user, self.manager):
                    found = records.with_user(user).search(mine & Domain([leaf]))
                    self.assertEqual(set(found.ids), {records[place].id for place in places}, f"{leaf} by {user.name}")
            combined = mine & (Domain('key_account_tier_id', '=', rest.id) | Domain('key_account_id', '=', False))
            self.assertEqual(records.search_count(combined), 4)

    def test_filter_in_memory(self):
        for records in self.each():
            self.assertEqual(
                records.filtered_domain([('key_account_tier_id', 'in', self.best.ids)]), records[0] + records[1])

    def test_employees_search_by_tier(self):
        """A mailing or a list of contacts can select a tier."""
        found = self.env['res.partner'].with_user(self.employee).search([('key_account_tier_id', '=', self.best.id)])
        self.assertEqual(found & self.contacts, self.first + self.first.child_ids)

    def test_name_search_of_salespeople(self):
        """Own quotations can be searched, whoever manages the account."""
        self.get_account(self.first).user_id = self.salesperson_2
        found = self.env['sale.order'].with_user(self.salesperson).search([('key_account_tier_id', '=', self.best.id)])
        self.assertEqual(found, self.orders[:2])

    # ------------------------------------------------------------
    # Group by and sort
    # ------------------------------------------------------------

    def test_group_by(self):
        for records in self.each():
            domain = [('id', 'in', records.ids)]
            groups = records._read_group(domain, ['key_account_tier_id'], ['__count'])
            self.assertEqual(dict(groups), {self.best: 2, self.rest: 2, self.best.browse(): 2})
            for group in records.with_user(self.manager).formatted_read_group(
                    domain, ['key_account_tier_id'], ['__count']):
                found = records.search(Domain(domain) & Domain(group['__extra_domain']))
                self.assertEqual(len(found), group['__count'], "A group opens what it counts.")

    def test_group_by_in_the_web_client(self):
        for records in self.each():
            result = records.with_user(self.manager).web_read_group(
                [('id', 'in', records.ids)], ['key_account_tier_id'], ['__count'])
            counts = {group['key_account_tier_id'] and group['key_account_tier_id'][0]: group['__count']
                      for group in result['groups']}
            self.assertEqual(counts, {self.best.id: 2, self.rest.id: 2, False: 2})

    def test_sort(self):
        for records in self.each():
            found = records.search([('id', 'in', records.ids)], order='key_account_tier_id, id')
            self.assertEqual(
                [record.key_account_tier_id.name for record in found], ["Best", "Best", "Rest", "Rest", False, False])

    # ------------------------------------------------------------
    # As time goes by
    # ------------------------------------------------------------

    def test_the_tier_is_that_of_today(self):
        self.get_account(self.second)._set_tier(self.best, "Prospect of the year")
        self.env.invalidate_all()
        self.assertEqual(self.orders[2].key_account_tier_id, self.best)
        self.assertEqual(self.env['sale.order'].search_count([
            ('id', 'in', self.orders.ids), ('key_account_tier_id', '=', self.best.id)]), 4)

    def test_archived_accounts_do_not_show(self):
        self.first.active = False
        self.refresh()
        self.env.invalidate_all()
        self.assertFalse(self.orders[0].key_account_tier_id)
        self.assertFalse(self.env['sale.order'].search([
            ('id', 'in', self.orders.ids), ('partner_id', '=', self.first.id), ('key_account_tier_id', '!=', False)]))

    def test_contact_moves_to_another_company(self):
        contact = self.first.child_ids
        contact.parent_id = self.second
        self.assertEqual(contact.key_account_tier_id, self.rest)
        self.assertIn(contact, self.env['res.partner'].search([('key_account_tier_id', '=', self.rest.id)]))

    def test_open_account_from_a_contact(self):
        action = self.first.child_ids.action_open_key_account()
        self.assertEqual(action['res_id'], self.get_account(self.first).id)
        action = self.stranger.child_ids.action_open_key_account()
        form = Form(self.env['key.account'].with_context(**action['context']))
        self.assertEqual(form.partner_id, self.stranger)

    def test_lead_without_company(self):
        """It takes the company that the user is in."""
        self.leads.company_id = False
        self.assertEqual(self.leads[0].key_account_tier_id, self.best)
        self.assertEqual(self.leads.search_count([
            ('id', 'in', self.leads.ids), ('key_account_tier_id', '=', self.best.id)]), 2)


class TestSaleReport(KeyAccountCommon):
    """The tier as a dimension of the sales analysis multiplies no row."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1, 'company_id': False},
            {'name': "Rest", 'rule': 'amount', 'company_id': False})
        cls.company.key_account_revenue_source = 'order'
        cls.first, cls.second, cls.stranger = (
            cls.create_customer(name, contacts=[f"{name}'s contact"]) for name in ("First", "Second", "Stranger"))
        cls.sister = cls.create_company("Sister", cls.company.currency_id)
        cls.sister.key_account_revenue_source = 'order'
        cls.create_order(cls.first.child_ids, DAY, 100.0)
        cls.create_order(cls.first, DAY, 50.0)
        cls.create_order(cls.second, DAY, 10.0)
        cls.create_order(cls.second, DAY, 7.0, confirm=False)
        cls.create_order(cls.first, DAY, 1.0, company=cls.sister)
        cls.create_order(cls.second, DAY, 1000.0, company=cls.sister)
        cls.refresh()
        cls.refresh(company=cls.sister)
        cls.create_order(cls.stranger, DAY, 3.0)
        cls.env.flush_all()

    def get_totals(self, companies, by=()):
        report = self.env['sale.report'].with_context(allowed_company_ids=companies.ids)
        return report._read_group(
            [('company_id', 'in', companies.ids)], by, ['price_subtotal:sum', 'product_uom_qty:sum', '__count'])

    def test_totals(self):
        for companies in (self.company, self.sister, self.company + self.sister):
            with self.subTest(companies=companies.mapped('name')):
                total, = self.get_totals(companies)
                groups = self.get_totals(companies, ['key_account_tier_id'])
                self.assertEqual(tuple(sum(group[place] for group in groups) for place in (1, 2, 3)), total)

    def test_each_company_has_its_own_tier(self):
        none = self.best.browse()
        self.assertEqual(self.get_sales(self.company), {self.best: 150.0, self.rest: 17.0, none: 3.0})
        self.assertEqual(self.get_sales(self.sister), {self.best: 1000.0, self.rest: 1.0})
        self.assertEqual(self.get_sales(self.company + self.sister), {self.best: 1150.0, self.rest: 18.0, none: 3.0})

    def get_sales(self, companies):
        return {tier: sold for tier, sold, *_others in self.get_totals(companies, ['key_account_tier_id'])}

    def test_margin_stays(self):
        total, = self.env['sale.report']._read_group([('company_id', '=', self.company.id)], [], ['margin:sum'])
        orders = self.env['sale.order'].search([('company_id', '=', self.company.id)])
        self.assertAlmostEqual(total[0], sum(orders.mapped('margin')))

    def test_archived_account(self):
        """Counts as none, and its sales are still there."""
        total, = self.get_totals(self.company)
        self.first.active = False
        self.refresh()
        self.env.flush_all()
        self.assertEqual(self.get_totals(self.company), [total])
        self.assertEqual(
            self.get_sales(self.company), {self.best: 17.0, self.rest: 3.0, self.best.browse(): 150.0})
