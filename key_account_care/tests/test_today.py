from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tools import SQL

from .common import TODAY
from .risk_common import RiskCommon


class TestToday(RiskCommon):
    """What each of our people has to do next, by money and urgency, each with its next step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Today = cls.env['key.account.today'].with_user(cls.salesperson)
        cls.kind = cls.env['key.account.review.type'].create({'name': "Talk", 'company_id': cls.company.id})
        cls.set_revenue(10000)

    @classmethod
    def set_revenue(cls, revenue):
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE key_account SET revenue = %s WHERE id = %s", revenue, cls.account.id))
        cls.env.invalidate_all()

    def warn(self, amount=0.0, account=None, **vals):
        return self.Risk.create({
            'account_id': (account or self.account).id, 'name': "Open door", 'amount': amount, 'user_id': self.salesperson.id,
            **vals})

    def promise(self, days=1, **vals):
        return self.env['key.account.promise'].create({
            'name': "New drawings", 'account_id': self.account.id, 'date_due': self.days(days),
            'user_id': self.salesperson.id, **vals})

    def review(self, days=1, account=None, **vals):
        return self.env['key.account.review'].create({
            'account_id': (account or self.account).id, 'type_id': self.kind.id, 'due_date': self.days(days),
            'user_id': self.salesperson.id, **vals})

    def expect_order(self, days, amount=100.0, confidence=80, account=None, product=None):
        """The customer usually orders the product, which is expected so many days from now."""
        product = product or self.create_product(name="Rope")
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_rhythm (account_id, company_id, product_id, usual_amount, usual_quantity, confidence,
                                            last_date, next_date, tolerated_until, lapsed_after, interval_days, order_count)
            VALUES (%s, %s, %s, %s, 5, %s, %s, %s, %s, %s, 30, 5)
            """, (account or self.account).id, self.company.id, product.id, amount, confidence, self.days(days - 30),
            self.days(days), self.days(days + 3), self.days(days + 60)))
        self.env.invalidate_all()
        return product

    def find(self, *domain, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        user = user or self.salesperson
        return self.Today.with_user(user).search([('user_id', '=', user.id), *domain])

    def assertToDo(self, *records, user=None):
        rows = self.find(user=user)
        self.assertEqual([(row.res_model, row.res_id) for row in rows], [(record._name, record.id) for record in records])
        return rows

    # ------------------------------------------------------------
    # Which
    # ------------------------------------------------------------

    def test_nothing_to_do(self):
        self.warn(user_id=False)
        self.warn(user_id=self.salesperson_2.id)
        self.warn()._decide('accepted')
        self.review(15)
        self.review(10, date=datetime(2025, 7, 1, 9))  # planned for tomorrow
        self.review(-5).action_cancel()
        self.promise(4)
        self.promise(-1).action_keep()
        self.expect_order(1)
        self.expect_order(0, confidence=29)
        self.expect_order(-61)
        self.assertToDo()

    def test_borders(self):
        planned = self.review(20, date=datetime(2025, 6, 30, 9))
        self.review(14, account=self.create_account(self.create_customer("Anchor")))
        self.promise(3)
        self.expect_order(0)
        self.assertEqual(set(self.find().mapped('kind')), {'review', 'promise', 'order'})
        self.assertEqual(len(self.find()), 4)
        self.assertEqual(self.find(('res_id', '=', planned.id), ('kind', '=', 'review')).why, "The meeting is today.")

    def test_archived_accounts_wait_for_nobody(self):
        self.warn(100)
        self.account.active = False
        self.assertToDo()

    def test_one_row_for_one_cause(self):
        """What a warning of the same person is about has no row of its own; that of somebody else is none of theirs."""
        promise, product, __ = self.promise(), self.expect_order(-1), self.review(-1)
        risks = {kind: self.Risk.sudo().create({
            'account_id': self.account.id, 'rule_id': self.use_rule(kind).id, 'amount': 1.0, 'user_id': self.salesperson.id,
            'res_model': record._name, 'res_id': record.id}) for kind, record in (
                ('promise_broken', promise), ('product_overdue', product), ('review_overdue', self.account))}
        self.assertEqual(self.find().mapped('kind'), ['risk'] * 3)
        risks['promise_broken'].user_id = self.salesperson_2
        self.assertEqual(sorted(self.find().mapped('kind')), ['promise', 'risk', 'risk'])
        (risks['product_overdue'] + risks['review_overdue'])._decide('closed')
        self.assertEqual(sorted(self.find().mapped('kind')), ['order', 'promise', 'review'])
        risks['product_overdue'].copy({
            'rule_id': self.use_rule('margin_crept').id, 'res_model': product._name, 'res_id': product.id})
        self.assertEqual(sorted(self.find().mapped('kind')), ['order', 'promise', 'review', 'risk'], "that is another cause")

    def test_due_products_are_one_quotation(self):
        self.expect_order(-2, 100.0)
        self.expect_order(-7, 50.0)
        row = self.find()
        self.assertRecordValues(row, [{
            'kind': 'order', 'amount': 150.0, 'deadline': self.days(-7), 'res_model': 'key.account',
            'res_id': self.account.id, 'fix_label': "Make Quotation"}])
        self.assertIn("Rope (5 Units)", row.why)
        order = self.env['sale.order'].browse(row.action_fix()['res_id'])
        self.assertEqual(order.order_line.mapped('product_uom_qty'), [5.0, 5.0])

    # ------------------------------------------------------------
    # In which order
    # ------------------------------------------------------------

    def test_order_by_money_and_time(self):
        late = self.warn(100, deadline=self.days(-7))  # 200
        now = self.warn(150, deadline=TODAY)  # 150
        soon = self.warn(250, deadline=self.days(7))  # 125
        free = self.warn(0, deadline=TODAY)  # 1 % of the revenue
        never = self.warn(160)  # half
        rows = self.assertToDo(late, now, soon, free, never)
        self.assertEqual([round(row.urgency) for row in rows], [200, 150, 125, 100, 80])
        late.deadline = self.days(-300)
        self.assertEqual(round(self.find()[0].urgency), 500)
        self.assertEqual(self.find()[0].amount, 100)

    def test_without_revenue(self):
        self.set_revenue(0)
        self.warn(deadline=TODAY)
        self.review(0)
        self.assertEqual(self.find().mapped('urgency'), [1.0, 1.0])

    def test_money_of_reviews_and_promises(self):
        self.review(0)
        self.promise(0)
        self.promise(0, amount=700.0)
        self.assertEqual({(row.kind, row.amount, row.urgency) for row in self.find()}, {
            ('promise', 700.0, 700.0), ('review', 500.0, 500.0), ('promise', 500.0, 500.0)})

    # ------------------------------------------------------------
    # What next
    # ------------------------------------------------------------

    def test_next_steps(self):
        """Each row says what it is, why it matters, and has the next step of its record."""
        risk, promise, review = self.warn(deadline=TODAY), self.promise(-1), self.review(-1)
        rows = {row.res_model: row for row in self.find()}
        texts = {name: (row.what, row.why, row.fix_label) for name, row in rows.items()}
        self.assertEqual(texts, {
            'key.account.risk': ("Open door", False, "Open It"),
            'key.account.promise': ("New drawings", "We promised it for 06/29/2025.", "Settle"),
            'key.account.review': ("Talk", "Its meeting is to be planned: due on 06/29/2025.", "Plan Meeting")})
        self.assertEqual(rows['key.account.review'].action_fix()['res_model'], 'key.account.review.plan')
        for record in (promise, risk):
            action = rows[record._name].action_open_source()
            self.assertEqual((action['res_model'], action['res_id']), (record._name, record.id))
        self.assertEqual(rows['key.account.promise'].action_fix()['res_id'], promise.id)
        review.date = datetime(2025, 6, 30, 8)
        review.action_hold()
        row = self.find(('kind', '=', 'review'))
        self.assertEqual((row.fix_label, row.action_fix()['res_model']), ("Close", 'key.account.review.close'))

    def test_step_of_the_rule(self):
        rule = self.use_rule('single_thread', fix_label="Introduce Somebody")
        self.Risk.sudo().create({
            'account_id': self.account.id, 'rule_id': rule.id, 'user_id': self.salesperson.id,
            'res_model': 'key.account', 'res_id': self.account.id})
        row = self.find()
        self.assertEqual((row.what, row.fix_label), (rule.name, "Introduce Somebody"))
        self.assertTrue(row.action_fix()['type'].startswith('ir.actions'))

    # ------------------------------------------------------------
    # Whose, and how fast
    # ------------------------------------------------------------

    def test_rights(self):
        other = self.create_account(self.create_customer("Anchor"), user_id=self.salesperson_2.id)
        theirs, mine = self.warn(100, other, user_id=self.salesperson_2.id), self.warn(100, other)
        self.env.flush_all()
        self.assertEqual(self.Today.search([('company_id', '=', self.company.id)]).mapped('res_id'), mine.ids)
        both = self.Today.with_user(self.manager).search([('account_id', '=', other.id)])
        self.assertEqual(set(both.mapped('res_id')), {mine.id, theirs.id})
        row = both.filtered(lambda row: row.res_id == theirs.id)
        with self.assertRaises(AccessError):
            row.with_user(self.salesperson).read(['kind'])
        with self.assertRaises(AccessError):
            self.Today.with_user(self.employee).search([])

    def test_other_company(self):
        company = self.create_company("Anchor Trading", self._get_currency('base.EUR'))
        self.salesperson.company_ids += company
        account = self.env['key.account'].with_company(company).create({
            'partner_id': self.customer.id, 'company_id': company.id, 'user_id': self.salesperson.id})
        self.warn(100, account)
        self.assertToDo()
        self.assertEqual(len(self.Today.with_context(allowed_company_ids=company.ids).search([])), 1)

    def test_queries_do_not_grow(self):
        def fill():
            account = self.create_account(self.create_customer("Customer"))
            self.warn(100, account)
            self.review(1, account)
            self.promise(1, account_id=account.id)
            self.expect_order(-1, account=account)

        def read():
            self.find().read(['account_id', 'what', 'why', 'fix_label', 'amount', 'deadline', 'kind', 'user_id'])

        fill()
        few = self.count_queries(read)
        for __ in range(19):
            fill()
        self.assertEqual(len(self.find()), 80)
        self.assertLessEqual(self.count_queries(read), few)

    def test_day_is_that_of_the_reader(self):
        self.promise(4)
        self.assertFalse(self.find())
        rows = self.env.execute_query_dict(SQL(
            "SELECT kind, urgency FROM (%s) row WHERE user_id = %s", self.Today._get_rows_sql(
                TODAY + timedelta(days=11)), self.salesperson.id))
        self.assertEqual(rows, [{'kind': 'promise', 'urgency': 1000.0}])
