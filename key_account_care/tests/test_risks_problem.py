from datetime import datetime, timedelta
from fractions import Fraction
from itertools import zip_longest
from math import ceil
from statistics import median

from dateutil.relativedelta import relativedelta
from odoo.exceptions import UserError
from odoo.fields import Command

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon


class TestRisksProblem(RiskCommon):
    """Warnings about deliveries, invoices and credit notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.create_product(name="Net", type='consu', list_price=100.0)
        cls.hours = cls.create_product(name="Splicing", invoice_policy='delivery')
        income = cls.env['account.account'].search(
            [('company_ids', 'in', cls.company.ids), ('account_type', '=', 'income')], limit=1)
        cls.bank = income.copy({'name': "Bank", 'code': '550000', 'account_type': 'asset_current', 'reconcile': False})
        cls.bank_journal = cls.env['account.journal'].create({
            'name': "Miscellaneous", 'code': 'MISC', 'type': 'general', 'company_id': cls.company.id})
        other = cls.create_company("Other", cls.company.currency_id)
        cls.env['key.account'].create({'partner_id': cls.customer.id, 'company_id': other.id})
        cls.other_company = other

    @classmethod
    def pay(cls, invoice, day):
        """Pay an invoice in full on a day."""
        item = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        entry = cls.env['account.move'].create({
            'move_type': 'entry', 'date': day, 'journal_id': cls.bank_journal.id,
            'line_ids': [
                Command.create({'account_id': item.account_id.id, 'partner_id': item.partner_id.id, 'credit': item.balance}),
                Command.create({'account_id': cls.bank.id, 'debit': item.balance})]})
        entry.action_post()
        (item + entry.line_ids.filtered(lambda line: line.account_id == item.account_id)).reconcile()

    @classmethod
    def bill(cls, day, due=0, paid=None, amount=100.0, **vals):
        """An invoice that is due so many days after it, and paid so many days after that unless it is not."""
        invoice = cls.create_invoice(cls.customer, day, amount, invoice_date_due=day + timedelta(days=due), **vals)
        if paid is not None:
            cls.pay(invoice, invoice.invoice_date_due + timedelta(days=paid))
        return invoice

    # ------------------------------------------------------------
    # Deliveries
    # ------------------------------------------------------------

    def order_goods(self, due, product=None, **vals):
        """An order of two nets, promised for so many days from today on."""
        return self.create_order(
            self.customer.child_ids, self.days(-40), 200.0, product=product or self.goods, quantity=2.0,
            commitment_date=datetime.combine(self.days(due), datetime.min.time()), **vals)

    def test_delivery_overdue(self):
        """From the day after the promised one on, until all is delivered, or for a year."""
        rule = self.use_rule('delivery_overdue', threshold=0)
        order = self.order_goods(-1)
        self.order_goods(0)
        self.order_goods(-1).with_context(disable_cancel_warning=True).action_cancel()
        self.order_goods(-1, company=self.other_company)
        self.create_order(self.customer, self.days(-40), product=self.goods)  # of no promised day
        self.assertFound(rule, order)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 200.0, 'reason': f"{order.name} was to be delivered by 06/29/2025."}])
        order.order_line.qty_delivered = 1
        self.assertFound(rule, order)
        rule.threshold = 1
        self.assertFound(rule)
        rule.threshold = 0
        order.order_line.qty_delivered = 2
        self.assertFound(rule)
        order.order_line.qty_delivered = 0
        order.commitment_date = datetime(2024, 6, 30)
        self.assertFound(rule)

    def test_delivery_in_another_currency(self):
        rule = self.use_rule('delivery_overdue')
        pricelist = self.env['product.pricelist'].create({'name': "Dollars", 'currency_id': self.dollar.id})
        order = self.order_goods(-1, pricelist_id=pricelist.id)
        self.assertFound(rule, order)
        self.assertEqual(self.get_risks(rule).amount, 100.0)

    def test_delivery_repeated(self):
        """The third late one in 12 months; one that is not due yet, or was delivered, is none."""
        rule = self.use_rule('delivery_repeated', threshold=3)
        late = self.order_goods(-1) + self.order_goods(-2) + self.order_goods(0)
        self.assertFound(rule)
        self.assertFound(rule, self.account, today=self.days(1))
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 600.0, 'reason': "3 late deliveries in 12 months, the last one promised for 06/30/2025."}])
        self.assertEqual(self.get_risks(rule).action_fix()['res_model'], 'key.account.promise.ledger')
        late[0].order_line.qty_delivered = 2
        self.assertFound(rule, today=self.days(1))

    def test_service_undelivered(self):
        """So many days after the order, or after the promised day, where goods are on the order, too."""
        rule = self.use_rule('service_undelivered', threshold=30)
        old = self.create_order(self.customer, self.days(-30), 300.0, product=self.hours, quantity=3.0)
        self.create_order(self.customer, self.days(-29), product=self.hours)
        self.create_order(self.customer, self.days(-30), product=self.goods)
        self.create_order(self.customer, TODAY - relativedelta(years=1, days=1), product=self.hours)
        self.create_order(self.customer, self.days(-30), product=self.hours, company=self.other_company)
        self.assertFound(rule, old)
        self.assertRecordValues(self.get_risks(rule), [{'amount': 300.0, 'facts': {'since_date': str(self.days(-30))}}])
        old.order_line.qty_delivered = 2
        self.detect()
        self.assertEqual(self.get_risks(rule).amount, 100.0)
        old.order_line.qty_delivered = 3
        self.assertFound(rule)

    def test_service_with_a_promised_day(self):
        rule = self.use_rule('service_undelivered', threshold=30)
        alone = self.order_goods(-30, product=self.hours)
        both = self.order_goods(-30, product=self.hours)
        both.order_line = [Command.create({'product_id': self.goods.id, 'product_uom_qty': 1})]
        self.assertFound(rule, both)
        self.assertFound(self.use_rule('delivery_overdue'), alone, both)

    def test_service_that_nobody_notes(self):
        """What is invoiced when it is ordered, and was never noted as delivered, tells nothing."""
        rule = self.use_rule('service_undelivered', threshold=30)
        order = self.create_order(self.customer, self.days(-30))
        self.assertFound(rule)
        self.create_order(self.customer, self.days(-1)).order_line.qty_delivered = 1
        self.assertFound(rule, order)

    # ------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------

    def test_invoice_disputed(self):
        """Blocked, or out of the follow-up, as long as it is not paid."""
        rule = self.use_rule('invoice_disputed')
        blocked, silent, paid = (self.bill(self.days(-10), due=30, amount=amount) for amount in (100.0, 200.0, 300.0))
        self.bill(self.days(-10))
        blocked.action_toggle_block_payment()
        (silent + paid).no_followup = True
        self.pay(paid, TODAY)
        other = self.create_invoice(self.customer, self.days(-10), 100.0, company=self.other_company)
        other.action_toggle_block_payment()
        self.assertFound(rule, blocked, silent)
        self.assertEqual(sorted(self.get_risks(rule).mapped('amount')), [100.0, 200.0])
        blocked.action_toggle_block_payment()
        silent.no_followup = False
        self.assertFound(rule)

    def test_invoice_in_another_currency(self):
        rule = self.use_rule('invoice_disputed')
        self.bill(self.days(-1), currency_id=self.dollar.id).action_toggle_block_payment()
        self.detect()
        self.assertEqual(self.get_risks(rule).amount, 50.0)

    def test_payment_unusual(self):
        """Later than this customer usually pays, by the days of the limit."""
        rule = self.use_rule('payment_unusual', threshold=7)
        for paid in (-3, 2, 4):
            self.bill(self.days(-200), paid=paid)
        invoice = self.bill(self.days(-20), due=10)
        self.assertFound(rule, today=self.days(-2))
        self.assertFound(rule, invoice, today=self.days(-1))
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 100.0,
            'reason': f"{invoice.display_name} was due on 06/20/2025 and is not paid; usually they pay 2 days after."}])
        self.pay(invoice, TODAY)
        self.assertFound(rule)

    def test_payment_without_a_habit(self):
        """Fewer than three paid invoices tell nothing; whoever pays before the date is late only after it."""
        rule = self.use_rule('payment_unusual', threshold=7)
        invoice = self.bill(self.days(-7))
        for paid in (-9, -9):
            self.bill(self.days(-200), due=30, paid=paid)
        self.bill(TODAY - relativedelta(months=24), paid=0)
        self.assertFound(rule)
        self.bill(self.days(-200), due=30, paid=-9)
        self.assertFound(rule, invoice)
        self.assertFound(rule, today=self.days(-1))

    def test_invoice_is_opened(self):
        """Salespeople, for whom Odoo does not open invoices with their payments, see what the customer sees."""
        invoice = self.bill(self.days(-10), invoice_user_id=self.salesperson.id)
        invoice.action_toggle_block_payment()
        rule = self.use_rule('invoice_disputed')
        self.detect()
        risk = self.get_risks(rule)
        self.assertEqual(risk.action_fix()['res_id'], invoice.id)
        self.assertIn(f'/my/invoices/{invoice.id}', risk.with_user(self.salesperson).action_fix()['url'])
        self.assertEqual(len(risk.with_user(self.salesperson)._open_credit_notes()['views']), 1)
        invoice.invoice_user_id = self.salesperson_2
        with self.assertRaisesRegex(UserError, "belongs to somebody else"):
            risk.with_user(self.salesperson).action_fix()

    # ------------------------------------------------------------
    # Credit notes
    # ------------------------------------------------------------

    def test_credit_unusual(self):
        """The share of 3 months is above that of the 24 months before by the points of the limit."""
        rule = self.use_rule('credit_unusual', threshold=5)
        before, recent = self.days(-300), self.days(-10)
        self.bill(before, amount=1000.0)
        self.create_credit_note(self.customer, before, 100.0)
        self.bill(recent, amount=400.0)
        self.create_credit_note(self.customer, recent, 59.99)
        self.assertFound(rule)
        self.create_credit_note(self.customer.child_ids, recent, 0.01)
        self.assertFound(rule, self.account)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 20.0,
            'reason': "15 % of what we invoiced in 3 months was credited or came back, 10 % in the 24 months before."}])
        self.bill(recent, amount=1.0)
        self.assertFound(rule)

    def test_credit_without_a_past(self):
        """Whoever never had a credit note has the usual share of nothing; a draft does not count."""
        rule = self.use_rule('credit_unusual', threshold=5)
        self.create_credit_note(self.customer, self.days(-10), 10.0, post=False)
        self.assertFound(rule)
        self.create_credit_note(self.customer, self.days(-10), 10.0)
        self.assertFound(rule, self.account)
        self.assertEqual(self.get_risks(rule).facts, {'recent_share': 1, 'usual_share': 0})
        self.assertEqual(self.get_risks(rule).action_fix()['res_model'], 'account.move')

    def test_credit_repeated(self):
        """The third one in 12 months; the bonus of an agreement is none."""
        rule = self.use_rule('credit_repeated', threshold=3)
        notes = self.env['account.move']
        for day in (self.days(-1), TODAY, self.days(-365), self.days(-365)):
            notes += self.create_credit_note(self.customer, day, 10.0)
        self.assertFound(rule)
        notes += self.create_credit_note(self.customer, self.days(-364), 10.0)
        self.assertFound(rule, self.account)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 30.0, 'reason': "3 credit notes in 12 months, the last one on 06/30/2025."}])
        agreement = self.env['key.account.agreement'].create({'account_id': self.account.id})
        self.env['key.account.agreement.period'].create({
            'agreement_id': agreement.id, 'date_start': TODAY, 'date_end': TODAY, 'credit_note_id': notes[0].id})
        self.assertFound(rule)

    # ------------------------------------------------------------
    # Recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Any invoices, payments and credit notes: the same as a recount in plain Python."""
        self.bills = [self.bill(self.days(-30), paid=0) for __ in range(6)]
        self.notes = [self.create_credit_note(self.customer, self.days(-30), 10.0) for __ in range(3)]
        invoice = strategies.tuples(
            strategies.sampled_from((-800, -500, -100, -60, -12)), strategies.sampled_from((0, 5, 14)),
            strategies.sampled_from((None, -4, 0, 3, 9)), strategies.sampled_from((50, 100)))
        note = strategies.tuples(strategies.sampled_from((-800, -400, -89, -2)), strategies.sampled_from((2, 10, 30)))
        run_examples(
            self.recount, strategies.lists(invoice, min_size=3, max_size=6), strategies.lists(note, max_size=3),
            max_examples=10)

    def recount(self, invoices, notes):
        self.become(self.bills, [(self.days(day), amount, self.days(day + due), paid) for day, due, paid, amount in invoices])
        self.become(self.notes, [(self.days(day), -amount, self.days(day), 0) for day, amount in notes])
        habit = [paid for day, due, paid, __ in invoices if paid is not None and day > -730]
        usual = max(0, ceil(median(habit))) if len(habit) >= 3 else 10000
        self.assertFound(self.use_rule('payment_unusual', threshold=7), *(
            bill for bill, (day, due, paid, __) in zip(self.bills, invoices) if paid is None and -day - due >= usual + 7))
        self.assertFound(self.use_rule('credit_unusual', threshold=5), *self.recount_credits(invoices, notes))
        self.assertFound(
            self.use_rule('credit_repeated', threshold=2),
            *([self.account] if sum(day > -365 for day, __ in notes) >= 2 else []))

    def become(self, moves, rows):
        """Give documents that are there other days and amounts; those that are left over are canceled."""
        self.env.flush_all()
        for move, (day, amount, due, paid) in zip_longest(moves, rows, fillvalue=(None, None, None, None)):
            self.env.cr.execute(
                """
                UPDATE account_move SET state = %s, invoice_date = %s, amount_untaxed_signed = %s, amount_residual_signed = %s,
                       invoice_date_due = %s, payment_state = %s WHERE id = %s
                """, ['posted' if day else 'cancel', day, amount, amount, due, 'not_paid' if paid is None else 'paid', move.id])
            if paid is not None:
                self.env.cr.execute(
                    "UPDATE account_partial_reconcile SET max_date = %s WHERE debit_move_id IN %s",
                    [due + timedelta(days=paid), move.line_ids._ids])
        self.env.invalidate_all()

    def recount_credits(self, invoices, notes):
        """The account, where much was credited after 30 March 2025; all before that counts from 30 March 2023 on."""
        recent, before = -92, -823
        credit, billed = ([0, 0], [0, 0])
        for sums, rows in ((credit, notes), (billed, [(day, amount) for day, __, __, amount in invoices])):
            for day, amount in rows:
                sums[day > recent] += amount if day > before else 0
        if not credit[1]:
            return []
        share = [min(1, Fraction(credit[place], billed[place])) if billed[place] else place for place in (0, 1)]
        return [self.account] if share[1] - share[0] >= Fraction(5, 100) else []
