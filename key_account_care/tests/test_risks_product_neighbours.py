from datetime import date, time
from fractions import Fraction
from math import floor
from typing import NamedTuple

from .common import TODAY
from .hypothesis_common import draw, many, needs_hypothesis
from .neighbour_common import StockCommon
from .sales_recount import (
    ANY,
    ANYBODY,
    DAY,
    HOURS,
    MOSTLY,
    SOLD,
    STATES,
    VARIANTS,
    YEAR_AGO,
    Line,
    Order,
    SalesRecountCommon,
    to_utc,
)

INSIDE, PURCHASE, SALE = ('stock', 'shelf'), ('supplier', 'stock'), ('stock', 'customer')
WAYS = [
    *[PURCHASE] * 2, *[SALE] * 4, ('customer', 'shelf'), ('shelf', 'lost'), ('lost', 'stock'), INSIDE, ('shelf', 'road')]
USUALLY = True, True, True, False


class Move(NamedTuple):
    """Some of a product on its way from one place to another."""
    way: tuple  # from where to where
    quantity: int
    pieces: int  # in its unit
    day: date
    hour: time
    state: str = 'done'
    is_own: bool = True

    @property
    def sign(self):
        return (self.way[1] in INSIDE) - (self.way[0] in INSIDE)

    @property
    def counts(self):
        return self.is_own and self.state == 'done' and self.sign != 0

    def get_change(self, unit):
        """:return: what is more there after it, in a unit of so many pieces, rounded as Odoo does in its stock"""
        return self.sign * Fraction(floor(Fraction(self.quantity * self.pieces, unit) * 100 + Fraction(1, 2)), 100)


def draw_flow(random):
    """:return: list of moves of a product, which mostly is filled up and sold out, and may come in and go out at one moment;
    beside something that does not count, and whatever else happens"""
    move = draw(
        Move, way=WAYS, quantity=(1, 1, 1, 2, 12), pieces=(1, 1, 1, 12),
        day=[TODAY - ago * DAY for ago in (0, 13, 14, 14, 15, 15, 16, 40)], hour=HOURS)
    flow = many(move, random.randrange(3))(random)
    beside = [{'is_own': False}, {'state': 'assigned'}, {'state': 'cancel'}, {'way': INSIDE}, {'way': ('supplier', 'customer')}]
    flow.append(move(random)._replace(**random.choice(beside)))
    if random.random() < 0.7:
        sold = move(random)._replace(way=SALE)
        flow += [sold, sold._replace(way=PURCHASE, day=TODAY - 40 * DAY)]
    if random.random() < 0.3:
        passing = move(random)
        flow += [passing._replace(way=SALE), passing._replace(way=PURCHASE)]
    random.shuffle(flow)
    return flow


