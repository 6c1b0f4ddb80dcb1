from unittest import SkipTest

from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from .common import KeyAccountCommon


class NeighbourCommon(KeyAccountCommon):
    """A world that needs a module on which the addon does not depend."""

    neighbour = None

    @classmethod
    def setUpClass(cls):
        if cls.neighbour not in Registry(get_db_name())._init_modules:
            raise SkipTest(f"{cls.neighbour} is not installed")
        super().setUpClass()


class StockCommon(NeighbourCommon):
    """A world in which transfers of Odoo's inventory deliver what was ordered."""

    neighbour = 'sale_stock'

    def deliver(self, picking, *quantities):
        """Have a picking move so much by its moves; what is left comes with another one."""
        for move, quantity in zip(picking.move_ids, quantities):
            move.write({'quantity': quantity, 'picked': True})
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def send_back(self, picking, quantity, to_refund=True):
        """Have some of what a picking moved go where it came from."""
        wizard = self.env['stock.return.picking'].with_context(
            active_id=picking.id, active_ids=picking.ids, active_model='stock.picking').create({})
        wizard.product_return_moves.write({'quantity': quantity, 'to_refund': to_refund})
        back = self.env['stock.picking'].browse(wizard.action_create_returns()['res_id'])
        return self.deliver(back, quantity)
