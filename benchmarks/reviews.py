"""The pack of the largest account: its figures, and the page made of them, without turning that into a PDF."""

import time
from datetime import date, timedelta

from odoo.tools import SQL

from .databases import environment

PERIOD = 365  # days


def make_largest(database, orders):
    """Give the customer with most orders so many of the others' that it has this many in the period; open its review."""
    with environment(database) as env:
        company, since = env.ref("base.main_company"), date.today() - timedelta(days=PERIOD)
        [(customer,)] = env.execute_query(SQL(
            "SELECT partner_id FROM sale_order WHERE state = 'sale' AND company_id = %s AND date_order > %s"
            " GROUP BY partner_id ORDER BY COUNT(*) DESC LIMIT 1", company.id, since))
        customer = env["res.partner"].browse(customer).commercial_partner_id
        env.cr.execute(SQL(
            """
            CREATE TEMP TABLE moved AS
            SELECT sale_order.id FROM sale_order
             WHERE state = 'sale' AND company_id = %(company)s AND date_order > %(since)s
          ORDER BY partner_id = %(customer)s DESC, id
             LIMIT %(orders)s;
            UPDATE sale_order SET partner_id = %(customer)s FROM moved WHERE moved.id = sale_order.id;
            UPDATE account_move SET partner_id = %(customer)s, commercial_partner_id = %(customer)s
             WHERE id IN (SELECT move_line.move_id
                            FROM moved
                            JOIN sale_order_line line ON line.order_id = moved.id
                            JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
                            JOIN account_move_line move_line ON move_line.id = link.invoice_line_id)
            """, company=company.id, since=since, customer=customer.id, orders=orders))
        env.invalidate_all()
        account = env["key.account"].search([("partner_id", "=", customer.id), ("company_id", "=", company.id)])
        review_type = env["key.account.review.type"].create({"name": "Benchmark"})
        return env["key.account.review"].create({
            "account_id": (account or account.create({"partner_id": customer.id, "company_id": company.id})).id,
            "type_id": review_type.id, "period_start": since + timedelta(days=1), "period_end": date.today(),
        }).id  # fmt: skip


def time_packs(database, review_id, repeats):
    """:return: least seconds of the bare SQL and of each version of the pack, in turn"""
    spent = {}
    for turn in range(repeats + 1):  # the first turn fills the caches
        for name in ("yardstick", "customer", "internal"):
            with environment(database) as env:
                review = env["key.account.review"].browse(review_id)
                review.company_id.partner_id.tz  # noqa: B018  what everybody has in the cache
                start = time.perf_counter()
                if name == "yardstick":
                    _run_yardstick(env, review)
                else:
                    review._render_pack(name)
                if turn:
                    spent.setdefault(name, []).append(time.perf_counter() - start)
    return {name: min(seconds) for name, seconds in spent.items()}


def _run_yardstick(env, review):
    """The least that has to be asked for the figures that go over all orders and invoices of the customer: sales by product
    and month, orders in progress with the day that is promised by lead times, deliveries in time, credit notes."""
    values = {
        "customer": review.partner_id.id, "company": review.company_id.id,
        "start": review.period_start, "end": review.period_end}  # fmt: skip
    for statement in (
        """
        SELECT line.product_id, date_trunc('month', move.invoice_date), SUM(line.quantity), SUM(line.balance),
               SUM(sale_line.purchase_price * line.quantity)
          FROM res_partner buyer
          JOIN account_move move ON move.partner_id = buyer.id
          JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
     LEFT JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = line.id
     LEFT JOIN sale_order_line sale_line ON sale_line.id = link.order_line_id
         WHERE buyer.commercial_partner_id = %(customer)s AND move.company_id = %(company)s AND move.state = 'posted'
           AND move.move_type IN ('out_invoice', 'out_refund') AND move.invoice_date BETWEEN %(start)s AND %(end)s
      GROUP BY 1, 2
        """,
        """
        SELECT sale_order.id, COALESCE(sale_order.commitment_date, sale_order.date_order + INTERVAL '1 day' * (
               SELECT MIN(line.customer_lead)
                 FROM sale_order_line line
                 JOIN product_product product ON product.id = line.product_id
                 JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'consu'
                WHERE line.order_id = sale_order.id)) AS due
          FROM res_partner buyer
          JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.state = 'sale'
          JOIN sale_order_line line ON line.order_id = sale_order.id
         WHERE buyer.commercial_partner_id = %(customer)s AND sale_order.company_id = %(company)s
      GROUP BY sale_order.id
        HAVING BOOL_OR(GREATEST(line.qty_delivered, line.qty_invoiced) < line.product_uom_qty)
      ORDER BY 2 LIMIT 15
        """,
        """
        SELECT COUNT(*), COUNT(*) FILTER (WHERE is_done)
          FROM (SELECT BOOL_AND(line.qty_delivered >= line.product_uom_qty) AS is_done,
                       COALESCE(sale_order.commitment_date, sale_order.date_order
                                + INTERVAL '1 day' * NULLIF(MIN(line.customer_lead), 0)) AS due
                  FROM res_partner buyer
                  JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.state = 'sale'
                  JOIN sale_order_line line ON line.order_id = sale_order.id
                  JOIN product_product product ON product.id = line.product_id
                  JOIN product_template template ON template.id = product.product_tmpl_id AND template.type = 'consu'
                 WHERE buyer.commercial_partner_id = %(customer)s AND sale_order.company_id = %(company)s
              GROUP BY sale_order.id) delivery
         WHERE due BETWEEN %(start)s AND %(end)s
        """,
        """
        SELECT COUNT(*), SUM(amount_untaxed_signed)
          FROM account_move
         WHERE commercial_partner_id = %(customer)s AND company_id = %(company)s AND move_type = 'out_refund'
           AND state = 'posted' AND invoice_date BETWEEN %(start)s AND %(end)s
        """):  # fmt: skip
        env.execute_query(SQL(statement, **values))
