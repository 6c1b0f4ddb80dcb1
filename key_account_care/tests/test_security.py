from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, users

from .tier_common import TierCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}
OUR_MODELS = ('key.account', 'key.account.tier.change', 'key.account.sale')


class TestSecurity(TierCommon):
    """Who sees and does what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.set_tiers({'name': "Everyone", **EVERYONE})
        cls.seller_of_all = new_test_user(
            cls.env, 'ka_seller_of_all', 'base.group_user,sales_team.group_sale_salesman_all_leads',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
        cls.customers = {}
        for name in ("own", "sponsored", "team", "unassigned", "foreign", "archived"):
            cls.customers[name] = cls.create_customer(f"{name} customer")
            cls.create_invoice(cls.customers[name], cls.today, 100)
        cls.refresh()
        cls.accounts = {name: cls.get_account(customer) for name, customer in cls.customers.items()}
        for name, vals in {
            'own': {'user_id': cls.salesperson.id},
            'sponsored': {'user_id': cls.salesperson_2.id, 'sponsor_id': cls.salesperson.id},
            'team': {'user_id': cls.salesperson_2.id, 'member_ids': cls.salesperson.ids},
            'unassigned': {'user_id': False},
            'foreign': {'user_id': cls.salesperson_2.id},
            'archived': {'user_id': cls.salesperson.id},
        }.items():
            cls.accounts[name].write(vals)
        cls.customers['archived'].active = False
        cls.refresh()
        cls.everything = sorted(cls.accounts)

    def visible(self, user, model='key.account'):
        """Names of the accounts that a user finds through a model."""
        path = 'id' if model == 'key.account' else 'account_id.id'
        found = self.env[model].with_user(user).with_context(active_test=False).search([('company_id', '=', self.company.id)])
        ids = set(found.sudo().mapped(path))
        return sorted(name for name, account in self.accounts.items() if account.id in ids)

    # ------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------

    def test_groups_come_with_the_groups_of_sales(self):
        for group, is_user, is_manager in (
            ('base.group_user', False, False), ('sales_team.group_sale_salesman', True, False),
            ('sales_team.group_sale_salesman_all_leads', True, False), ('sales_team.group_sale_manager', True, True),
        ):
            with self.subTest(group=group):
                user = new_test_user(self.env, f'ka_new_{group}', f'base.group_user,{group}')
                self.assertEqual(user.has_group('key_account_care.group_user'), is_user)
                self.assertEqual(user.has_group('key_account_care.group_manager'), is_manager)

    def test_every_model_of_ours_has_access_rows_and_a_company_rule(self):
        for name, model in self.env.registry.items():
            if not name.startswith('key.account') or model._abstract:
                continue
            with self.subTest(model=name):
                rows = self.env['ir.model.access'].search([('model_id.model', '=', name)])
                self.assertTrue(rows)
                self.assertTrue(all(rows.mapped('group_id')), "a row without a group is for the whole world")
                self.assertFalse(self.env.ref('base.group_portal') in rows.group_id)
                rules = self.env['ir.rule'].search([('model_id.model', '=', name), ('global', '=', True)])
                if 'company_id' in model._fields and not model._transient:
                    self.assertIn('company_ids', ''.join(rules.mapped('domain_force')))

    # ------------------------------------------------------------
    # Own, team's, sponsored and unassigned accounts
    # ------------------------------------------------------------

    def test_salesperson_sees_own_accounts_and_what_belongs_to_them(self):
        expected = ["archived", "own", "sponsored", "team", "unassigned"]
        for model in OUR_MODELS:
            with self.subTest(model=model):
                self.assertEqual(self.visible(self.salesperson, model), expected)

    def test_who_may_see_all_documents_sees_all_accounts(self):
        for model in OUR_MODELS:
            for user in self.seller_of_all, self.manager:
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self.visible(user, model), self.everything)

    @users('ka_salesperson')
    def test_nothing_of_others_leaks(self):
        foreign = self.accounts['foreign'].with_env(self.env)
        accounts = self.env['key.account']
        with self.assertRaises(AccessError):
            foreign.read(['revenue'])
        with self.assertRaises(AccessError):
            foreign.write({'user_id': self.env.uid})
        with self.assertRaises(AccessError):
            foreign.action_refresh()
        with self.assertRaises(AccessError):
            foreign.action_open_figure()
        with self.assertRaises(AccessError):
            foreign._propose_tier(self.tier.browse(), "Mine")
        with self.assertRaises(AccessError):
            foreign.sudo().change_ids.with_env(self.env).read(['revenue'])
        self.assertFalse(accounts.name_search("foreign customer"))
        self.assertTrue(accounts.name_search("own customer"))
        self.assertFalse(accounts.search([('revenue', '=', 100), ('partner_id.name', '=', "foreign customer")]))
        groups = accounts.formatted_read_group([], ['tier_id'], ['__count', 'revenue:sum'])
        self.assertEqual([(group['__count'], group['revenue:sum']) for group in groups], [(4, 400.0)])
        self.assertEqual(self.tier.with_env(self.env).account_count, 4)

    @users('ka_salesperson')
    def test_rank_of_all_but_names_of_nobody(self):
        """The rank is among all accounts; the list behind it has those that the user may see."""
        action = self.accounts['own'].with_env(self.env).with_context(figure='rank').action_open_figure()
        found = self.env['key.account'].search(action['domain'])
        self.assertNotIn(self.accounts['foreign'], found)

    @users('ka_salesperson')
    def test_salesperson_works_on_accounts(self):
        own = self.accounts['own'].with_env(self.env)
        own.write({'sponsor_id': self.manager.id, 'member_ids': [Command.link(self.salesperson_2.id)]})
        self.accounts['unassigned'].with_env(self.env).user_id = self.env.user
        own.action_refresh()
        self.env['key.account'].action_refresh()
        with self.assertRaises(AccessError):
            own.unlink()

    @users('ka_manager', 'ka_salesperson')
    def test_account_stays_with_its_customer_and_company(self):
        own = self.accounts['own'].with_env(self.env)
        for vals in ({'partner_id': self.customers['foreign'].id}, {'company_id': self.env.ref('base.main_company').id}):
            with self.assertRaisesRegex(UserError, "stays with its customer"):
                own.write(vals)

    @users('ka_salesperson')
    def test_salesperson_leaves_tiers_and_history_alone(self):
        change = self.accounts['own'].change_ids.with_env(self.env)
        for records, vals in (
            (self.tier, {'name': "x"}), (change, {'reason': "x"}),
            (self.env.ref('key_account_care.buying_role_user'), {'name': "x"}),
        ):
            records = records.with_env(self.env)
            with self.subTest(model=records._name):
                with self.assertRaises(AccessError):
                    records.write(vals)
                with self.assertRaises(AccessError):
                    records.unlink()
                with self.assertRaises(AccessError):
                    records.copy()
        with self.assertRaises(AccessError):
            self.accounts['own'].with_env(self.env).write({'change_ids': [Command.create({
                'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'date': self.today})]})
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
            self.env['key.account.tier'].get_borders()
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
            self.env['key.account.tier'].apply_borders({})

    @users('ka_manager')
    def test_manager_configures(self):
        tier = self.env['key.account.tier'].create({'name': "By hand"})
        tier.write({'company_id': self.company.id, 'contact_days': 30})
        self.accounts['foreign'].with_env(self.env).tier_id = tier
        self.env.ref('key_account_care.buying_role_user').with_env(self.env).name = "End user"
        plan = self.env['mail.activity.plan'].create({'name': "Plan", 'res_model': 'key.account', 'template_ids': [
            Command.create({'summary': "Call", 'responsible_type': 'key_account_manager'})]})
        tier.activity_plan_id = plan
        with self.assertRaises(AccessError):
            self.env['mail.activity.plan'].create({'name': "Plan of partners", 'res_model': 'res.partner'})
        change = self.accounts['own'].change_ids.with_env(self.env)
        with self.assertRaises(AccessError):
            change.write({'reason': "x"})
        with self.assertRaises(AccessError):
            change.unlink()

    # ------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------

    def test_other_companies_stay_apart(self):
        other = self.create_company("Other", self.company.currency_id)
        theirs = self.create_accounts(10, company=other)
        tier = self.env['key.account.tier'].create({'name': "Theirs", 'rule': 'manual', 'company_id': other.id})
        manager = self.manager
        self.assertNotIn(theirs, self.env['key.account'].with_user(manager).search([]))
        self.assertNotIn(tier, self.env['key.account.tier'].with_user(manager).search([]))
        with self.assertRaises(AccessError):
            theirs.with_user(manager).read(['revenue'])
        with self.assertRaises(AccessError):
            tier.with_user(manager).write({'name': "Mine"})
        with self.assertRaises(AccessError):
            theirs.with_user(manager).action_refresh()
        manager.company_ids += other
        both = self.env['key.account'].with_user(manager).with_context(allowed_company_ids=(self.company + other).ids)
        self.assertIn(theirs, both.search([]))
        only_ours = both.with_context(allowed_company_ids=self.company.ids)
        self.assertNotIn(theirs, only_ours.search([]))

    def test_customer_has_the_account_of_the_current_company(self):
        other = self.create_company("Other", self.company.currency_id)
        customer = self.customers['own']
        theirs = self.env['key.account'].with_company(other).create({'partner_id': customer.id, 'company_id': other.id})
        self.assertEqual(customer.with_company(self.company).key_account_id, self.accounts['own'])
        self.assertEqual(customer.with_company(other).key_account_id, theirs)

    # ------------------------------------------------------------
    # Those who are no sales people
    # ------------------------------------------------------------

    def test_customers_and_visitors_get_nothing(self):
        for user in self.portal_user, self.env.ref('base.public_user'):
            for name, model in self.env.registry.items():
                if not name.startswith('key.account') or model._abstract:
                    continue
                with self.subTest(user=user.login, model=name):
                    records = self.env[name].with_user(user)
                    with self.assertRaises(AccessError):
                        records.search([])
                    with self.assertRaises(AccessError):
                        records.create({})
            with self.assertRaises(AccessError):
                self.env['key.account'].with_user(user).action_refresh()
            with self.assertRaises(AccessError):
                self.customers['own'].with_user(user).read(['key_account_tier_id'])

    @users('ka_employee')
    def test_employee_has_no_accounts_but_opens_contacts(self):
        for model in OUR_MODELS:
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].search([])
        with self.assertRaises(AccessError):
            self.env['key.account'].action_refresh()
        self.open_views('res.partner', self.customers['own'] + self.customers['foreign'])

    def test_employee_with_orders_opens_their_list(self):
        order = self.create_order(self.customers['foreign'], self.today)
        self.employee.group_ids += self.env.ref('account.group_account_invoice')
        self.env = self.env(user=self.employee)
        self.open_views('sale.order', order)
        self.assertEqual(order.with_env(self.env).key_account_tier_id.display_name, "Everyone")

    @users('ka_salesperson')
    def test_salesperson_opens_a_customer_and_order_of_a_foreign_account(self):
        """The tier is a label on the customer that everybody sees; the account behind it stays closed."""
        self.open_views('res.partner', self.customers['foreign'])
        customer = self.customers['foreign'].with_env(self.env)
        self.assertEqual(customer.key_account_tier_id.name, "Everyone")
        self.assertFalse(customer.key_account_id.has_access('read'))

    def open_views(self, model, records):
        """Read records as the web client does for the list and the form."""
        records = records.with_env(self.env)
        views = self.env[model].get_views([(False, 'list'), (False, 'form'), (False, 'search')])
        for kind in 'list', 'form':
            names = [name for name in views['models'][model]['fields'] if name.startswith('key_account') and name in
                     views['views'][kind]['arch']]
            names += ['display_name', 'partner_id'] if model == 'sale.order' else ['display_name']
            specification = {
                name: {'fields': {'display_name': {}}} if records._fields[name].relational else {} for name in names}
            self.assertEqual(len(records.web_read(specification)), len(records))
        self.env[model].web_search_read([('id', 'in', records.ids)], specification)
