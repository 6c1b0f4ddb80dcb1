from odoo.exceptions import UserError
from odoo.fields import Command

from .agreement_common import AgreementCommon
from .agreement_recount import Order, Part, Recount, Refused
from .hypothesis_common import needs_hypothesis, run_examples, strategies

STEPS = (
    'order', 'order', 'quote', 'confirm', 'cancel', 'reopen', 'change', 'deliver', 'invoice', 'credit', 'correct',
    'undo_credit', 'give_back', 'revise')
POLICIES = ('split', 'block', 'warn', 'allow')
CREDITED_AND_REOPENED = (
    ('order', 1, 16, False), ('invoice', 0, 1, False), ('credit', 0, 6, False), ('order', 1, 16, False),
    ('cancel', 0, 1, False), ('reopen', 0, 1, True), ('correct', 0, 1, True), ('change', 1, 16, True))
INVOICED_AND_REOPENED = (
    ('order', 1, 16, False), ('invoice', 0, 1, False), ('cancel', 0, 1, False), ('order', 1, 16, False),
    ('order', 1, 12, False), ('reopen', 0, 1, True), ('revise', 3, 4, True), ('confirm', 0, 1, False))


@needs_hypothesis
class TestAgreementHistories(AgreementCommon):
    """Whatever people do, in any order: what was called off equals a recount in plain Python from a log of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = {'rope': cls.product, 'knot': cls.create_product(name="Knot", list_price=50.0)}
        cls.signed = cls.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 30.0},
            {'product_id': cls.products['knot'].id, 'price_unit': 20.0, 'commitment': 'amount', 'commit_max': 300.0},
            commitment=True, commit_max=2400.0)
        cls.units = {1: cls.env.ref('uom.product_uom_unit'), 12: cls.env.ref('uom.product_uom_dozen')}

    def test_histories(self):
        step = strategies.tuples(
            strategies.sampled_from(STEPS), strategies.integers(0, 5), strategies.integers(1, 16), strategies.booleans())
        run_examples(
            self.play, strategies.sampled_from(POLICIES), strategies.lists(step, min_size=8, max_size=14), max_examples=8,
            known=[(policy, known) for policy in ('block', 'split') for known in (CREDITED_AND_REOPENED, INVOICED_AND_REOPENED)])

    def play(self, policy, history):
        """Do all steps of a history in a world of its own, and recount after each."""
        with self.env.cr.savepoint() as world:
            self.start(policy)
            for step, which, number, dozens in history:
                getattr(self, f'do_{step}')(which, number, dozens)
                self.check(f"{policy}: {step}({which}, {number}, {dozens})")
            world.rollback()
        self.env.invalidate_all()

    def start(self, policy):
        """An agreement that has maxima for pieces of rope, for the amount of knots, and for everything."""
        self.log = Recount(policy, {'rope': 80, 'knot': 20}, {'rope': 30, 'knot': 300, 'all': 2400})
        self.records = {}
        self.agreement = self.signed
        self.agreement.beyond_limit = policy

    # ------------------------------------------------------------
    # What people do: in Odoo, and in the log
    # ------------------------------------------------------------

    def do_quote(self, which, number, dozens, sign=1):
        """A quotation of one to three lines."""
        pieces, quantity = (12, number // 6 + 1) if dozens else (1, number)
        wanted = [('rope', pieces, quantity), ('knot', 1, number), ('rope', 1, 2)]
        wanted = wanted[1:] if which == 0 else wanted[:which // 2 + 1]
        order = Order(self.log.revision)
        order.parts = [Part(order, product, pieces, sign * quantity) for product, pieces, quantity in wanted]
        self.log.price(order)
        self.log.orders.append(order)
        self.records[order] = record = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'order_line': [
                Command.create({
                    'product_id': self.products[product].id, 'product_uom_id': self.units[pieces].id,
                    'product_uom_qty': sign * quantity})
                for product, pieces, quantity in wanted]})
        self.records.update(zip(order.parts, record.order_line))
        return order

    def do_order(self, which, number, dozens):
        self.confirm(self.do_quote(which, number, dozens))

    def do_give_back(self, which, number, dozens):
        self.confirm(self.do_quote(which, number, False, sign=-1))

    def do_confirm(self, which, number, dozens):
        order = self.pick('draft', which)
        if order:
            self.confirm(order)

    def do_cancel(self, which, number, dozens):
        order = self.pick('sale', which)
        if order:
            order.state = 'cancel'
            self.records[order]._action_cancel()

    def do_reopen(self, which, number, dozens):
        order = self.pick('cancel', which)
        if order:
            order.state = 'draft'
            self.records[order].action_draft()
            if dozens:
                self.confirm(order)

    def do_change(self, which, number, dozens):
        """Another quantity of a confirmed line, though not less than what is invoiced."""
        part = self.pick_part(which, lambda part: part.quantity > 0)
        if part:
            quantity = max(number, part.invoiced)
            self.attempt(
                lambda log: log.change(part, quantity),
                lambda: self.records[part].write({'product_uom_qty': float(quantity)}))

    def do_deliver(self, which, number, dozens):
        part = self.pick_part(which, bool)
        if part:
            part.delivered = number
            self.records[part].qty_delivered = number

    def do_invoice(self, which, number, dozens):
        order = self.pick('sale', which)
        if order:
            self.invoice(order)

    def do_credit(self, which, number, dozens):
        """Credit all of an invoice, or at most a number of each line."""
        bill = self.pick_bill(which, lambda bill: bill.credit_note is None)
        if bill:
            self.credit(bill, None if dozens else number)

    def do_correct(self, which, number, dozens):
        """Credit an invoice and invoice again."""
        bill = self.pick_bill(which, lambda bill: bill.credit_note is None)
        if bill:
            self.credit(bill, None)
            self.invoice(bill.order)

    def do_undo_credit(self, which, number, dozens):
        bill = self.pick_bill(which, lambda bill: bill.credit_note and bill.credit_note.posted)
        if bill:
            bill.credit_note.posted = False
            self.records[bill.credit_note].button_draft()
            self.records[bill.credit_note].button_cancel()

    def do_revise(self, which, number, dozens):
        """Sign a revision with another price and maximum of rope; what was called off before counts on."""
        revision = self.agreement._revise()
        revision.line_ids[0].write({'price_unit': 70.0 + number, 'commit_max': 10.0 * which})
        revision.action_sign()
        self.agreement = revision
        self.log.revision += 1
        self.log.prices['rope'], self.log.limits['rope'] = 70 + number, 10 * which

    # ------------------------------------------------------------
    # Pieces of that
    # ------------------------------------------------------------

    def pick(self, state, which):
        """:return: one of the orders in a state, or None"""
        orders = [order for order in self.log.orders if order.state == state]
        return orders[which % len(orders)] if orders else None

    def pick_part(self, which, condition):
        """:return: one of the lines of confirmed orders, or None"""
        parts = [
            part for order in self.log.orders if order.state == 'sale' for part in order.parts if condition(part)]
        return parts[which % len(parts)] if parts else None

    def pick_bill(self, which, condition):
        """:return: one of the invoices of confirmed orders, or None"""
        bills = [bill for bill in self.log.bills if bill.order.state == 'sale' and condition(bill)]
        return bills[which % len(bills)] if bills else None

    def confirm(self, order):
        """Confirm; prices of a revision that is over are updated first, as the message says."""
        record = self.records[order]
        if order.revision != self.log.revision:
            with self.assertRaisesRegex(UserError, "Update Prices"):
                record.action_confirm()
            record.action_update_prices()
            self.log.price(order)
        self.attempt(lambda log: log.confirm(order), record.action_confirm)

    def attempt(self, in_log, in_odoo):
        """Do something in both worlds, or be refused in both; then nothing has changed in either."""
        try:
            in_log(self.log)
        except Refused:
            with self.assertRaisesRegex(UserError, "left under"):
                in_odoo()
        else:
            in_odoo()

    def invoice(self, order):
        """Invoice and post what is not invoiced."""
        owed = {part: part.quantity - part.invoiced for part in order.parts if part.quantity > part.invoiced}
        if owed:
            self.records[self.log.bill(order, owed)] = move = self.records[order]._create_invoices()
            move.action_post()

    def credit(self, bill, most):
        """Credit an invoice, at most a number of each line."""
        refund = self.records[bill]._reverse_moves([{'invoice_date': self.today}])
        credited = {}
        for line in refund.invoice_line_ids:
            part = next(part for part in bill.order.parts if self.records[part] == line.sale_line_ids)
            quantity = bill.quantities[part]
            credited[part] = min(quantity, most) if most else quantity
            line.quantity = float(credited[part])
        refund.action_post()
        self.records[self.log.credit(bill, credited)] = refund

    # ------------------------------------------------------------
    # The two counts
    # ------------------------------------------------------------

    def check(self, step):
        """Compare every number of the agreement with the recount, and every line of every order."""
        self.env.flush_all()
        for records in (self.agreement, self.agreement.line_ids):
            records.invalidate_recordset()
        for order in self.log.orders:
            self.check_order(order, step)
        for product, line in zip(('rope', 'knot'), self.agreement.line_ids):
            self.assertNumbers(line, self.log.get_line_numbers(product), step)
        self.assertNumbers(self.agreement, self.log.get_agreement_numbers(), step)

    def check_order(self, order, step):
        lines = self.records[order].order_line.sorted('id')
        self.assertEqual(len(lines), len(order.parts), step)
        for part, line in zip(order.parts, lines) if order.state == 'sale' else ():
            self.records[part] = line
            self.assertAlmostEqual(line.product_uom_qty, float(part.quantity), 6, step)
            self.assertAlmostEqual(line.price_unit, part.price * part.pieces, 6, step)
            self.assertEqual(bool(line.key_account_agreement_line_id), part.agreed, step)

    def assertNumbers(self, record, numbers, step):
        for name, number in numbers.items():
            self.assertAlmostEqual(record[name], float(number), 4, f"{name} of {record} after {step}")
