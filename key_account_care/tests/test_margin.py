from datetime import date

from odoo.fields import Command

from .common import KeyAccountCommon

DAY = date(2025, 6, 1)


class TestMargin(KeyAccountCommon):
    """Margin of posted invoices: the cost on the order line, in proportion to what was invoiced."""

    def assertSold(self, customer, revenue, margin):
        self.refresh()
        self.assertRecordValues(self.get_account(customer), [{'revenue': revenue, 'margin': margin}])

    def invoice(self, order, quantity=None, unit=None, currency=None, **vals):
        """Post an invoice of the only line of an order, or of part of it."""
        move = order._create_invoices()
        move.write({'invoice_date': DAY, **vals})
        if unit:
            move.invoice_line_ids.product_uom_id = unit
        if quantity:
            move.invoice_line_ids.quantity = quantity
        move.action_post()
        return move

    def setUp(self):
        super().setUp()
        self.customer = self.create_customer()

    def test_cost_of_the_order_line_not_of_the_product(self):
        """The cost that the salesperson saw, or typed, is the one that counts, whatever the product costs today."""
        order = self.create_order(self.customer, DAY, 1000.0, quantity=10.0)
        order.order_line.purchase_price = 55.0
        self.invoice(order)
        self.product.standard_price = 90.0
        self.assertSold(self.customer, 1000.0, 450.0)

    def test_partial_invoices(self):
        order = self.create_order(self.customer, DAY, 1000.0, quantity=10.0)
        self.invoice(order, quantity=3.0)
        self.assertSold(self.customer, 300.0, 120.0)
        self.invoice(order)
        self.assertSold(self.customer, 1000.0, 400.0)

    def test_invoice_in_another_unit(self):
        """Two dozen of an order of 24 units."""
        order = self.create_order(self.customer, DAY, 2400.0, quantity=24.0)
        move = self.invoice(order, quantity=2.0, unit=self.env.ref('uom.product_uom_dozen'))
        revenue = move.amount_untaxed
        self.assertSold(self.customer, revenue, revenue - 24 * 60.0)

    def test_order_in_another_unit(self):
        """An order of two dozen; the cost on the line is that of a dozen."""
        order = self.create_order(self.customer, DAY, 2000.0, quantity=2.0)
        order.order_line.product_uom_id = self.env.ref('uom.product_uom_dozen')
        order.order_line.price_unit = 1000.0
        self.assertEqual(order.order_line.purchase_price, 720.0)
        self.invoice(order)
        self.assertSold(self.customer, 2000.0, 2000.0 - 24 * 60.0)

    def test_order_and_invoice_in_dollars(self):
        """Two dollars are one unit of the company's currency."""
        dollars = self.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': self.dollar.id, 'company_id': self.company.id})
        order = self.create_order(self.customer, DAY, 300.0, pricelist_id=dollars.id)
        move = self.invoice(order)
        self.assertEqual(move.currency_id, self.dollar)
        self.assertSold(self.customer, 150.0, 90.0)

    def test_order_in_dollars_invoice_in_own_currency(self):
        """The cost is that of the order, at the rate of the order."""
        dollars = self.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': self.dollar.id, 'company_id': self.company.id})
        order = self.create_order(self.customer, DAY, 300.0, pricelist_id=dollars.id)
        move = order._create_invoices()
        move.currency_id = self.company.currency_id
        move.invoice_line_ids.price_unit = 140.0
        move.invoice_date = DAY
        move.action_post()
        self.assertSold(self.customer, 140.0, 80.0)

    def test_credit_note_takes_the_margin_back(self):
        order = self.create_order(self.customer, DAY, 1000.0, quantity=10.0)
        invoice = self.invoice(order)
        credit = invoice._reverse_moves([{'invoice_date': DAY}])
        credit.invoice_line_ids.quantity = 4.0
        credit.action_post()
        self.assertEqual(credit.invoice_line_ids.sale_line_ids, order.order_line)
        self.assertSold(self.customer, 600.0, 240.0)

    def test_credit_note_of_everything(self):
        invoice = self.invoice(self.create_order(self.customer, DAY, 1000.0, quantity=10.0))
        invoice._reverse_moves([{'invoice_date': DAY}], cancel=True)
        self.assertSold(self.customer, 0.0, 0.0)

    def test_invoice_without_order(self):
        """The cost of the product; also in another unit and another currency; and none without a product."""
        self.create_invoice(self.customer, DAY, 100.0, product=self.product)
        self.assertSold(self.customer, 100.0, 40.0)
        self.create_invoice(self.customer, DAY, 500.0)
        self.assertSold(self.customer, 600.0, 540.0)
        self.create_invoice(self.customer, DAY, 400.0, product=self.product, currency_id=self.dollar.id)
        self.assertSold(self.customer, 800.0, 540.0 + 200.0 - 60.0)

    def test_invoice_without_order_by_the_dozen(self):
        move = self.create_invoice(self.customer, DAY, 1000.0, product=self.product, post=False)
        move.invoice_line_ids.write({'product_uom_id': self.env.ref('uom.product_uom_dozen').id, 'price_unit': 1000.0})
        move.action_post()
        self.assertSold(self.customer, 1000.0, 1000.0 - 12 * 60.0)

    def test_credit_note_without_order(self):
        self.create_invoice(self.customer, DAY, 300.0, product=self.product, quantity=3.0)
        self.create_credit_note(self.customer, DAY, 100.0, product=self.product)
        self.assertSold(self.customer, 200.0, 80.0)

    def test_down_payment(self):
        """Nets out on the last invoice, and costs nothing."""
        order = self.create_order(self.customer, DAY, 1000.0, quantity=10.0)
        wizard = self.env['sale.advance.payment.inv'].create({
            'sale_order_ids': order.ids, 'advance_payment_method': 'fixed', 'fixed_amount': 200.0})
        down_payment = wizard._create_invoices(order)
        down_payment.write({'invoice_date': DAY})
        down_payment.action_post()
        self.assertSold(self.customer, 200.0, 200.0)
        final = order._create_invoices(final=True)
        final.write({'invoice_date': DAY})
        final.action_post()
        self.assertEqual(final.amount_untaxed, 800.0)
        self.assertSold(self.customer, 1000.0, 400.0)
        self.company.key_account_revenue_source = 'order'
        self.assertSold(self.customer, 1000.0, 400.0)

    def test_discount(self):
        order = self.create_order(self.customer, DAY, 100.0)
        order.order_line.discount = 10.0
        self.invoice(order)
        self.assertSold(self.customer, 90.0, 30.0)

    def test_several_lines_of_one_order(self):
        cheap = self.create_product(name="Cheap", standard_price=1.0)
        order = self.create_order(self.customer, DAY, 100.0, confirm=False)
        order.order_line = [Command.create({'product_id': cheap.id, 'price_unit': 10.0, 'tax_ids': False})]
        order.action_confirm()
        self.invoice(order)
        self.assertSold(self.customer, 110.0, 49.0)
