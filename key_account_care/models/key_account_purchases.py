from odoo import api, models
from odoo.tools import SQL

# stored fields, some of which come with other addons, of lines that are not a purchase by themselves
FLAGS = ('is_downpayment', 'is_delivery', 'is_expense')
LINKS = ('reward_id', 'combo_item_id')


class KeyAccount(models.Model):
    """What a customer bought in the last 12 months, by product, and what others paid for the same."""
    _inherit = 'key.account'

    def _get_purchases(self, today):
        """Confirmed orders of the customer and its contacts; of a customer without any the posted invoices.

        What was returned or credited does not count. Quantities are in the unit of the product, amounts untaxed in the
        currency of the company. The price of others is what all other customers of the company paid on average in the
        same months, weighted by quantity; empty where nobody else bought the product.

        :param date today: last day of the 12 months
        :return: list of dict with product_id, quantity, amount, document_ids, last_date and others_price
        """
        self.ensure_one()
        # what others pay on average is for everybody who sells, and not one of their documents is shown
        return (
            self.env.execute_query_dict(self._purchases_by_product_sql(today, self._ordered_lines_sql))
            or self.env.execute_query_dict(self._purchases_by_product_sql(today, self._invoiced_lines_sql)))

    def _purchases_by_product_sql(self, today, lines_sql):
        """:param function lines_sql: gives the SELECT of the sold lines of a period that meet a condition"""
        self.env.flush_all()
        customer = self.partner_id.id
        own = SQL("partner.commercial_partner_id = %s", customer)
        others = SQL(
            """partner.commercial_partner_id <> %s AND line.product_id IN (SELECT product_id FROM own)
               AND NOT EXISTS (SELECT FROM res_company ours WHERE ours.partner_id = partner.commercial_partner_id)""",
            customer)
        return SQL(
            """
            WITH own AS MATERIALIZED (%(own)s),
            bought AS (
                SELECT product_id, SUM(quantity)::float8 AS quantity, SUM(amount)::float8 AS amount,
                       ARRAY_AGG(DISTINCT document_id) AS document_ids, MAX(date) AS last_date
                  FROM own
                 WHERE quantity <> 0
              GROUP BY product_id
                HAVING SUM(quantity) > 0
            ), paid AS (
                SELECT product_id, (SUM(amount) / NULLIF(SUM(quantity), 0))::float8 AS others_price
                  FROM (%(others)s) line
              GROUP BY product_id
                HAVING SUM(quantity) > 0
            )
            SELECT bought.*, paid.others_price
              FROM bought LEFT JOIN paid ON paid.product_id = bought.product_id
          ORDER BY bought.amount DESC, bought.product_id
            """,
            own=lines_sql(today, own, self.env['key.account.calloff']._freed_sql()),
            others=lines_sql(today, others, SQL("SELECT 0 AS quantity")))

    def _ordered_lines_sql(self, today, condition, freed):
        """Lines of confirmed orders.

        :param date today: last day of the 12 months
        :param SQL condition: on ``line`` and ``partner``
        :param SQL freed: SELECT of the quantity that does not count any more
        """
        company = self.company_id
        return SQL(
            """
            SELECT line.product_id, sale_order.id AS document_id,
                   (sale_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date,
                   (line.product_uom_qty - freed.quantity) * (line_unit.factor / unit.factor)::numeric AS quantity,
                   line.price_subtotal / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)::numeric
                       * (1 - COALESCE(freed.quantity / NULLIF(line.product_uom_qty, 0), 0)) AS amount
              FROM res_partner partner
              JOIN sale_order ON sale_order.partner_id = partner.id
              JOIN sale_order_line line ON line.order_id = sale_order.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom unit ON unit.id = template.uom_id
              JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
        CROSS JOIN LATERAL (%(freed)s) freed
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND sale_order.date_order > %(after)s AND sale_order.date_order <= %(until)s
               AND line.display_type IS NULL AND %(goods)s AND %(condition)s
            """,
            zone=company.partner_id.tz or 'UTC', company=company.id, freed=freed, condition=condition,
            goods=self._goods_sql('sale.order.line'), until=self._end_of_day(company, today),
            after=self._end_of_day(company, self._get_periods(today)[0]))

    def _invoiced_lines_sql(self, today, condition, freed):
        """Lines of posted invoices; credit notes subtract. Arguments as in :meth:`_ordered_lines_sql`."""
        return SQL(
            """
            SELECT line.product_id, move.id AS document_id, move.invoice_date AS date,
                   CASE WHEN move.move_type = 'out_refund' THEN -line.quantity ELSE line.quantity END
                       * (COALESCE(line_unit.factor / unit.factor, 1))::numeric AS quantity,
                   -line.balance AS amount
              FROM res_partner partner
              JOIN account_move move ON move.partner_id = partner.id
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom unit ON unit.id = template.uom_id
         LEFT JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
             WHERE move.company_id = %(company)s AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.invoice_date > %(start)s AND move.invoice_date <= %(today)s AND %(goods)s AND %(condition)s
            """,
            company=self.company_id.id, start=self._get_periods(today)[0], today=today, condition=condition,
            goods=self._goods_sql('account.move.line'))

    @api.model
    def _goods_sql(self, model):
        """What an agreement can cover: no deposit, discount on the whole, delivery, expense, reward, combo or part of one."""
        present = self.env[model]._fields
        return SQL(" AND ").join([
            SQL("template.type <> 'combo'"),
            SQL("COALESCE(line.extra_tax_data ->> 'computation_key', '') NOT LIKE 'global_discount,%%'"),
            *(SQL("%s IS NOT TRUE", SQL.identifier('line', name)) for name in FLAGS if name in present),
            *(SQL("%s IS NULL", SQL.identifier('line', name)) for name in LINKS if name in present)])

    def action_propose_agreement(self):
        """Open the assistant that proposes an agreement from what the customer bought in the last 12 months."""
        self.ensure_one()
        today = self.env['key.account.agreement']._get_day(self.company_id)
        return self.env['key.account.agreement.bundle']._open_for(self, today)._reopen()
