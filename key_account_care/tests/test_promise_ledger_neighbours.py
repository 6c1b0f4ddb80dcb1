from datetime import datetime, timedelta

from .common import TODAY
from .neighbour_common import StockCommon

YESTERDAY = TODAY - timedelta(days=1)


class TestPromiseLedgerWithStock(StockCommon):
    """Where transfers deliver, they tell which delivery dates were kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.create_customer("Anchor Hotel", contacts=["Ann"]).child_ids
        cls.account = cls.env['key.account'].create({'partner_id': cls.contact.parent_id.id})
        cls.goods = cls.create_product(name="Chain", type='consu')

    def row_of(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['key.account.promise.ledger'].search([('order_id', '=', order.id)])

    def test_delivery_dates_by_transfers(self):
        """The last transfer to the customer tells the day; what is cancelled is not waited for."""
        order = self.create_order(self.contact, TODAY - timedelta(days=30), quantity=2.0, product=self.goods, confirm=False)
        order.commitment_date = datetime.combine(YESTERDAY, datetime.min.time())
        order.action_confirm()
        self.assertRecordValues(self.row_of(order), [{'outcome': 'overdue', 'counts': True, 'kept': 0.0}])
        picking = order.picking_ids
        picking.move_ids.quantity = 1.0
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_create_backorder=[]).button_validate()
        picking.date_done = order.commitment_date
        self.assertEqual(self.row_of(order).outcome, 'overdue', "one more is to come")
        backorder = order.picking_ids - picking
        backorder.action_cancel()
        self.assertRecordValues(self.row_of(order), [{'outcome': 'kept', 'done_on': YESTERDAY}])
        picking.date_done = datetime.combine(TODAY, datetime.min.time())
        self.assertRecordValues(self.row_of(order), [{'outcome': 'kept_late', 'done_on': TODAY, 'days_late': 1}])
