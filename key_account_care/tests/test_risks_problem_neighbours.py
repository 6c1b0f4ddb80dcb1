from .common import TODAY
from .delivery_recount import (
    FIRST,
    GOODS,
    NOON,
    DeliveryRecountCommon,
    Line,
    Ordered,
    Transfer,
    draw_moment,
)
from .hypothesis_common import draw, many, needs_hypothesis
from .neighbour_common import StockCommon

SENT = draw_moment(-30, -1, 0, 0, 1, 1, 40)  # counted from the day on which an order is to be delivered
LIVES = {  # steps: send so many of two, stop what is left, take one back; and the transfers of it
    (): [('assigned', 'out')],
    (2,): [('done', 'out')],
    (1,): [('done', 'out'), ('assigned', 'out')],
    (1, 1): [('done', 'out'), ('done', 'out')],
    (1, 'stop'): [('done', 'out'), ('cancel', 'out')],
    ('stop',): [('cancel', 'out')],
    (2, 'back'): [('done', 'out'), ('done', 'back')],
}


@needs_hypothesis
class TestRisksProblemWithStock(StockCommon, DeliveryRecountCommon):
    """What is late in random orders equals a recount in plain Python where transfers deliver, in parts and on their days."""

    kinds = *['line'] * 6, 'line_section', 'down', 'delivery', 'reward'
    delivered = 0, 1, 3, 3
    longer = 0, 5, 30
    at_once = False, False, True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reward = 'reward_id' in cls.env['sale.order.line']._fields and cls.env['loyalty.program'].create({
            'name': "Thanks", 'reward_ids': [(0, 0, {})]}).reward_ids
        cls.customers = cls.env.ref('stock.stock_location_customers')
        cls.types = {
            company: cls.env['stock.picking.type'].search([('code', '=', 'outgoing'), ('company_id', '=', company.id)], limit=1)
            for company in cls.companies}

    def test_orders(self):
        """What was done late, in time or in parts, is not done yet, or was canceled; what comes back is no delivery."""
        self.run_orders(max_examples=20)

    def draw_order(self):
        """Its transfers are about the day on which it is to be delivered."""
        def make(random):
            order = draw_any(random)
            return order._replace(
                transfers=[transfer.move(order.promised or order.expected) for transfer in order.transfers])

        draw_any = super().draw_order()
        return make

    def draw_transfers(self):
        transfer = draw(
            Transfer, state=('done', 'done', 'done', 'done', 'assigned', 'cancel'), moment=SENT,
            way=('out', 'out', 'out', 'inside', 'back'))
        sent = draw(Transfer, state=('done',), moment=SENT, way=('out',))
        return [many(sent, 1), many(transfer, 0), many(transfer, 1), many(transfer, 2), many(transfer, 3)]

    def get_known(self):
        """Also what came late: to the promised day, by its lead time, and in part; and what is in time with its last goods."""
        line, longer = Line(GOODS, 1, 1, 0, 70, 'line'), Line(GOODS, 1, 1, 3, 70, 'line')
        late, early = Transfer('done', (-4, NOON), 'out'), Transfer('done', (-6, NOON), 'out')
        day = -5, NOON
        return [*super().get_known(), *(Ordered(FIRST, True, 'sale', 1, *drawn) for drawn in (
            ((-100, NOON), 0, day, [line], False, [late]), (day, 30, None, [line], False, [late]),
            ((-100, NOON), 0, day, [line], False, [early, late]), (day, 30, None, [line, longer], True, [late])))]

    # ------------------------------------------------------------
    # As Odoo itself makes transfers
    # ------------------------------------------------------------

    def test_transfers_of_odoo(self):
        """What is sent at once, in parts, in part only or not at all, and what comes back, on any days."""
        self.records = [self.play_order(*steps) for steps in LIVES]
        promised = draw_moment(0, -1, -2, -5, -6, -100, -364, -365)
        self.run_days(
            self.recount_lives, max_examples=30, sent=many(many(SENT, 2), len(LIVES)), promised=many(promised, len(LIVES)))

    def play_order(self, *steps):
        order = self.create_order(self.buyers[FIRST], TODAY, 140, product=self.products[GOODS], quantity=2.0)
        for step in steps:
            waiting = order.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel'))
            if step == 'stop':
                waiting.action_cancel()
            elif step == 'back':
                self.send_back(order.picking_ids, 1.0)
            else:
                self.deliver(waiting, step)
        return order

    def recount_lives(self, today, zone, limits, sent, promised):
        with self.play(today, zone):
            orders = [self.make_life(*life) for life in zip(self.records, LIVES.values(), sent, promised)]
            self.env.invalidate_all()
            self.check_orders(orders, self.records, limits)

    def make_life(self, record, transfers, sent, promised):
        """:return: the order as drawn"""
        found = [Transfer(state, moment, way).move(promised) for (state, way), moment in zip(transfers, sent)]
        pickings = record.picking_ids.sorted('id')
        self.assertEqual(pickings.mapped('state'), [transfer.state for transfer in found])
        self.update(record, commitment_date=self.get_moment(promised))
        for transfer, picking in zip(found, pickings):
            if transfer.state == 'done':
                self.update(picking, date_done=self.get_moment(transfer.moment))
        line = Line(GOODS, 2, record.order_line.qty_delivered, 0, 70, 'line')
        return Ordered(FIRST, True, 'sale', 1, promised, 0, promised, [line], False, found)

    # ------------------------------------------------------------
    # Playing an example
    # ------------------------------------------------------------

    def make_transfers(self, order, record):
        self.update(record, picking_policy='one' if order.is_at_once else 'direct')
        for line, made in zip(order.lines, record.order_line):
            if line.kind == 'delivery':
                self.update(made, is_delivery=True)
            elif line.kind == 'reward':
                self.update(made, reward_id=self.reward.id)
        for transfer in order.transfers:
            self.update(
                self.create_transfer(record, transfer.way), sale_id=record.id, state=transfer.state,
                date_done=self.get_moment(transfer.moment) if transfer.state == 'done' else None)

    def create_transfer(self, order, way):
        kind = self.types[order.company_id]
        stock = kind.default_location_src_id
        source, target = {
            'out': (stock, self.customers), 'inside': (stock, stock), 'back': (self.customers, stock)}[way]
        picking = self.env['stock.picking'].with_company(order.company_id).create({
            'picking_type_id': kind.id, 'location_id': source.id, 'location_dest_id': target.id})
        self.env.flush_all()
        return picking

    # ------------------------------------------------------------
    # Counting it anew
    # ------------------------------------------------------------

    def get_delivery(self, order):
        """As the transfers to the customer tell, where there are any; the last of them tells the day."""
        waited = [transfer for transfer in order.transfers if transfer.is_waited_for()]
        if not waited:
            return super().get_delivery(order)
        if any(transfer.state != 'done' for transfer in waited):
            return False, None
        return True, max(self.get_day(self.get_moment(transfer.moment)) for transfer in waited)
