from odoo.addons.key_account_care.demo.sales_history import PATTERNS
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestDemo(TransactionCase):
    """The demo data tell a story in which everything the addon knows happens to somebody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref('key_account_care.customer_aurora', raise_if_not_found=False):
            cls.skipTest(cls, "this database has no demo data of Key Account Care")
        cls.demo = cls.env['key.account.demo'].with_company(cls.env.ref('base.main_company'))
        cls.accounts = cls.demo._get_accounts()

    def test_every_customer_has_an_account(self):
        self.assertEqual(len(self.accounts), len(PATTERNS))
        self.assertGreaterEqual(len(self.accounts), 12)

    def test_every_tier_has_an_account(self):
        shipped = [self.env.ref(f'key_account_care.tier_{name}') for name in ('strategic', 'key', 'growth', 'standard')]
        for tier in shipped:
            self.assertIn(tier, self.accounts.tier_id)

    def test_every_lifecycle_occurs(self):
        possible = dict(self.accounts._fields['lifecycle'].selection)
        self.assertEqual(set(self.accounts.mapped('lifecycle')), set(possible))

    def test_locks_with_and_without_end(self):
        locked = self.accounts.filtered('tier_locked')
        self.assertTrue(locked.filtered('lock_until'))
        self.assertTrue(locked.filtered(lambda account: not account.lock_until))
        self.assertTrue(all(locked.mapped('lock_reason')))

    def test_one_account_is_in_its_grace(self):
        waiting = self.accounts.filtered(lambda account: account.missed_runs and not account.tier_locked)
        self.assertTrue(waiting)
        for account in waiting:
            self.assertLess(account.missed_runs, account.tier_id.grace_runs)
            self.assertNotEqual(account.tier_id, account.rule_tier_id)

    def test_proposals(self):
        states = self.accounts.change_ids.grouped('state')
        self.assertTrue(states['proposed'].reason)
        self.assertTrue(states['declined'].decision_reason)
        self.assertTrue(states['declined'].decided_by_id)

    def test_tiers_changed_over_the_years(self):
        changes = self.accounts.change_ids.filtered(lambda change: change.state == 'done' and change.cause == 'rule')
        risen = changes.filtered(lambda change: change.tier_from_id and change.tier_to_id.sequence < change.tier_from_id.sequence)
        fallen = changes.filtered(lambda change: change.tier_to_id.sequence > change.tier_from_id.sequence > 0)
        self.assertTrue(risen)
        self.assertTrue(fallen)
        self.assertGreater(len(set(changes.mapped('date'))), 5)

    def test_agreements_of_every_state(self):
        agreements = self.env['key.account.agreement'].search([('account_id', 'in', self.accounts.ids)])
        self.assertLessEqual({'sent', 'signed'}, set(agreements.mapped('state')))
        in_force = self.demo._get_accounts('aurora', 'planica').partner_id
        self.assertTrue(all(in_force.property_product_pricelist.key_account_agreement_id))
        aurora = self.demo._get_accounts('aurora').agreement_id
        self.assertGreater(aurora.called_off_amount, 10000)

    def test_worklists_have_something_to_do(self):
        agreements = self.env['key.account.agreement'].search([('account_id', 'in', self.accounts.ids)])
        due = agreements.search([('renewal_due', '=', True), ('id', 'in', agreements.ids)])
        self.assertLessEqual({False, 'draft'}, set(due.mapped('next_state')))
        self.assertTrue(due.filtered('is_comparable'))
        self.assertTrue(agreements.search([('late_order_count', '>', 0), ('id', 'in', agreements.ids)]))

    def test_margins_are_plausible(self):
        for account in self.accounts.filtered('revenue'):
            with self.subTest(account=account.display_name):
                self.assertGreater(account.margin, 0)
                self.assertLess(account.margin, account.revenue)
                self.assertAlmostEqual(account.margin_rate, 0.33, delta=0.12)

    def test_revenue_is_that_of_posted_invoices(self):
        account = self.demo._get_accounts('tulip')
        if account.company_id.key_account_revenue_source != 'invoice':
            self.skipTest("the company of the demo data has no sales journal")
        action = account.with_context(figure='revenue').action_open_figure()
        sold = self.env['key.account.sale'].search(action['domain'])
        self.assertAlmostEqual(sum(sold.mapped('revenue')), account.revenue, 2)
        self.assertIn('out_refund', sold.move_id.mapped('move_type'))

    def test_every_customer_has_people(self):
        for customer in self.accounts.partner_id:
            with self.subTest(customer=customer.display_name):
                people = customer.child_ids.filtered(lambda contact: contact.function and contact.email)
                self.assertGreaterEqual(len(people), 2)

    def test_relationships_hang_on_one_thread_or_on_many(self):
        covered, thin = self.demo._get_accounts('aurora'), self.demo._get_accounts('nyhavn')
        self.assertEqual(covered.thread, 'several')
        self.assertGreaterEqual(covered.people_theirs, covered.tier_id.min_their_contacts)
        self.assertGreaterEqual(covered.people_ours, covered.tier_id.min_our_contacts)
        self.assertEqual(thin.thread, 'both')
        self.assertGreater(thin.revenue_at_stake, 100000)

    def test_maps_show_gaps_and_trends(self):
        maps = [account.get_relationship_map() for account in self.demo._get_accounts('aurora', 'nyhavn', 'planica', 'saimaa')]
        cells = [cell for each in maps for cell in each['cells']]
        self.assertEqual({cell['trend'] for cell in cells if cell['strength']}, {'up', 'same', 'down'})
        self.assertTrue(any(cell['is_gap'] for cell in cells))
        self.assertTrue(any(person['is_placeholder'] for each in maps for person in each['theirs']))

    def test_mails_wait_or_were_answered(self):
        responses = self.env['key.account.response'].search([('account_id', 'in', self.accounts.ids)])
        self.assertEqual(set(responses.mapped('state')), {'open', 'answered'})
        self.assertEqual(set(responses.filtered('answered_on').mapped('kept')), {0.0, 1.0})
        self.assertGreaterEqual(len({response.asked_on.month for response in responses}), 10)

    def test_people_leave_and_come(self):
        people = self.accounts.partner_id.child_ids
        self.assertLessEqual({'bounce', 'silence'}, set(people.mapped('key_account_left_sign')))
        self.assertTrue(people.key_account_successor_id)
        suggested = self.env['key.account.suggestion'].search([('account_id', 'in', self.accounts.ids)])
        self.assertTrue(all(suggested.mapped('name')))

    # ------------------------------------------------------------
    # Reviews, promises, feedback
    # ------------------------------------------------------------

    def find(self, model, *domain):
        return self.env[model].search([('account_id', 'in', self.accounts.ids), *domain])

    def test_reviews_of_every_state(self):
        reviews = self.find('key.account.review').grouped('state')
        self.assertLessEqual({'due', 'planned', 'held', 'closed'}, set(reviews))
        self.assertTrue(reviews['due'].filtered('is_overdue'))
        self.assertTrue(reviews['planned'].event_id)
        for review in reviews['held'] | reviews['closed']:
            self.assertTrue(review.present_ids and review.minutes and review.rating_note)
            self.assertEqual(set(review.decision_ids.mapped('kind')), {'decision', 'action'})
        actions = self.find('key.account.review.decision', ('kind', '=', 'action'))
        self.assertEqual(set(actions.mapped('is_done')), {True, False})
        self.assertTrue(actions.activity_id.filtered('active'))

    def test_a_customer_reads_its_review_in_the_portal(self):
        buyer = self.env.ref('key_account_care.user_buyer')
        review = self.env['key.account.review'].search(self.env['key.account.review']._get_portal_domain(buyer.partner_id))
        self.assertEqual(review._get_portal_role(buyer), 'customer')
        self.assertTrue(review.pack_date)
        self.assertIn("Our Objectives", review._render_pack('customer'))
        self.assertIn("Margin", review._render_pack('internal'))
        self.assertTrue(review.next_id)

    def test_promises_of_every_state_and_both_sides(self):
        promises = self.find('key.account.promise')
        possible = dict(promises._fields['state'].selection)
        self.assertEqual(set(promises.mapped('state')), set(possible))
        self.assertEqual(set(promises.mapped('direction')), {'we', 'they'})
        self.assertEqual(set(promises.mapped('forecast')), {False, 'hold', 'late'})
        self.assertTrue(promises.filtered('is_overdue').activity_ids)
        self.assertTrue(promises.filtered(lambda each: each.first_due < each.date_due), "renegotiated")
        ledger = self.find('key.account.promise.ledger')
        self.assertEqual(set(ledger.mapped('outcome')), {'overdue', *possible})
        self.assertEqual(set(ledger.mapped('kind')), {'promise', 'order'})
        self.assertEqual({row.told for row in ledger if row.outcome == 'kept_late'}, {0.0, 1.0})

    def test_feedback_of_every_kind(self):
        feedback = self.find('key.account.feedback')
        self.assertEqual(set(feedback.mapped('kind')), set(dict(feedback._fields['kind'].selection)))
        complaints = feedback.filtered(lambda each: each.kind == 'complaint')
        self.assertEqual(set(complaints.filtered('told_on').mapped('told_in_time')), {True, False})
        self.assertTrue(complaints.filtered('is_late'))
        self.assertTrue(complaints.filtered(lambda each: each.repeat_count and each.severity == '2'))
        self.assertTrue(feedback.filtered('competitor'))
        invitations = self.find('key.account.feedback.invitation')
        self.assertLessEqual({'proposed', 'sent', 'answered'}, set(invitations.mapped('state')))

    def test_satisfaction_has_a_trend(self):
        found = self.find('key.account.feedback.report', ('question_id', '=', False), ('score_count', '>', 0))
        self.assertGreater((max(found.mapped('date')) - min(found.mapped('date'))).days, 600)
        rising, falling = (
            found.filtered(lambda row, account=account: row.account_id == account).sorted('date').mapped('score')
            for account in (self.demo._get_accounts('nyhavn'), self.demo._get_accounts('saimaa')))
        self.assertLess(rising[0], rising[-1])
        self.assertGreater(falling[0], falling[-1])

    def test_objectives_on_their_way_and_behind(self):
        objectives = self.find('key.account.objective')
        self.assertEqual(set(objectives.mapped('measure')), set(dict(objectives._fields['measure'].selection)))
        self.assertEqual(
            set(objectives.filtered('is_computed').mapped('progress_state')), {'on_plan', 'behind', 'reached'})

    def test_what_we_sell_opens_doors(self):
        """One warning at least of each kind about prices, products and loyalty; stock needs Odoo's inventory."""
        risks = self.env['key.account.risk'].search([
            ('account_id', 'in', self.accounts.ids), ('state', '=', 'open'), ('topic', 'in', ('price', 'product', 'loyalty'))])
        self.assertLessEqual({
            'margin_crept', 'price_above_agreed', 'price_above_list', 'price_above_peers', 'price_not_revised',
            'product_superseded', 'product_archived', 'exclusivity_broken'}, set(risks.rule_id.mapped('kind')))

    def test_a_subsidiary_has_its_own_account(self):
        mother, daughter = self.demo._get_accounts('nyhavn'), self.demo._get_accounts('nyhavn_sverige')
        self.assertEqual(daughter.partner_id.parent_id, mother.partner_id)
        self.assertTrue(daughter.revenue)

    def test_nothing_is_told_twice(self):
        domain = [('partner_id', 'child_of', self.accounts.partner_id.ids)]
        orders = self.env['sale.order'].search_count(domain)
        self.demo._load()
        self.assertEqual(self.env['sale.order'].search_count(domain), orders)

    def test_nobody_is_mailed(self):
        self.assertFalse(self.env['mail.mail'].search([('model', '=', 'key.account'), ('res_id', 'in', self.accounts.ids)]))

    # ------------------------------------------------------------
    # Early warnings
    # ------------------------------------------------------------

    def find_open_warnings(self):
        return self.env['key.account.risk'].search([('company_id', '=', self.demo.env.company.id), ('state', '=', 'open')])

    def test_every_kind_of_warning_is_open(self):
        kinds = set(self.env['key.account.risk.rule'].search([]).mapped('kind'))
        if 'stock.quant' not in self.env:
            kinds -= {'product_out_of_stock'}
        if self.demo.env.company.key_account_revenue_source != 'invoice':
            kinds -= {'invoice_disputed', 'payment_unusual', 'credit_unusual', 'credit_repeated'}
        self.assertEqual(kinds - set(self.find_open_warnings().rule_id.mapped('kind')), set())

    def test_warnings_do_not_drown_anybody(self):
        warnings = self.find_open_warnings()
        self.assertLess(len(warnings), 10 * len(self.accounts))
        limit = self.demo.env.company.key_account_reminder_limit
        reminders = self.env['mail.activity'].search([
            ('res_model', '=', 'key.account.risk'), ('res_id', 'in', warnings.ids)]).grouped('user_id')
        self.assertTrue(reminders)
        for user, activities in reminders.items():
            self.assertLessEqual(len(activities), limit, user.name)
