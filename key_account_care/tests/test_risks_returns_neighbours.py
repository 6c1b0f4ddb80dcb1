from datetime import datetime, time
from fractions import Fraction

from odoo import Command

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .neighbour_common import StockCommon
from .risk_common import RiskCommon


class TestRisksReturns(StockCommon, RiskCommon):
    """Where Odoo's inventory is installed, goods that came back count before somebody credits them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.net = cls.create_product(name="Net", type='consu', invoice_policy='order')
        cls.rule = cls.use_rule('credit_unusual', threshold=5)

    def sell(self, day=-30):
        """:return: an order of ten nets of a day, invoiced on that day and delivered, and its transfer"""
        order = self.create_order(
            self.customer, self.days(day), 1000.0, product=self.net, quantity=10.0, user_id=self.salesperson.id)
        order._create_invoices().write({'invoice_date': self.days(day)})
        order.invoice_ids.action_post()
        return order, self.deliver(order.picking_ids, 10.0)

    def send_back_on(self, day, picking, quantity, **options):
        back = self.send_back(picking, quantity, **options)
        back.move_ids.date = datetime.combine(day, time(12))
        return back

    def test_returned_and_not_credited(self):
        """The share of 3 months at the price of the order; what is to be replaced is no return."""
        __, picking = self.sell()
        self.send_back_on(self.days(-5), picking, 3, to_refund=False)
        self.assertFound(self.rule)
        self.send_back_on(self.days(-5), picking, 2)
        self.assertFound(self.rule, self.account)
        self.assertRecordValues(self.get_risks(self.rule), [{
            'amount': 200.0,
            'reason': "20 % of what we invoiced in 3 months was credited or came back, 0 % in the 24 months before."}])

    def test_returned_and_credited(self):
        """The same goods count once, with their credit note or without; then the credit notes are shown."""
        order, picking = self.sell()
        self.send_back_on(self.days(-5), picking, 2)
        self.detect()
        action = self.get_risks(self.rule).with_user(self.salesperson).action_fix()
        self.assertEqual(self.env[action['res_model']].with_user(self.salesperson).search(action['domain']), order)
        self.credit(order, 1)
        self.assertFound(self.rule, self.account)
        self.assertEqual(self.get_risks(self.rule).amount, 200.0)
        self.assertEqual(self.get_risks(self.rule).action_fix()['res_model'], 'account.move')
        self.credit(order, 1)
        self.assertFound(self.rule, self.account)
        self.assertEqual(self.get_risks(self.rule).amount, 200.0)

    def credit(self, order, quantity):
        """Credit some of an order and post that."""
        note = self.create_credit_note(self.customer, self.days(-2), 100.0 * quantity, post=False)
        note.invoice_line_ids.write({
            'product_id': self.net.id, 'quantity': quantity, 'price_unit': 100.0, 'tax_ids': False,
            'sale_line_ids': [Command.set(order.order_line.ids)]})
        note.action_post()
        return note

    def test_when_it_came_back(self):
        """The usual share has its returns, too; a day in the company's time zone, after 3 months and up to today."""
        self.company.partner_id.tz = 'Asia/Tokyo'
        __, picking = self.sell()
        back = self.send_back_on(TODAY, picking, 2)
        self.assertFound(self.rule, self.account)
        back.move_ids.date = datetime.combine(TODAY, time(15))  # tomorrow in Tokyo
        self.assertFound(self.rule)
        back.move_ids.date = datetime.combine(self.days(-92), time(15))
        self.assertFound(self.rule, self.account)
        back.move_ids.date = datetime.combine(self.days(-92), time(14))
        self.assertFound(self.rule)

    def test_usual_returns(self):
        """Whoever always sends as much back gives no reason to worry."""
        __, picking = self.sell(day=-300)
        self.send_back_on(self.days(-290), picking, 2)
        __, recent = self.sell()
        back = self.send_back_on(self.days(-5), recent, 2)
        self.assertFound(self.rule)
        self.send_back_on(self.days(-5), recent, 0.5)
        self.assertFound(self.rule, self.account)
        self.assertEqual(self.get_risks(self.rule).amount, 50.0)
        back.move_ids.write({'state': 'cancel'})
        self.assertFound(self.rule)

    def test_another_company(self):
        """What another company took back is none of our business."""
        other_company = self.create_company("Other", self.company.currency_id)
        order = self.create_order(
            self.customer, self.days(-30), 1000.0, product=self.net, quantity=10.0, company=other_company)
        picking = self.deliver(order.picking_ids, 10.0)
        self.send_back_on(self.days(-5), picking, 2)
        self.assertFound(self.rule)

    def test_currency_and_unit(self):
        """At the rate of the order, in its unit; not of an order that was canceled."""
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self.create_order(self.customer, self.days(-30), 2400.0, product=self.net, quantity=2.0, confirm=False)
        order.order_line.product_uom_id = dozen
        order.order_line.price_unit = 1200.0
        order.action_confirm()
        order.currency_rate = 2.0
        self.create_invoice(self.customer, self.days(-20), 1000.0)
        self.send_back_on(self.days(-5), self.deliver(order.picking_ids, 24.0), 6.0)
        self.assertFound(self.rule, self.account)
        self.assertEqual(self.get_risks(self.rule).amount, 300.0)
        order.state = 'cancel'
        self.assertFound(self.rule)

    # ------------------------------------------------------------
    # Recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Any returns and credit notes of two orders: the same as a recount in plain Python."""
        sold = [self.sell(day=day) for day in (-30, -300)]
        self.returns = [self.send_back(picking, 1).move_ids for __, picking in sold for __ in range(2)]
        self.notes = [self.credit(order, 1) for order, __ in sold for __ in range(2)]
        days = strategies.sampled_from((-823, -822, -400, -92, -91, -5, 0))
        back = strategies.tuples(strategies.sampled_from((0, 1, 2, 3)), days, strategies.sampled_from((True, True, False)))
        note = strategies.tuples(strategies.sampled_from((0, 0, 0, 1, 2)), days)  # few: else all that came back is credited
        run_examples(
            self.recount, strategies.lists(back, min_size=4, max_size=4), strategies.lists(note, min_size=4, max_size=4),
            max_examples=80)

    def recount(self, returns, notes):
        """Two returns and two credit notes of each order; those of nothing are not there."""
        self.become(returns, notes)
        rows = [(day, 100 * quantity) for quantity, day in notes]
        for order in (slice(0, 2), slice(2, 4)):
            back = [(quantity, day) for quantity, day, to_refund in returns[order] if quantity and to_refund]
            if back:
                left = sum(quantity for quantity, __ in back) - sum(quantity for quantity, __ in notes[order])
                rows.append((max(day for __, day in back), 100 * max(0, left)))
        before, recent = (sum(amount for day, amount in rows if first < day <= last) for first, last in ((-823, -92), (-92, 0)))
        usual, share = min(1, Fraction(before, 1000)), min(1, Fraction(recent, 1000))
        found = recent > 0 and share - usual >= Fraction(5, 100)
        self.assertFound(self.rule, *([self.account] if found else []))
        if found:
            self.assertAlmostEqual(self.get_risks(self.rule).amount, float(recent - usual * 1000), 2)

    def become(self, returns, notes):
        self.env.flush_all()
        for move, (quantity, day, to_refund) in zip(self.returns, returns):
            self.update(
                move, quantity=quantity, date=datetime.combine(self.days(day), time(12)), to_refund=to_refund,
                state='done' if quantity else 'cancel')
        for note, (quantity, day) in zip(self.notes, notes):
            self.update(
                note, invoice_date=self.days(day), amount_untaxed_signed=-100 * quantity,
                state='posted' if quantity else 'cancel')
            self.update(note.invoice_line_ids, quantity=quantity)
        self.env.invalidate_all()
