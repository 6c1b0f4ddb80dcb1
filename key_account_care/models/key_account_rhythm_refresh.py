from odoo import api, fields, models
from odoo.tools import SQL

ORDER_DAYS = 3  # fewer have one interval or none, which tells nothing about the next


class KeyAccountRhythm(models.Model):
    """The nightly step that finds the rhythms."""
    _inherit = 'key.account.rhythm'

    @api.model
    def _refresh_rhythm(self, company, today, accounts):
        """Find the rhythms of all products that the customers order again and again.

        Confirmed orders count; of a customer without any in these months (its history came as invoices) the posted
        invoices. Products that are no longer sold have no rhythm, nor have discounts, deliveries, rewards and expenses.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        self._gather_days(company, today, accounts)
        self._store_rows(
            self._rhythms_sql(company),
            ('account_id', 'company_id', 'product_id', 'interval_days', 'spread_days', 'usual_quantity', 'usual_amount',
             'order_count', 'last_date', 'next_date', 'tolerated_until', 'lapsed_after', 'confidence'),
            ('account_id', 'product_id'),
            SQL("old.account_id IN (SELECT account.id FROM key_account account WHERE %s)", accounts._get_scope(company)))
        self.env.cr.execute("DROP TABLE key_account_day")

    @api.model
    def _rhythms_sql(self, company):
        """The stored columns, from what is usual and the spread. Rounded first: what is shown is what it is made of."""
        return SQL(
            """
            WITH day AS MATERIALIZED (%(days)s), usual AS MATERIALIZED (%(usual)s), spread AS (%(spread)s),
            measured AS (
                SELECT usual.*, ROUND(usual.median::numeric, 1) AS interval_days,
                       ROUND((1.4826 * spread.median)::numeric, 1) AS spread_days
                  FROM usual JOIN spread USING (account_id, product_id)
            ), expected AS (
                SELECT *, last_date + ROUND(interval_days)::integer AS next_date,
                       CEIL(%(lapse)s * interval_days)::integer AS lapse
                  FROM measured
            )
            SELECT account_id, %(company)s AS company_id, product_id, interval_days, spread_days, usual_quantity,
                   usual_amount, order_count, last_date, next_date,
                   next_date + LEAST(lapse, GREATEST(%(tolerance)s, CEIL(spread_days)::integer)) AS tolerated_until,
                   next_date + lapse AS lapsed_after,
                   ROUND(100 * order_count * GREATEST(0, interval_days - spread_days)
                         / ((order_count + 1) * interval_days))::integer AS confidence
              FROM expected
            """,
            company=company.id, days=self._days_sql(company), usual=self._usual_sql(company), spread=self._spread_sql(),
            tolerance=company.key_account_rhythm_tolerance, lapse=str(company.key_account_rhythm_lapse))

    # ------------------------------------------------------------
    # What was ordered on which day
    # ------------------------------------------------------------

    @api.model
    def _gather_days(self, company, today, accounts):
        """Put into a table what was ordered of a product on a day; PostgreSQL plans the rest by what is in it."""
        Sale, Account = self.env['key.account.sale'], self.env['key.account']
        Sale._gather(company, today, accounts)
        after = fields.Date.subtract(today, months=company.key_account_rhythm_months)
        sales = {
            'order': Sale._ordered_sql(company, Account._end_of_day(company, after), Account._end_of_day(company, today)),
            'invoice': SQL("%s AND move.invoice_date > %s AND move.invoice_date <= %s",
                           Sale._invoiced_sql(company, cost=False), after, today),
            company.key_account_revenue_source: SQL("SELECT * FROM key_account_sold_line WHERE date > %s", after),
        }
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE key_account_day ON COMMIT DROP AS %s",
            self._days_of_sql(sales['order'], company, accounts)))
        self.env.cr.execute("ANALYZE key_account_day")
        self.env.cr.execute(SQL("INSERT INTO key_account_day %s", self._days_of_sql(
            sales['invoice'], company, accounts,
            SQL("NOT EXISTS (SELECT FROM key_account_day ordered WHERE ordered.account_id = account.id)"))))
        Sale._release()

    @api.model
    def _days_of_sql(self, sales, company, accounts, condition=None):
        """:param SQL sales: SELECT with the columns of ``key.account.sale``
        :param SQL condition: on ``account``; none for all
        """
        return SQL(
            """
            SELECT sale.account_id, sale.product_id, sale.date, SUM(sale.quantity) AS quantity, SUM(sale.revenue) AS amount
              FROM key_account account
              JOIN (%(sales)s) sale ON sale.account_id = account.id
             WHERE %(scope)s AND account.active AND %(condition)s AND sale.product_id IS NOT NULL
          GROUP BY sale.account_id, sale.product_id, sale.date
            HAVING SUM(sale.quantity) > 0
            """, sales=sales, scope=accounts._get_scope(company), condition=condition or SQL("TRUE"))

    # ------------------------------------------------------------
    # What is usual
    # ------------------------------------------------------------

    @api.model
    def _days_sql(self, company):
        """The days of products that have enough of them and can be ordered again, with the days since the time before."""
        return SQL(
            """
            SELECT day.*
              FROM (SELECT sold.*, COUNT(*) OVER same AS order_count,
                           sold.date - LAG(sold.date) OVER (same ORDER BY sold.date) AS days
                      FROM key_account_day sold
                    WINDOW same AS (PARTITION BY sold.account_id, sold.product_id)) day
              JOIN product_product product ON product.id = day.product_id AND product.active
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE day.order_count >= %(order_days)s
               AND template.active AND template.sale_ok AND template.type <> 'combo'
               AND COALESCE(template.expense_policy, 'no') = 'no' AND product.id <> ALL(%(beside)s)
            """, order_days=ORDER_DAYS, beside=self.env['key.account.sale']._get_products_beside(company).ids)

    @api.model
    def _usual_sql(self, company):
        """Of two quantities in the middle the lower one, which was really ordered; so with amounts."""
        return SQL(
            """
            SELECT account_id, product_id, COUNT(*) AS order_count, MAX(date) AS last_date,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS median,
                   ROUND((percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity))::numeric, %s) AS usual_quantity,
                   ROUND((percentile_disc(0.5) WITHIN GROUP (ORDER BY amount))::numeric, %s) AS usual_amount
              FROM day
          GROUP BY account_id, product_id
            """, self.env['decimal.precision'].precision_get('Product Unit'), company.currency_id.decimal_places)

    @api.model
    def _spread_sql(self):
        return SQL(
            """
            SELECT day.account_id, day.product_id,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY ABS(day.days - usual.median)) AS median
              FROM usual JOIN day USING (account_id, product_id)
             WHERE day.days IS NOT NULL
          GROUP BY day.account_id, day.product_id
            """)
