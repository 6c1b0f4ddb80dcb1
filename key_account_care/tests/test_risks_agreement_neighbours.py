from fractions import Fraction
from typing import NamedTuple

from . import test_risks_agreement_recount
from .hypothesis_common import draw, many, needs_hypothesis
from .neighbour_common import StockCommon
from .sales_recount import ANY, MOSTLY

MOVES = 4  # of each order line
PLACES = {'stock': 'stock.stock_location_stock', 'road': 'stock.stock_location_inter_company',
          'customer': 'stock.stock_location_customers'}


class Move(NamedTuple):
    """Goods of an order line on their way."""
    way: tuple
    quantity: int
    pieces: int  # in its unit
    is_done: bool
    is_refunded: bool  # it changes what was delivered of the order
    is_return: bool  # it takes back what another move did

    def get_quantity(self, way):
        """:return: what went this way, in pieces"""
        return self.quantity * self.pieces if self.is_done and self.way == way else 0


@needs_hypothesis
class TestRisksAgreementWithStock(StockCommon, test_risks_agreement_recount.TestRisksAgreementRecount):
    """Also what came back into stock is not called off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stock_places = {name: cls.env.ref(xml_id) for name, xml_id in PLACES.items()}
        goods = cls.create_product(name="Chain", type='consu')
        cls.moves = [[cls.env['stock.move'].create([{
            'product_id': goods.id, 'product_uom': goods.uom_id.id, 'location_id': cls.stock_places['stock'].id,
            'location_dest_id': cls.stock_places['customer'].id, 'sale_line_id': line.id, 'company_id': cls.company.id,
        }] * MOVES) for line in order.order_line] for order in cls.orders]
        cls.env.flush_all()

    def get_choices(self):
        move = draw(
            Move, way=[('stock', 'customer')] * 3 + [('customer', 'stock')] * 3 + [('stock', 'road'), ('customer', 'customer')],
            quantity=(1, 3, 12, 12, 24), pieces=(1, 1, 12), is_done=MOSTLY, is_refunded=ANY, is_return=ANY)
        choices = super().get_choices()
        return {**choices, 'moves': many(many(many(move, MOVES), 2), 12), 'orders': self.in_dozens(choices['orders'])}

    @staticmethod
    def in_dozens(orders):
        """:return: the same choice of orders of larger quantities, some of them in dozens"""
        def make(random):
            return [order._replace(lines=[
                line._replace(quantity=12 * line.quantity, pieces=random.choice((1, 12))) for line in order.lines])
                for order in orders(random)]
        return make

    def make_calloffs(self, orders, under):
        for drawn, records in zip(self.drawn['moves'], self.moves):
            for line_moves, line_records in zip(drawn, records):
                for move, record, other in zip(line_moves, line_records, line_records[1:] + line_records[:1]):
                    source, target = move.way
                    self.update(
                        record, state='done' if move.is_done else 'assigned', quantity=move.quantity,
                        product_uom=self.units[move.pieces].id, to_refund=move.is_refunded,
                        location_id=self.stock_places[source].id, location_dest_id=self.stock_places[target].id,
                        origin_returned_move_id=other.id if move.is_return else None)
        return super().make_calloffs(orders, under)

    def get_kept(self, order, line):
        """What was sent beyond the order comes back first; what is to be replaced counts on."""
        ordered = self.drawn['orders'][order].lines[line].quantity
        moves = self.drawn['moves'][order][line]
        sent = sum(move.get_quantity(('stock', 'customer')) for move in moves if move.is_refunded or not move.is_return)
        returned = sum(move.get_quantity(('customer', 'stock')) for move in moves if move.is_refunded)
        if ordered <= 0:
            return 1
        return 1 - Fraction(min(max(returned - max(sent - ordered, 0), 0), ordered), ordered)