class TestRisksProductWithStock(StockCommon, SalesRecountCommon):
    """Products of which nothing is there; after random moves they equal a recount in plain Python without any of our SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.use_rule('product_out_of_stock')
        cls.stock_places = {company: cls.create_places_of(company) for company in (cls.company, cls.other_company)}

    @classmethod
    def create_products(cls):
        """All of them can be in stock; the last one is kept in dozens."""
        templates = super().create_products()
        templates.write({'type': 'consu', 'is_storable': True})
        templates[-1].uom_id = cls.env.ref('uom.product_uom_dozen')
        return templates

    @classmethod
    def create_places_of(cls, company):
        """:return: dict of the places of a company, and of those that are nobody's, by name"""
        stock = cls.env['stock.warehouse'].search([('company_id', '=', company.id)], limit=1).lot_stock_id
        shelf, road = cls.env['stock.location'].with_company(company).create([
            {'name': "Shelf", 'location_id': stock.id, 'usage': 'internal', 'company_id': company.id},
            {'name': "On the road", 'usage': 'transit', 'company_id': company.id}])
        lost = cls.env['stock.location'].search([('usage', '=', 'inventory'), ('company_id', '=', company.id)], limit=1)
        return {
            'stock': stock, 'shelf': shelf, 'road': road, 'lost': lost,
            'supplier': cls.env.ref('stock.stock_location_suppliers'),
            'customer': cls.env.ref('stock.stock_location_customers')}

    def test_days(self):
        """Filled, sold out and for 14 days not there."""
        self.rule.threshold = 14
        boat = self.create_product(name="Boat", type='consu', is_storable=True)
        self.create_order(self.customer, TODAY, 240, product=boat)
        self.make_flow(boat, (PURCHASE, 5, 30), (SALE, 2, 20))
        self.assertFound(self.rule)
        self.make_flow(boat, (SALE, 3, 14))
        self.assertFound(self.rule, boat)
        self.assertRecordValues(self.get_risks(self.rule), [{
            'amount': 20.0, 'reason': "Boat is out of stock since 06/16/2025, and they usually buy it."}])
        self.rule.threshold = 15
        self.assertFound(self.rule)
        self.rule.threshold = 14
        self.make_flow(boat, (PURCHASE, 1, 1))
        self.assertFound(self.rule)

    def make_flow(self, product, *moves):
        self.make_moves([product], [[
            Move(way, quantity, 1, TODAY - ago * DAY, time(12)) for way, quantity, ago in moves]])

    @needs_hypothesis
    def test_out_of_stock(self):
        """Nothing there since the first move after the last one that left something; of what was bought in 12 months."""
        line = draw(
            Line, product=range(VARIANTS), quantity=(-1, -1, 1, 1, 2), price=(Fraction(50), Fraction(80)))
        order = draw(
            Order, customer=(*SOLD, *ANYBODY), day=(TODAY, TODAY, YEAR_AGO, YEAR_AGO + DAY), lines=many(line, 2),
            hour=HOURS, state=STATES, is_own=MOSTLY, is_contact=ANY)
        self.run_random(
            self.check_out_of_stock, max_examples=24, limit=(14, 15), orders=many(order, 12),
            flows=many(draw_flow, VARIANTS), variants=many(USUALLY, VARIANTS), templates=many(MOSTLY, 3),
            on_sale=many(USUALLY, 3), storable=many(USUALLY, 3))

    def check_out_of_stock(self, limit, orders, flows, variants, templates, on_sale, storable):
        self.make_orders(orders)
        self.make_moves(self.products, flows)
        for place, template in enumerate(self.templates):
            self.update(template, active=templates[place], sale_ok=on_sale[place], is_storable=storable[place])
        active = [variants[place] and templates[place // 2] for place in range(VARIANTS)]  # variants go with their template
        for product, value in zip(self.products, active):
            self.update(product, active=value)
        self.env.invalidate_all()
        self.rule.threshold = limit
        self.detect()
        since = {
            place: self.get_empty_since(flow, 12 if place // 2 == 2 else 1) for place, flow in enumerate(flows)
            if active[place] and on_sale[place // 2] and storable[place // 2]}
        gone = {place: day for place, day in since.items() if day and day <= TODAY - limit * DAY}
        causes = {
            (self.accounts[customer].id, 'product.product', self.products[place].id): (place, revenue)
            for (customer, place), revenue in self.get_bought(orders).items() if customer in SOLD and place in gone}
        found = self.assertWarnings(self.rule, {cause: revenue / 12 for cause, (__, revenue) in causes.items()})
        for cause, (place, __) in causes.items():
            self.assertEqual(found[cause].facts, {'since_date': str(gone[place])}, flows[place])

    @staticmethod
    def get_empty_since(flow, unit):
        """:return: the day since which nothing is there; None where something is, or nothing ever moved"""
        moves = sorted((move for move in flow if move.counts), key=lambda move: (move.day, move.hour))
        level, since = 0, None
        for move in moves:
            level += move.get_change(unit)
            if level > 0:
                since = None
            elif not since:
                since = move.day
        return since

    def make_moves(self, products, flows):
        """Odoo makes them, all at once; then they get their days."""
        drawn = [(product, move) for product, flow in zip(products, flows) for move in flow]
        records = self.env['stock.move'].create([self.prepare_move(product, move) for product, move in drawn])
        done = records.browse([record.id for record, (__, move) in zip(records, drawn) if move.state == 'done'])
        done._action_confirm(merge=False)
        for record, (__, move) in zip(records, drawn):
            if move.state == 'done':
                record.write({'quantity': move.quantity, 'picked': True})
        done._action_done()
        self.env.flush_all()
        for record, (__, move) in zip(records, drawn):
            self.update(record, state=move.state, date=to_utc(move.day, move.hour))

    def prepare_move(self, product, move):
        company = self.company if move.is_own else self.other_company
        source, target = (self.stock_places[company][name] for name in move.way)
        return {
            'product_id': product.id, 'product_uom': self.units[move.pieces].id, 'product_uom_qty': move.quantity,
            'location_id': source.id, 'location_dest_id': target.id, 'company_id': company.id}
