from odoo.exceptions import UserError
from odoo.fields import Command

from .agreement_common import AgreementCommon


class TestAgreementCalloffs(AgreementCommon):
    """What counts as called off, and what happens beyond the maximum."""

    def assertCalledOff(self, line, quantity):
        self.env.flush_all()
        line.invalidate_recordset()
        self.assertAlmostEqual(line.called_off, quantity, 6)

    # ------------------------------------------------------------
    # Consumption
    # ------------------------------------------------------------

    def test_quotations_do_not_count(self):
        line = self.create_agreement({'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}).line_ids
        order = self.quote(quantity=4.0)
        self.assertCalledOff(line, 0.0)
        order.action_confirm()
        self.assertCalledOff(line, 4.0)
        self.assertEqual(line.remaining, 6.0)

    def test_cancelled_orders_do_not_count(self):
        line = self.create_agreement({'price_unit': 80.0}).line_ids
        order = self.order(quantity=4.0)
        order._action_cancel()
        self.assertCalledOff(line, 0.0)
        order.action_draft()
        self.assertCalledOff(line, 0.0)
        order.action_confirm()
        self.assertCalledOff(line, 4.0)

    def test_responsible_sees_the_call_offs(self):
        agreement = self.create_agreement({'price_unit': 80.0}, user_id=self.salesperson_2.id)
        agreement.account_id.user_id = self.salesperson
        order = self.order()
        for user in (self.salesperson, self.salesperson_2):
            calloffs = self.env['key.account.calloff'].with_user(user).search(agreement.action_open_calloffs()['domain'])
            self.assertEqual(calloffs.order_line_id, order.order_line, user.login)

    def test_dozens_count_as_units(self):
        line = self.create_agreement({'price_unit': 80.0}).line_ids
        self.order(quantity=2.0, line={'product_uom_id': self.env.ref('uom.product_uom_dozen').id})
        self.assertCalledOff(line, 24.0)

    def test_credited_goods_are_given_back(self):
        line = self.create_agreement({'price_unit': 80.0}).line_ids
        order = self.order(quantity=10.0)
        move = order._create_invoices()
        move.action_post()
        self.assertCalledOff(line, 10.0)
        refund = move._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 3.0
        refund.action_post()
        self.assertCalledOff(line, 7.0)

    def test_corrected_invoice_gives_nothing_back(self):
        """Credited and invoiced again: the goods are still with the customer."""
        line = self.create_agreement({'price_unit': 80.0}).line_ids
        order = self.order(quantity=10.0)
        for __ in range(2):
            move = order._create_invoices()
            move.action_post()
            if not order.invoice_ids - move:
                refund = move._reverse_moves([{'invoice_date': self.today}])
                refund.action_post()
                self.assertCalledOff(line, 0.0)
        self.assertCalledOff(line, 10.0)

    def test_amounts_in_another_currency(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'amount', 'commit_min': 1000.0}, currency_id=self.dollar.id)
        order = self.order(quantity=2.0)
        self.assertEqual(order.currency_id, self.dollar)
        self.assertEqual(agreement.called_off_amount, 160.0)
        self.assertEqual(order.order_line.key_account_agreement_line_id.called_off_amount, 160.0)

    def test_lines_do_not_offset_one_another(self):
        knot = self.create_product(name="Knot")
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_min': 5.0, 'commit_max': 5.0},
            {'product_id': knot.id, 'price_unit': 10.0, 'commitment': 'quantity', 'commit_min': 5.0, 'commit_max': 50.0},
            beyond_limit='block')
        self.order(quantity=5.0)
        self.order(quantity=20.0, product=knot)
        rope, other = agreement.line_ids
        self.assertEqual((rope.remaining, other.remaining), (0.0, 30.0))

    def test_order_lines_behind_the_number(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        order = self.order(quantity=4.0)
        calloffs = self.env['key.account.calloff'].search(agreement.action_open_calloffs()['domain'])
        self.assertEqual(calloffs.order_line_id, order.order_line)
        self.assertEqual(calloffs.amount, 320.0)

    # ------------------------------------------------------------
    # Beyond the maximum
    # ------------------------------------------------------------

    def limited(self, policy, **vals):
        return self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0, **vals}, beyond_limit=policy).line_ids

    def test_allow(self):
        line = self.limited('allow')
        self.order(quantity=14.0)
        self.assertCalledOff(line, 14.0)

    def test_warn(self):
        line = self.limited('warn')
        order = self.order(quantity=14.0)
        self.assertCalledOff(line, 14.0)
        self.assertIn("10 are left", str(order.message_ids.mapped('body')))
        self.assertIn("10 are left", str(line.agreement_id.message_ids.mapped('body')))

    def test_block(self):
        line = self.limited('block')
        self.order(quantity=6.0)
        order = self.quote(quantity=5.0)
        with self.assertRaisesRegex(UserError, "4 are left"):
            order.action_confirm()
        self.assertEqual(order.state, 'draft')
        order.order_line.product_uom_qty = 4.0
        order.action_confirm()
        self.assertCalledOff(line, 10.0)

    def test_block_when_an_order_grows(self):
        self.limited('block')
        order = self.order(quantity=10.0)
        with self.assertRaisesRegex(UserError, "10 are left"):
            order.order_line.product_uom_qty = 11.0

    def test_split(self):
        """What is left keeps the agreed price, what is beyond takes the normal one."""
        line = self.limited('split')
        order = self.order(quantity=14.0)
        self.assertRecordValues(order.order_line, [
            {'product_uom_qty': 10.0, 'price_unit': 80.0, 'key_account_agreement_line_id': line.id},
            {'product_uom_qty': 4.0, 'price_unit': 100.0, 'key_account_agreement_line_id': False},
        ])
        self.assertCalledOff(line, 10.0)

    def test_split_with_nothing_left(self):
        line = self.limited('split')
        self.order(quantity=10.0)
        order = self.order(quantity=3.0)
        self.assertRecordValues(order.order_line, [
            {'product_uom_qty': 3.0, 'price_unit': 100.0, 'key_account_agreement_line_id': False}])
        self.assertCalledOff(line, 10.0)

    def test_split_keeps_the_price_of_the_whole_quantity(self):
        self.limited('split', step_ids=[Command.create({'min_quantity': 12.0, 'price_unit': 70.0})])
        order = self.order(quantity=14.0)
        self.assertEqual(order.order_line[0].price_unit, 70.0)
        self.assertTrue(order.order_line[0].key_account_agreement_line_id)

    def test_two_lines_of_one_order_share_the_maximum(self):
        line = self.limited('split')
        order = self.quote(quantity=7.0)
        order.order_line = [Command.create({'product_id': self.product.id, 'product_uom_qty': 7.0})]
        order.action_confirm()
        self.assertCalledOff(line, 10.0)
        self.assertEqual(sum(order.order_line.mapped('product_uom_qty')), 14.0)

    def test_maximum_of_the_whole_agreement(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0}, commitment=True, commit_max=800.0, beyond_limit='block')
        self.order(quantity=9.0)
        with self.assertRaisesRegex(UserError, "left under"):
            self.order(quantity=2.0)
        self.assertEqual(agreement.called_off_amount, 720.0)
