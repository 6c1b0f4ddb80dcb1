from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, KeyAccountCommon

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


@tagged('post_install', '-at_install')
class TestPromiseLedger(KeyAccountCommon):
    """Promises and delivery dates side by side: which were kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer("Anchor Hotel", contacts=["Ann"])
        cls.contact = cls.customer.child_ids
        cls.account = cls.env['key.account'].create({'partner_id': cls.customer.id, 'user_id': cls.salesperson.id})
        cls.goods = cls.create_product(name="Chain", type='consu')
        cls.Ledger = cls.env['key.account.promise.ledger']

    def promise(self, date_due, state='open', done_on=False, **vals):
        return self.env['key.account.promise'].create({
            'name': "New drawings", 'account_id': self.account.id, 'date_due': date_due, 'state': state, 'done_on': done_on,
            'user_id': self.salesperson.id, **vals})

    def order(self, commitment=None, delivered=0.0, lead=0.0, product=None, **vals):
        if self.Ledger._has_transfers():
            self.skipTest("Here transfers tell what was delivered, not quantities")
        order = self.create_order(self.contact, TODAY - timedelta(days=30), quantity=2.0, product=product or self.goods, **vals)
        if commitment:
            order.commitment_date = datetime.combine(commitment, datetime.min.time()) + timedelta(hours=12)
        order.order_line.write({'qty_delivered': delivered, 'customer_lead': lead})
        return order

    def rows(self, domain=()):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Ledger.search([('account_id', '=', self.account.id), *domain], order='id')

    def row_of(self, order):
        return self.rows([('order_id', '=', order.id)])

    def kept(self, record):
        """Whether one promise or order counts as kept: True, False or None."""
        found = self.rows([('order_id' if record._name == 'sale.order' else 'promise_id', '=', record.id)])
        self.assertEqual(len(found), 1)
        return bool(found.kept) if found.counts else None

    # ------------------------------------------------------------
    # Promises
    # ------------------------------------------------------------

    def test_what_counts_as_kept(self):
        for state, date_due, done_on, outcome, kept in (
            ('open', TODAY, False, 'open', None),
            ('open', YESTERDAY, False, 'overdue', False),
            ('kept', TODAY, TODAY, 'kept', True),
            ('kept_late', YESTERDAY, TODAY, 'kept_late', False),
            ('broken', TOMORROW, TODAY, 'broken', False),
            ('renegotiated', TODAY, TODAY, 'renegotiated', None),
            ('renegotiated', YESTERDAY, TODAY, 'renegotiated', False),
        ):
            with self.subTest(state=state, date_due=date_due):
                promise = self.promise(date_due, state, done_on)
                self.assertIs(self.kept(promise), kept)
                self.assertEqual(self.rows([('promise_id', '=', promise.id)]).outcome, outcome)

    def test_told_before_the_date(self):
        late = {'state': 'kept_late', 'done_on': TODAY}
        for vals, told in (
            ({'told_on': YESTERDAY, **late}, 1.0), ({'told_on': TODAY, **late}, 0.0), (late, 0.0),
            ({'told_on': YESTERDAY, 'direction': 'they', **late}, False), ({'state': 'kept', 'done_on': YESTERDAY}, False),
        ):
            with self.subTest(vals=vals):
                promise = self.promise(YESTERDAY, **vals)
                self.env.flush_all()
                [[average, days]] = self.Ledger._read_group(
                    [('promise_id', '=', promise.id)], [], ['told:avg', 'days_late:avg'])
                self.assertEqual((average, type(average)), (told, type(told)))
                self.assertEqual(days, 'kept_late' in vals.values())

    def test_rate_per_person_and_quarter(self):
        for date_due, state in ((TODAY, 'kept'), (YESTERDAY, 'kept_late'), (TODAY - timedelta(days=100), 'kept')):
            self.promise(date_due, state, TODAY)
        self.promise(TODAY, 'kept', TODAY, direction='they')
        self.env.flush_all()
        groups = self.Ledger._read_group(
            [('account_id', '=', self.account.id)], ['user_id', 'direction', 'date_due:quarter'], ['kept:avg'])
        self.assertEqual(sorted((direction, quarter.month, kept) for __, direction, quarter, kept in groups), [
            ('they', 4, 1.0), ('we', 1, 1.0), ('we', 4, 0.5)])

    # ------------------------------------------------------------
    # Delivery dates
    # ------------------------------------------------------------

    def test_delivery_dates_count_by_themselves(self):
        for commitment, delivered, kept in (
            (YESTERDAY, 2, True), (YESTERDAY, 3, True), (YESTERDAY, 1, False), (YESTERDAY, 0, False), (TODAY, 0, None),
            (TODAY, 2, True)):
            with self.subTest(commitment=commitment, delivered=delivered):
                self.assertIs(self.kept(self.order(commitment, delivered)), kept)
        order = self.order(YESTERDAY, user_id=self.salesperson_2.id)
        self.assertRecordValues(self.row_of(order), [{
            'name': order.name, 'direction': 'we', 'user_id': self.salesperson_2.id, 'contact_id': self.contact.id,
            'date_due': YESTERDAY, 'outcome': 'overdue', 'amount': 100.0, 'currency_id': self.company.currency_id.id,
            'days_late': 1, 'promise_id': False}])

    def test_lead_time_is_a_date_where_there_is_one(self):
        self.assertFalse(self.row_of(self.order()), "nobody named a date")
        order = self.order(lead=10)
        self.assertEqual(self.row_of(order).date_due, order.expected_date.date())
        order.order_line = [Command.create({
            'product_id': self.goods.id, 'product_uom_qty': 1, 'tax_ids': False, 'customer_lead': 5})]
        self.assertEqual(self.row_of(order).date_due, order.expected_date.date())
        order.commitment_date = datetime.combine(TOMORROW, datetime.min.time())
        self.assertEqual(self.row_of(order).date_due, TOMORROW)

    def test_only_confirmed_orders_with_something_to_deliver(self):
        order = self.order(YESTERDAY)
        self.assertTrue(self.row_of(order))
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertFalse(self.row_of(order))
        self.assertFalse(self.row_of(self.order(YESTERDAY, confirm=False)))
        note = self.order(YESTERDAY)
        note.order_line.product_uom_qty = 0
        self.assertFalse(self.row_of(note))

    def test_services_are_waited_for_only_without_goods(self):
        self.assertIs(self.kept(self.order(YESTERDAY, product=self.product)), False)
        order = self.order(YESTERDAY, delivered=2)
        order.order_line = [Command.create({'product_id': self.product.id, 'product_uom_qty': 5, 'tax_ids': False})]
        self.assertIs(self.kept(order), True)

    def test_day_where_the_company_is(self):
        order = self.order(TODAY)
        order.commitment_date = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=23)
        self.assertEqual(self.row_of(order).date_due, TODAY)
        self.company.partner_id.tz = 'Europe/Oslo'
        self.assertEqual(self.row_of(order).date_due, TOMORROW)

    def test_one_definition_of_on_time(self):
        """What the objective and the pack of a review say is what the ledger says."""
        self.order(YESTERDAY, delivered=2)
        self.order(YESTERDAY, delivered=1)
        self.order(lead=5)
        self.order(delivered=2, lead=5)
        self.order(TODAY, delivered=2)
        waiting = self.order()
        goal = self.env['key.account.objective'].create({
            'name': "On time", 'account_id': self.account.id, 'year': TODAY.year, 'measure': 'on_time', 'target_value': 95.0})
        review = self.env['key.account.review'].create({
            'account_id': self.account.id, 'period_start': goal.date_start, 'period_end': goal.date_due,
            'type_id': self.env['key.account.review.type'].create({'name': "Review"}).id})
        self.env.flush_all()
        self.assertEqual(review._get_kept_promises()['deliveries'], {'count': 5, 'kept': 0.6})
        self.assertEqual((goal.is_computed, goal.current_value), (True, 60.0))
        in_progress = review._get_orders_in_progress()
        rows = self.rows([('outcome', '=', 'overdue')])
        self.assertEqual(
            [(row['id'], row['promised_on']) for row in in_progress['orders']],
            [*((row.order_id.id, row.date_due) for row in rows.sorted('date_due')), (waiting.id, None)])
        self.assertEqual(in_progress['late_count'], 2)
        goal.year = TODAY.year - 1
        self.assertFalse(goal.is_computed)

    def test_order_in_another_currency(self):
        pricelist = self.env['product.pricelist'].create({'name': "Dollars", 'currency_id': self.dollar.id})
        order = self.order(YESTERDAY, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, self.dollar)
        self.assertEqual(self.row_of(order).amount, 50.0)

    def test_archived_account_has_no_delivery_dates(self):
        order = self.order(YESTERDAY)
        self.customer.active = False
        self.assertFalse(self.row_of(order))

    # ------------------------------------------------------------
    # Who reads it, and how fast
    # ------------------------------------------------------------

    def test_who_sees_it(self):
        self.promise(TODAY)
        self.order(YESTERDAY)
        self.order(YESTERDAY, user_id=self.salesperson_2.id)
        self.env.flush_all()
        for user, count in ((self.salesperson, 3), (self.manager, 3), (self.salesperson_2, 1)):
            with self.subTest(user=user.login):
                self.assertEqual(self.Ledger.with_user(user).search_count([('account_id', '=', self.account.id)]), count)

    def test_row_opens_its_record(self):
        promise, order = self.promise(TODAY), self.order(YESTERDAY)
        self.assertEqual(
            [(action['res_model'], action['res_id']) for action in (row.action_open_source() for row in self.rows())],
            sorted([('key.account.promise', promise.id), ('sale.order', order.id)],
                   key=lambda each: each[1] * 2 + (each[0] == 'sale.order')))

    def test_one_query_for_any_number_of_accounts(self):
        accounts = self.account
        accounts += self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {place}").id} for place in range(5)])
        self.env.flush_all()
        self.env.invalidate_all()
        accounts.mapped('company_id')
        with self.assertQueryCount(1):
            accounts.mapped('promise_kept')
