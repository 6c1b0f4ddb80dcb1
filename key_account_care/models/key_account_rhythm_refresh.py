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
        self._store_rows(
            self._rhythms_sql(company, today, accounts),
            ('account_id', 'company_id', 'product_id', 'interval_days', 'spread_days', 'usual_quantity', 'usual_amount',
             'order_count', 'last_date', 'next_date', 'tolerated_until', 'lapsed_after', 'confidence'),
            ('account_id', 'product_id'),
            SQL("old.account_id IN (SELECT account.id FROM key_account account WHERE %s)", accounts._get_scope(company)))

    @api.model
    def _rhythms_sql(self, company, today, accounts):
        """The stored columns, from what is usual and the spread. Rounded first: what is shown is what it is made of."""
        return SQL(
            """
            WITH ordered AS (%(ordered)s), day AS (%(days)s), usual AS (%(usual)s), spread AS (%(spread)s),
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
            company=company.id, ordered=self._ordered_sql(company, today, accounts), usual=self._usual_sql(company),
            days=self._days_sql(company, today, accounts), spread=self._spread_sql(),
            tolerance=company.key_account_rhythm_tolerance, lapse=str(company.key_account_rhythm_lapse))

    @api.model
    def _ordered_sql(self, company, today, accounts):
        """What was ordered in these months, by the one definition of what a customer bought."""
        return SQL(
            """
            SELECT sale.account_id, sale.product_id, sale.date, sale.quantity, sale.revenue
              FROM key_account account
              JOIN (%s) sale ON sale.account_id = account.id
             WHERE %s AND account.active AND %s
            """,
            self.env['key.account.sale']._ordered_sql(company), accounts._get_scope(company),
            self._period_sql(company, today))

    @api.model
    def _period_sql(self, company, today):
        return SQL(
            "sale.date > %s AND sale.date <= %s",
            fields.Date.subtract(today, months=company.key_account_rhythm_months), today)

    @api.model
    def _days_sql(self, company, today, accounts):
        """What was ordered of a product on a day, and how many days after the time before."""
        # OFFSET 0: customers without an order are few or all of them; to find them first saves looking at all invoices
        return SQL(
            """
            SELECT account_id, product_id, date, SUM(quantity) AS quantity, SUM(revenue) AS amount,
                   date - LAG(date) OVER (PARTITION BY account_id, product_id ORDER BY date) AS days
              FROM (SELECT * FROM ordered
                     UNION ALL
                    SELECT sale.account_id, sale.product_id, sale.date, sale.quantity, sale.revenue
                      FROM (SELECT account.id FROM key_account account
                             WHERE %(scope)s AND account.active
                               AND NOT EXISTS (SELECT FROM ordered WHERE ordered.account_id = account.id)
                            OFFSET 0) stranger
                      JOIN (%(invoiced)s) sale ON sale.account_id = stranger.id
                     WHERE %(period)s) line
             WHERE product_id IS NOT NULL
          GROUP BY account_id, product_id, date
            HAVING SUM(quantity) > 0
            """,
            scope=accounts._get_scope(company), period=self._period_sql(company, today),
            invoiced=self.env['key.account.sale']._invoiced_sql(company))

    @api.model
    def _usual_sql(self, company):
        """Of two quantities in the middle the lower one, which was really ordered; so with amounts."""
        return SQL(
            """
            SELECT day.account_id, day.product_id, COUNT(*) AS order_count, MAX(day.date) AS last_date,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY day.days) AS median,
                   ROUND((percentile_disc(0.5) WITHIN GROUP (ORDER BY day.quantity))::numeric, %(unit_digits)s)
                       AS usual_quantity,
                   ROUND((percentile_disc(0.5) WITHIN GROUP (ORDER BY day.amount))::numeric, %(digits)s) AS usual_amount
              FROM day
              JOIN product_product product ON product.id = day.product_id AND product.active
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE template.active AND template.sale_ok AND template.type <> 'combo'
               AND COALESCE(template.expense_policy, 'no') = 'no' AND product.id <> ALL(%(beside)s)
          GROUP BY day.account_id, day.product_id
            HAVING COUNT(*) >= %(order_days)s
            """,
            digits=company.currency_id.decimal_places, order_days=ORDER_DAYS,
            unit_digits=self.env['decimal.precision'].precision_get('Product Unit'),
            beside=self.env['key.account.sale']._get_products_beside(company).ids)

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
