from odoo.fields import Command

from .agreement_common import AgreementCommon
from .neighbour_common import NeighbourCommon, StockCommon


class CalledOffCommon(NeighbourCommon, AgreementCommon):
    """What a line of an agreement counts as called off."""

    def assertCalledOff(self, line, quantity):
        self.env.flush_all()
        line.invalidate_recordset()
        self.assertAlmostEqual(line.called_off, quantity, 6)


class TestAgreementWithStock(StockCommon, CalledOffCommon):
    """Deliveries and returns of what was called off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rope, cls.knot = (cls.create_product(name=name, type='consu') for name in ("Rope", "Knot"))
        cls.agreement = cls.create_agreement(
            {'product_id': cls.rope.id, 'price_unit': 80.0}, {'product_id': cls.knot.id, 'price_unit': 8.0})
        cls.terms, cls.other_terms = cls.agreement.line_ids

    def test_over_delivery_does_not_hide_a_shortfall(self):
        order = self.quote(product=self.rope, quantity=10.0)
        order.order_line = [Command.create({'product_id': self.knot.id, 'product_uom_qty': 10.0})]
        order.action_confirm()
        self.deliver(order.picking_ids, 14.0, 3.0)
        self.env.flush_all()
        self.assertRecordValues(self.agreement.line_ids, [
            {'ordered': 10.0, 'delivered': 14.0, 'called_off': 10.0},
            {'ordered': 10.0, 'delivered': 3.0, 'called_off': 10.0}])

    def test_returns_in_the_pack_of_a_review(self):
        """What came back in the period, in the unit of the product, not of the order; not what is to be replaced."""
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self.order(product=self.rope, quantity=2.0, line={'product_uom_id': dozen.id})
        picking = self.deliver(order.picking_ids, 24.0)
        other = self.deliver(self.order(product=self.knot, quantity=9.0).picking_ids, 9.0)
        self.send_back(picking, 12.0)
        self.send_back(other, 4.0, to_refund=False)
        review = self.env['key.account.review'].create({
            'account_id': self.account.id, 'due_date': self.today, 'period_end': self.today,
            'type_id': self.env['key.account.review.type'].create({'name': "Talk"}).id})
        day = self.env['stock.move'].search([('picking_id', '=', picking.id)]).date.date()
        review.write({'period_start': day, 'period_end': day})
        self.env.flush_all()
        self.assertEqual(review._get_returns(), [{'product': self.rope, 'quantity': 12.0}])
        self.assertIn("Returned:", review._render_pack('customer'))
        review.write({'period_start': day.replace(year=day.year - 1), 'period_end': day.replace(year=day.year - 1)})
        self.assertEqual(review._get_returns(), [])

    def test_returned_goods_count_back_once(self):
        """Returned and credited are the same goods; what is sent again counts again."""
        order = self.order(product=self.rope, quantity=10.0)
        picking = self.deliver(order.picking_ids, 10.0)
        self.assertCalledOff(self.terms, 10.0)
        move = order._create_invoices()
        move.action_post()
        back = self.send_back(picking, 3.0)
        self.assertCalledOff(self.terms, 7.0)
        refund = move._reverse_moves([{'invoice_date': self.today}])
        refund.invoice_line_ids.quantity = 3.0
        refund.action_post()
        self.assertCalledOff(self.terms, 7.0)
        refund.button_draft()
        refund.button_cancel()
        self.send_back(back, 3.0)
        self.assertCalledOff(self.terms, 10.0)

    def test_goods_that_are_replaced_do_not_count_back(self):
        order = self.order(product=self.rope, quantity=10.0)
        picking = self.deliver(order.picking_ids, 10.0)
        self.send_back(picking, 3.0, to_refund=False)
        self.assertCalledOff(self.terms, 10.0)

    def test_what_was_sent_beyond_the_order_comes_back_first(self):
        order = self.order(product=self.rope, quantity=10.0)
        picking = self.deliver(order.picking_ids, 12.0)
        self.send_back(picking, 2.0)
        self.assertCalledOff(self.terms, 10.0)
        self.send_back(picking, 1.0)
        self.assertCalledOff(self.terms, 9.0)

    def test_dozens_are_returned_as_units(self):
        order = self.order(product=self.rope, quantity=2.0, line={
            'product_uom_id': self.env.ref('uom.product_uom_dozen').id})
        picking = self.deliver(order.picking_ids, order.picking_ids.move_ids.product_uom_qty)
        self.assertCalledOff(self.terms, 24.0)
        self.send_back(picking, picking.move_ids.quantity / 4)
        self.assertCalledOff(self.terms, 18.0)

    def test_purchases_outside_the_agreement_are_less_what_came_back(self):
        order = self.order(product=self.rope, quantity=10.0, line={'price_unit': 90.0})
        picking = self.deliver(order.picking_ids, 10.0)
        self.send_back(picking, 4.0)
        leakage = self.env['key.account.leakage'].search([('order_id', '=', order.id)])
        self.assertEqual((leakage.quantity, leakage.amount, leakage.reason), (6.0, 540.0, 'hand'))


class TestAgreementWithLoyalty(CalledOffCommon):
    """Rewards and discounts of loyalty programs beside agreed prices."""

    neighbour = 'sale_loyalty'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['loyalty.program'].search([]).active = False
        cls.terms = cls.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 20.0}, beyond_limit='block').line_ids

    def reward(self, order, **reward):
        """Give a reward of a program that needs nothing but an order."""
        program = self.env['loyalty.program'].create({
            'name': "Thanks", 'program_type': 'promotion', 'trigger': 'auto', 'applies_on': 'current',
            'company_id': self.company.id, 'rule_ids': [Command.create({})], 'reward_ids': [Command.create(reward)]})
        order._update_programs_and_rewards()
        coupon = order.coupon_point_ids.coupon_id.filtered(lambda coupon: coupon.program_id == program)
        order._apply_program_reward(program.reward_ids, coupon)
        return order.order_line.filtered('is_reward_line')

    def assertNeitherCallOffNorLeakage(self, lines):
        self.assertFalse(lines.key_account_agreement_line_id)
        self.assertFalse(any(lines.mapped('key_account_agreement_mark')))
        self.assertFalse(self.env['key.account.leakage'].search([('order_line_id', 'in', lines.ids)]))

    def test_discount_on_the_order_is_taken_from_agreed_prices(self):
        order = self.quote(quantity=10.0)
        discount = self.reward(order, reward_type='discount', discount=10.0, discount_mode='percent')
        order.action_confirm()
        self.assertEqual((discount.price_subtotal, order.amount_untaxed), (-80.0, 720.0))
        self.assertEqual(order.order_line[0].key_account_agreement_line_id, self.terms)
        self.assertCalledOff(self.terms, 10.0)
        self.assertNeitherCallOffNorLeakage(discount)
        self.assertEqual(self.terms.agreement_id.coverage, 100.0)

    def test_free_goods_are_no_call_off(self):
        """They take nothing of the maximum, though the agreement covers the product."""
        order = self.quote(quantity=20.0)
        free = self.reward(order, reward_type='product', reward_product_id=self.product.id, reward_product_qty=1)
        order.action_confirm()
        self.assertEqual((free.product_id, free.price_subtotal), (self.product, 0.0))
        self.assertCalledOff(self.terms, 20.0)
        self.assertNeitherCallOffNorLeakage(free)
