from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import models
from odoo.tools import SQL

TOP_PRODUCTS = 25  # with a row of their own; the others are one row
TOP_ORDERS = 15


class KeyAccountReview(models.Model):
    """The figures of a period, each asked for in one statement, whatever the customer bought in it."""
    _inherit = 'key.account.review'

    def _get_months(self):
        """:return: list of the first days of the months of the period"""
        self.ensure_one()
        first, months = self.period_start.replace(day=1), []
        while first <= self.period_end:
            months.append(first)
            first += relativedelta(months=1)
        return months

    def _get_period_domain(self, name='date'):
        """:return: domain of what belongs to the account and the period"""
        self.ensure_one()
        return [('account_id', '=', self.account_id.id), (name, '>=', self.period_start), (name, '<=', self.period_end)]

    # ------------------------------------------------------------
    # Delivered
    # ------------------------------------------------------------

    def _get_delivered(self, cost=True):
        """What the customer got in the period, by product and month.

        :param bool cost: whether margins are asked for; without them it takes half of the time
        :return: dict of ``total``; ``months``, the amounts by first day of the month; ``products``, dicts of
            ``product_id``, ``quantity``, ``amount``, ``margin`` and ``months``, the largest first; ``others``, how many
            products are left out, with ``others_amount``
        """
        self.ensure_one()
        rows = self.env.execute_query_dict(self._delivered_sql(cost))
        months = {row['month']: row['amount'] for row in rows if row['is_month']}
        products = [row for row in rows if not row['is_month']]
        return {
            'total': sum(months.values()),
            'margin': sum(row['margin'] or 0.0 for row in products),
            'months': {month: months.get(month, 0.0) for month in self._get_months()},
            'products': products[:TOP_PRODUCTS],
            'others': len(products[TOP_PRODUCTS:]),
            'others_amount': sum(row['amount'] for row in products[TOP_PRODUCTS:]),
        }

    def _delivered_sql(self, cost):
        """Sums by month, and by product with its months."""
        Sale = self.env['key.account.sale']
        return SQL(
            """
            WITH sold AS (
                SELECT sale.product_id, date_trunc('month', sale.date)::date AS month, SUM(sale.quantity)::float8 AS quantity,
                       SUM(sale.revenue)::float8 AS amount, SUM(sale.margin)::float8 AS margin
                  FROM (%s) sale
                 WHERE sale.account_id = %s AND sale.date BETWEEN %s AND %s
              GROUP BY sale.product_id, month
            )
            SELECT TRUE AS is_month, NULL::integer AS product_id, month, NULL::float8 AS quantity, SUM(amount) AS amount,
                   NULL::float8 AS margin, NULL::jsonb AS months
              FROM sold
          GROUP BY month
             UNION ALL
            SELECT FALSE, product_id, NULL, SUM(quantity), SUM(amount), SUM(margin), jsonb_object_agg(month, amount)
              FROM sold
          GROUP BY product_id
          ORDER BY amount DESC, product_id
            """, Sale._get_sales_sql(self.company_id, cost=cost), self.account_id.id, self.period_start, self.period_end)

    # ------------------------------------------------------------
    # Orders in progress
    # ------------------------------------------------------------

    def _get_orders_in_progress(self):
        """Confirmed orders of which something is still to come, with the day that was promised, as in the ledger of promises.

        What was invoiced counts as delivered: not everybody notes the delivery of services.

        :return: dict of ``count``, ``late_count`` and ``orders``, dicts of ``id``, ``name``, ``reference``, ``ordered_on``,
            ``promised_on``, ``days_late`` and ``percent`` delivered, the earliest promise first
        """
        self.ensure_one()
        today = self.env['key.account.agreement']._get_day(self.company_id)
        rows = self.env.execute_query_dict(self._orders_in_progress_sql(today))
        return {
            'count': rows[0]['count'] if rows else 0,
            'late_count': rows[0]['late_count'] if rows else 0,
            'orders': rows,
        }

    def _orders_in_progress_sql(self, today):
        Ledger = self.env['key.account.promise.ledger']
        return SQL(
            """
            SELECT sale_order.id, sale_order.name, sale_order.client_order_ref AS reference, %(ordered_on)s AS ordered_on,
                   due.day AS promised_on, GREATEST(0, %(today)s - due.day) AS days_late, open_order.percent,
                   COUNT(*) OVER () AS count, COUNT(*) FILTER (WHERE due.day < %(today)s) OVER () AS late_count
              FROM (SELECT line.order_id,
                           ROUND(100 * SUM(LEAST(%(done)s, line.product_uom_qty)) / SUM(line.product_uom_qty))::integer AS percent
                      FROM res_partner buyer
                      JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.company_id = %(company)s
                                     AND sale_order.state = 'sale'
                      JOIN sale_order_line line ON line.order_id = sale_order.id AND line.display_type IS NULL
                                               AND line.is_downpayment IS NOT TRUE AND line.product_uom_qty > 0
                     WHERE buyer.commercial_partner_id = %(customer)s
                  GROUP BY line.order_id
                    HAVING BOOL_OR(%(done)s < line.product_uom_qty)) open_order
              JOIN sale_order ON sale_order.id = open_order.order_id
        CROSS JOIN (SELECT tz FROM res_partner WHERE id = %(seller)s) company
        CROSS JOIN LATERAL (%(goods)s) goods
        CROSS JOIN LATERAL (SELECT %(due)s AS day) due
          ORDER BY due.day, sale_order.id
             LIMIT %(limit)s
            """,
            done=SQL("GREATEST(line.qty_delivered, line.qty_invoiced)"), today=today, limit=TOP_ORDERS,
            goods=Ledger._goods_sql(), due=Ledger._due_sql(), ordered_on=Ledger._day_sql(SQL("sale_order.date_order")),
            company=self.company_id.id, seller=self.company_id.partner_id.id, customer=self.partner_id.id)

    # ------------------------------------------------------------
    # Quality and service
    # ------------------------------------------------------------

    def _get_credits(self):
        """:return: dict of ``count`` of the credit notes in the period, and their untaxed ``amount`` in our currency"""
        self.ensure_one()
        # sudo: how much was credited is part of the report of whoever may read the review; not everybody opens invoices
        count, amount = self.env['account.move'].sudo()._read_group([
            ('move_type', '=', 'out_refund'), ('state', '=', 'posted'), ('company_id', '=', self.company_id.id),
            ('commercial_partner_id', '=', self.partner_id.id),
            ('invoice_date', '>=', self.period_start), ('invoice_date', '<=', self.period_end),
        ], [], ['__count', 'amount_untaxed_signed:sum'])[0]
        return {'count': count, 'amount': -(amount or 0.0)}

    def _get_returns(self):
        """What came back into stock in the period and is not replaced, as for call-offs; where Odoo's stock is installed.

        :return: list of dicts of ``product`` and ``quantity``, in its unit, the first by name in front
        """
        self.ensure_one()
        Move = self.env.get('stock.move', self)
        if 'sale_line_id' not in Move._fields:
            return []
        start, end = self.env['key.account.agreement']._get_day_bounds(self.company_id, self.period_start, self.period_end)
        returned = {}
        # sudo: what came back is part of the report of whoever may read the review; not everybody opens transfers
        for product, unit, quantity in Move.sudo()._read_group([
                ('state', '=', 'done'), ('to_refund', '=', True), ('location_id.usage', '=', 'customer'),
                ('location_dest_id.usage', '!=', 'customer'), ('company_id', '=', self.company_id.id),
                ('sale_line_id.order_partner_id.commercial_partner_id', '=', self.partner_id.id),
                ('date', '>=', start), ('date', '<=', end)], ['product_id', 'product_uom'], ['quantity:sum']):
            returned[product] = returned.get(product, 0.0) + unit._compute_quantity(quantity, product.uom_id)
        return [{'product': product, 'quantity': quantity}
                for product, quantity in sorted(returned.items(), key=lambda row: row[0].display_name)]

    def _get_responses(self):
        """:return: dict of ``count`` of mails of the period that were answered, average ``hours``, share ``kept``"""
        self.ensure_one()
        last = self.period_end + timedelta(days=1)
        # sudo: how long answers took says nothing of the mails, which only their readers may open
        count, hours, kept = self.env['key.account.response'].sudo()._read_group([
            ('account_id', '=', self.account_id.id), ('state', '=', 'answered'),
            ('asked_on', '>=', self.period_start), ('asked_on', '<', last),
        ], [], ['__count', 'hours:avg', 'kept:avg'])[0]
        return {'count': count, 'hours': hours or 0.0, 'kept': kept}

    # ------------------------------------------------------------
    # Agreement
    # ------------------------------------------------------------

    def _get_agreement(self):
        """:return: key.account.agreement that was in force last in the period; may be empty"""
        self.ensure_one()
        return self.env['key.account.agreement'].search([
            ('account_id', '=', self.account_id.id), ('state', 'in', ('signed', 'closed')), ('signed_on', '!=', False),
            ('date_start', '<=', self.period_end), ('date_until', '>=', self.period_start),
        ], order='date_start desc', limit=1)

    def _get_agreement_figures(self):
        """What was called off in the period, and what the agreed prices saved against today's list prices.

        :return: dict of ``agreement`` (may be empty), ``amount`` and ``saved``, in the currency of the agreement
        """
        self.ensure_one()
        agreement = self._get_agreement()
        amount = saved = 0.0
        # sudo: what was called off is the same for everybody; orders of colleagues count, too
        for product, unit, quantity, value in self.env['key.account.calloff'].sudo()._read_group(
                [*self._get_period_domain(), ('origin_id', '=', agreement._get_first().id)] if agreement else [(0, '=', 1)],
                ['product_id', 'uom_id'], ['quantity:sum', 'amount:sum']):
            amount += value
            saved += self._get_list_price(product, unit, agreement) * quantity - value
        return {'agreement': agreement, 'amount': amount, 'saved': saved}

    def _get_list_price(self, product, unit, agreement):
        price = product.uom_id._compute_price(product.with_company(agreement.company_id).lst_price, unit)
        return product.currency_id._convert(price, agreement.currency_id, agreement.company_id, self.period_end)
