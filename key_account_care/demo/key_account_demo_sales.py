import logging
from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Command

from .sales_history import PATTERNS, PROJECTS, RETURNS

_logger = logging.getLogger(__name__)

DAYS_TO_INVOICE = 3


class KeyAccountDemo(models.AbstractModel):
    """Makes three years of orders, invoices and credit notes from the table in ``sales_history``."""
    _inherit = 'key.account.demo'

    @api.model
    def _has_sales(self):
        customer = self.env.ref('key_account_care.customer_aurora')
        return bool(self.env['sale.order'].search_count(
            [('partner_id', 'child_of', customer.id), ('state', '=', 'sale')], limit=1))

    @api.model
    def _make_sales(self, today):
        """Orders and their invoices; only orders where the company has no chart of accounts.

        :param date today: day from which all days count back
        """
        orders = self._make_orders(today)
        company = self.env.company
        if self.env['account.journal'].search_count([('company_id', '=', company.id), ('type', '=', 'sale')], limit=1):
            invoices = self._make_invoices(orders, today)
            self._make_credit_notes(invoices, today)
        else:
            _logger.info("No invoices in the demo data: %s has no sales journal", company.name)
            company.key_account_revenue_source = 'order'

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    @api.model
    def _make_orders(self, today):
        """:return: sale.order, confirmed, the oldest first"""
        history = sorted([*PROJECTS, *(order for pattern in PATTERNS for order in pattern.history())], reverse=True)
        orders = self.env['sale.order'].create([self._prepare_order(today, *order) for order in history])
        days = orders.mapped(lambda order: order.date_order)
        orders.action_confirm()
        for order, day in zip(orders, days):
            order.date_order = day  # confirming sets it to now
        return orders

    @api.model
    def _prepare_order(self, today, age, contact, lines, price):
        day = datetime.combine(today - timedelta(days=age), time(9, 30))
        return {
            'partner_id': self.env.ref(f'key_account_care.contact_{contact}').id,
            'pricelist_id': False,  # whatever pricelists there are, the story is in the company's currency
            'date_order': day,
            'create_date': day,
            'order_line': [Command.create(self._prepare_order_line(price, *line)) for line in lines],
        }

    @api.model
    def _prepare_order_line(self, price, name, amount):
        product = self.env.ref(f'key_account_care.product_{name}')
        price_unit = round(product.list_price * price, 2)
        return {
            'product_id': product.id,
            'product_uom_qty': max(1, round(amount / price_unit)),
            'price_unit': price_unit,
            'tax_ids': False,  # all customers are abroad
        }

    # ------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------

    @api.model
    def _make_invoices(self, orders, today):
        """An invoice some days after each order; the last orders are still to be invoiced.

        :return: account.move, posted
        """
        latest = datetime.combine(today - timedelta(days=DAYS_TO_INVOICE), time.max)
        invoices = self.env['account.move'].create([
            self._prepare_invoice(order) for order in orders if order.date_order <= latest])
        invoices.action_post()
        return invoices

    @api.model
    def _prepare_invoice(self, order):
        day = order.date_order.date() + timedelta(days=DAYS_TO_INVOICE)
        return {
            **order._prepare_invoice(),
            'invoice_date': day,
            'invoice_line_ids': [
                Command.create(line._prepare_invoice_line()) for line in order.order_line if line.qty_to_invoice],
        }

    @api.model
    def _make_credit_notes(self, invoices, today):
        for contact, age, pieces, reason in RETURNS:
            buyer, latest = self.env.ref(f'key_account_care.contact_{contact}'), today - timedelta(days=age)
            invoice = invoices.filtered_domain([('partner_id', '=', buyer.id), ('invoice_date', '<=', latest)])[-1:]
            day = invoice.invoice_date + timedelta(days=14)
            credit_note = invoice._reverse_moves([{'ref': reason, 'invoice_date': day, 'date': day}])
            credit_note.invoice_line_ids[1:].unlink()
            credit_note.invoice_line_ids.quantity = pieces
            credit_note.action_post()
