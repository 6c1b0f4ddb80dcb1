from datetime import timedelta
from statistics import median

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, users
from odoo.tools import SQL

from .common import TODAY, KeyAccountCommon
from .hypothesis_common import needs_hypothesis, run_examples, strategies


class TestWhitespace(KeyAccountCommon):
    """What comparable customers buy and one does not, and what people make of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            'key_account_revenue_source': 'order', 'key_account_peer_count': 4, 'key_account_peer_buyers': 2})
        cls.set_tiers({'rule': 'amount', 'amount_min': 0.0})
        cls.mills, cls.ports = cls.env['res.partner.industry'].create([{'name': "Mills"}, {'name': "Ports"}])
        cls.customers = cls.env['res.partner'].create([
            {'name': f"Customer {place}", 'is_company': True, 'industry_id': cls.mills.id if place < 5 else cls.ports.id}
            for place in range(8)])
        cls.categories = cls.env['product.category'].create([{'name': name} for name in ("Ropes", "Chains", "Buoys")])
        cls.ropes, cls.chains, cls.buoys = cls.categories
        cls.products = [cls.create_product(name=categ.name, categ_id=categ.id) for categ in cls.categories]
        cls.accounts = cls.env['key.account'].create([
            {'partner_id': customer.id, 'user_id': cls.salesperson.id} for customer in cls.customers])
        cls.accounts.flush_recordset()
        cls.Whitespace = cls.env['key.account.whitespace']

    @classmethod
    def buy(cls, *lines):
        """Confirmed orders: place of the customer, place of the category, days ago, amount."""
        cls.env['sale.order'].create([{
            'partner_id': cls.customers[place].id, 'company_id': cls.company.id, 'date_order': TODAY - timedelta(days=ago),
            'order_line': [Command.create({
                'product_id': cls.products[category].id, 'product_uom_qty': 1.0 if amount > 0 else -1.0,
                'price_unit': abs(amount), 'tax_ids': False})],
        } for place, category, ago, amount in lines]).state = 'sale'

    def night(self, company=None):
        accounts = self.env['key.account'].sudo()
        for model, step in (('key.account.spending', '_refresh_spending'), ('key.account.peer', '_refresh_peers')):
            accounts._do_step(getattr(self.env[model].sudo(), step), company or self.company, TODAY)

    def find(self, place, category=None):
        return self.Whitespace.search([
            ('account_id', '=', self.accounts[place].id),
            ('product_categ_id', 'in', (category or self.categories).ids)])

    def buy_usual(self):
        """Four mills buy ropes, for 100 to 400; the first of them bought chains long ago, two others do."""
        self.buy((0, 0, 10, 100), (1, 0, 20, 200), (2, 0, 30, 300), (3, 0, 40, 400),
                 (0, 1, 400, 70), (1, 1, 50, 50), (2, 1, 60, 60), (4, 1, 300, 10))

    # ------------------------------------------------------------
    # The figures
    # ------------------------------------------------------------

    def test_states(self):
        self.buy_usual()
        self.night()
        self.assertRecordValues(self.find(4, self.ropes), [{
            'state': 'never', 'amount': 0.0, 'last_date': False, 'industry_id': self.mills.id, 'peer_count': 4,
            'buyer_count': 4, 'buyer_share': 1.0, 'expected_amount': 250.0, 'potential': 250.0,
            'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'verdict': False}])
        self.assertRecordValues(self.find(0, self.chains), [{
            'state': 'lapsed', 'amount': 0.0, 'last_date': TODAY - timedelta(days=400), 'peer_count': 4, 'buyer_count': 3,
            'expected_amount': 50.0}])
        self.assertRecordValues(self.find(0, self.ropes), [{
            'state': 'bought', 'amount': 100.0, 'peer_count': 4, 'buyer_count': 3, 'potential': 150.0}])
        self.assertFalse(self.find(0, self.buoys))

    def test_too_few_buyers(self):
        """One of them is no pattern; what the account itself bought is shown all the same."""
        self.buy_usual()
        self.buy((3, 2, 10, 80))
        self.night()
        self.assertFalse(self.find(0, self.buoys))
        self.assertRecordValues(self.find(3, self.buoys), [{'state': 'bought', 'buyer_count': 0, 'peer_count': 4}])
        self.buy((2, 2, 10, 80))
        self.night()
        self.assertTrue(self.find(0, self.buoys))

    def test_few_of_an_industry_are_compared_with_the_tier(self):
        self.buy_usual()
        self.buy((5, 2, 10, 80), (6, 2, 10, 90))
        self.env['key.account.tier']._refresh_tiers(self.company, TODAY, self.accounts.browse())
        self.night()
        self.assertRecordValues(self.find(7, self.ropes), [{'industry_id': False, 'peer_count': 7, 'buyer_count': 4}])
        self.company.key_account_peer_count = 2
        self.night()
        self.assertFalse(self.find(7, self.ropes))
        self.assertRecordValues(self.find(7, self.buoys), [{'industry_id': self.ports.id, 'peer_count': 2, 'buyer_count': 2}])

    def test_what_was_given_back_was_not_bought(self):
        self.buy_usual()
        self.buy((0, 0, 5, -100))
        self.night()
        self.assertEqual(self.find(0, self.ropes).state, 'never')

    def test_discounts_are_in_no_category(self):
        self.company.sale_discount_product_id = self.products[0]
        self.buy_usual()
        self.night()
        self.assertFalse(self.Whitespace.search([('product_categ_id', '=', self.ropes.id)]))

    def test_archived_account(self):
        self.buy_usual()
        self.night()
        self.customers[3].active = False
        self.night()
        self.assertFalse(self.find(3))
        self.assertRecordValues(self.find(4, self.ropes), [{'peer_count': 3, 'buyer_count': 3}])

    def test_other_company_and_currency(self):
        """Another company compares its own customers, in its own currency."""
        other = self.create_company("Elsewhere", self.dollar)
        other.write({'key_account_revenue_source': 'order', 'key_account_peer_buyers': 1, 'key_account_peer_count': 2})
        theirs = self.env['key.account'].create([
            {'partner_id': customer.id, 'company_id': other.id} for customer in self.customers[:2]])
        self.create_order(self.customers[1], TODAY, 90.0, product=self.products[2], company=other)
        self.buy_usual()
        self.night()
        self.night(other)
        found = self.Whitespace.search([('account_id', 'in', theirs.ids)])
        self.assertEqual(
            {(row.account_id, row.product_categ_id, row.state) for row in found},
            {(theirs[0], self.buoys, 'never'), (theirs[1], self.buoys, 'bought')} if theirs[0].tier_id == theirs[1].tier_id
            else {(theirs[1], self.buoys, 'bought')})
        self.assertEqual(found.currency_id, self.dollar)
        self.assertFalse(self.find(0, self.buoys))
        self.assertFalse(found.with_user(self.manager).search([('account_id', 'in', theirs.ids)]))

    # ------------------------------------------------------------
    # The nightly step
    # ------------------------------------------------------------

    def places(self):
        """Where each row is: a row that is written moves."""
        self.env.flush_all()
        return [self.env.execute_query(SQL(
            "SELECT ctid::text, to_jsonb(t) FROM %s t WHERE company_id = %s ORDER BY id", SQL.identifier(table), self.company.id))
            for table in ('key_account_spending', 'key_account_peer')]

    def test_writes_only_what_changed(self):
        self.buy_usual()
        self.night()
        before = self.places()
        self.assertTrue(all(before))
        self.night()
        self.assertEqual(self.places(), before)
        self.buy((4, 0, 1, 10))
        self.night()
        after = self.places()
        self.assertEqual(before[0], [row for row in after[0] if row in before[0]])
        self.assertEqual(len(after[0]), len(before[0]) + 1)

    def test_some_accounts(self):
        """Refresh now brings the account up to date; groups are counted at night."""
        self.buy_usual()
        self.night()
        self.buy((4, 0, 1, 10), (3, 2, 1, 10), (2, 2, 1, 10))
        self.accounts[4].with_user(self.salesperson).action_refresh()
        self.assertEqual(self.find(4, self.ropes).state, 'bought')
        self.assertFalse(self.find(3, self.buoys) + self.find(4, self.buoys))

    def test_queries_do_not_grow(self):
        self.buy((0, 0, 10, 100))
        self.night()
        few = self.count_queries(self.night)
        self.buy_usual()
        self.assertEqual(self.count_queries(self.night), few)

    def test_a_row_is_found_without_the_others(self):
        """An id is not looked for among all rows there are."""
        self.buy_usual()
        self.night()
        row = self.find(4, self.ropes)
        query = self.Whitespace._search([('id', 'in', row.ids)])
        self.assertIn(SQL("account_id\" IN %s", tuple(self.accounts[4].ids)).code, query.select().code)
        row.invalidate_recordset()
        self.assertEqual(row.account_id, self.accounts[4])
        self.assertEqual(self.Whitespace.search([('id', '!=', row.id), ('account_id', '=', self.accounts[4].id)]),
                         self.find(4) - row)
        self.assertFalse(self.Whitespace.search([('id', 'in', [])]))

    # ------------------------------------------------------------
    # What people make of it
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_opportunity(self):
        """Made with the first click, opened by the next."""
        self.buy_usual_and_wait()
        row = self.find(4, self.ropes).with_env(self.env)
        lead = self.env['crm.lead'].browse(row.action_make_opportunity()['res_id'])
        self.assertRecordValues(lead, [{
            'type': 'opportunity', 'name': "Ropes for Customer 4", 'partner_id': self.customers[4].id,
            'expected_revenue': 250.0, 'company_id': self.company.id}])
        self.assertIn("4 of 4 comparable customers buy it.", lead.description)
        row.invalidate_recordset()
        self.assertEqual((row.verdict, row.lead_id, row.verdict_id.user_id), ('opportunity', lead, self.env.user))
        self.assertEqual(row.action_make_opportunity()['res_id'], lead.id)
        lead.sudo().unlink()
        row.invalidate_recordset()
        self.assertNotEqual(row.action_make_opportunity()['res_id'], lead.id)

    def buy_usual_and_wait(self):
        self.buy_usual()
        self.night()

    @users('ka_salesperson')
    def test_not_relevant(self):
        """With a reason, who and when; gone from the account, and back when it is taken back."""
        self.buy_usual_and_wait()
        account = self.accounts[4].with_env(self.env)
        row = account.whitespace_ids.filtered(lambda row: row.product_categ_id == self.ropes)
        action = row.action_decide()
        with Form(self.env[action['res_model']].with_context(**action['context'])) as form:
            self.assertFalse(form.verdict, "Nobody has decided yet")
            form.verdict, form.reason = 'not_relevant', "They spin"
        verdict = form.record
        self.assertRecordValues(verdict, [{
            'account_id': account.id, 'product_categ_id': self.ropes.id, 'verdict': 'not_relevant', 'date': TODAY,
            'user_id': self.env.uid, 'company_id': self.company.id}])
        self.env.invalidate_all()
        self.assertEqual((row.verdict, row.reason), ('not_relevant', "They spin"))
        self.assertNotIn(row, account.whitespace_ids)
        self.assertEqual(row.action_decide()['res_id'], verdict.id)
        verdict.with_user(self.manager).reason = "They do"
        self.assertEqual(verdict.sudo().user_id, self.manager)
        row.action_forget()
        self.env.invalidate_all()
        self.assertIn(row, account.whitespace_ids)

    def test_rights(self):
        self.buy_usual()
        self.night()
        verdict = self.env['key.account.whitespace.verdict'].create({
            'account_id': self.accounts[0].id, 'product_categ_id': self.buoys.id})
        self.accounts.user_id = self.salesperson_2
        for model in ('key.account.whitespace', 'key.account.spending', 'key.account.whitespace.verdict'):
            found = self.env[model].search([('account_id', 'in', self.accounts.ids)])
            self.assertTrue(found)
            self.assertFalse(found.with_user(self.salesperson).search([('account_id', 'in', self.accounts.ids)]))
            self.assertEqual(found.with_user(self.manager).search([('account_id', 'in', self.accounts.ids)]), found)
            with self.assertRaises(AccessError):
                found.with_user(self.employee).search([])
        with self.assertRaises(AccessError):
            verdict.with_user(self.salesperson).reason = "Mine"
        with self.assertRaises(AccessError):
            self.find(4, self.ropes).with_user(self.salesperson).action_make_opportunity()

    def test_merged_customers(self):
        """What was decided about one of them stays, and of two verdicts that of the account that stays."""
        Verdict = self.env['key.account.whitespace.verdict']
        Verdict.create([
            {'account_id': self.accounts[0].id, 'product_categ_id': self.ropes.id, 'reason': "Stays"},
            {'account_id': self.accounts[1].id, 'product_categ_id': self.ropes.id, 'reason': "Goes"},
            {'account_id': self.accounts[1].id, 'product_categ_id': self.chains.id, 'reason': "Comes"}])
        self.accounts[0]._absorb(self.accounts[1])
        self.assertEqual(
            set(Verdict.search([('account_id', '=', self.accounts[0].id)]).mapped('reason')), {"Stays", "Comes"})

    # ------------------------------------------------------------
    # Recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Whoever buys what, the rows are those that plain Python counts."""
        lines = strategies.lists(
            strategies.tuples(
                strategies.integers(0, 7), strategies.integers(0, 2), strategies.integers(-5, 900),
                strategies.sampled_from((-50, 20, 50, 100, 120))),
            min_size=6, max_size=40)
        run_examples(self.play, lines, max_examples=20)

    def play(self, lines):
        with self.env.cr.savepoint() as world:
            self.buy(*lines)
            self.night()
            found = self.Whitespace.search([('account_id', 'in', self.accounts.ids)])
            self.assertEqual({
                (list(self.accounts).index(row.account_id), list(self.categories).index(row.product_categ_id)):
                (row.state, row.amount, row.peer_count, row.buyer_count, row.expected_amount) for row in found
            }, self.recount(lines), lines)
            world.rollback()
        self.env.invalidate_all()

    def recount(self, lines):
        """The definition again, in other words."""
        year, ever = {}, {}
        for place, category, ago, amount in lines:
            if ago >= 0:
                ever[place, category] = ever.get((place, category), 0) + amount
                if ago < 365:
                    year[place, category] = year.get((place, category), 0) + amount
        known = {key for key in ever if ever[key] > 0 or year.get(key, 0) > 0}
        buys = {key: year[key] for key in known if year.get(key, 0) > 0}
        customers = {place for place, __ in buys}
        mills = customers & set(range(5))
        rows = {}
        for place in range(8):
            group = mills if place < 5 and len(mills) >= 4 else self.tier_group(customers, place)
            for category in range(3):
                amounts = [buys[other, category] for other in group if (other, category) in buys]
                others = [other for other in group if other != place and (other, category) in buys]
                if (place, category) in known or len(others) >= 2:
                    state = 'bought' if (place, category) in buys else 'lapsed' if (place, category) in known else 'never'
                    rows[place, category] = (
                        state, float(year.get((place, category), 0) if (place, category) in known else 0),
                        len(group - {place}) if amounts else 0, len(others), float(median(amounts)) if amounts else 0.0)
        return rows

    def tier_group(self, customers, place):
        return {other for other in customers if self.accounts[other].tier_id == self.accounts[place].tier_id}
