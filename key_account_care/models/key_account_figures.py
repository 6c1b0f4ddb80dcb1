from datetime import datetime, time

import pytz
from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

FIGURES = (
    'revenue', 'revenue_previous', 'margin', 'margin_previous', 'growth', 'share', 'cumulative_share', 'rank',
    'order_count', 'first_order_date', 'last_order_date', 'order_interval_days', 'lifecycle', 'figures_refreshed_on',
)
MANY = 1000  # new accounts, from which on PostgreSQL has to look at them again


class KeyAccount(models.Model):
    """The nightly steps that find the accounts and compute their figures."""
    _inherit = 'key.account'

    @api.model
    def _get_periods(self, today):
        """The days after which the trailing 12 months and the 12 months before begin.

        :param date today: last day of the trailing 12 months
        :return: tuple of dates (start, start of the period before); each period begins the day after
        """
        return today - relativedelta(years=1), today - relativedelta(years=2)

    # ------------------------------------------------------------
    # Accounts
    # ------------------------------------------------------------

    @api.model
    def _refresh_accounts(self, company, today, accounts):
        """Open an account for every customer that has bought in the last 24 months, and archive with the customer.

        :param res.company company: company to look at
        :param date today: last day that counts
        :param key.account accounts: when given, no accounts are opened
        """
        if not accounts:
            self._open_accounts(company, today)
        self._store_columns(SQL(
            """
            SELECT account.id, partner.active AND partner.commercial_partner_id = partner.id AS active
              FROM key_account account
              JOIN res_partner partner ON partner.id = account.partner_id
             WHERE %s
            """, accounts._get_scope(company)), ('active',))

    @api.model
    def _open_accounts(self, company, today):
        """Our own companies are no customers. The key account manager is the customer's salesperson, else who of our
        present people sold to it last."""
        self.env.cr.execute(SQL(
            """
            WITH stranger AS MATERIALIZED (
                SELECT partner.id, partner.commercial_partner_id AS customer_id
                  FROM res_partner partner
                 WHERE NOT EXISTS (SELECT FROM key_account account
                                    WHERE account.partner_id = partner.commercial_partner_id
                                      AND account.company_id = %(company)s)
                   AND NOT EXISTS (SELECT FROM res_company WHERE res_company.partner_id = partner.commercial_partner_id)
            ), purchases AS (
                %(purchases)s
            ), sellers AS (
                SELECT DISTINCT ON (purchase.customer_id) purchase.customer_id, purchase.user_id
                  FROM purchases purchase
                  JOIN res_users seller ON seller.id = purchase.user_id AND seller.active AND NOT seller.share
              ORDER BY purchase.customer_id, purchase.is_order DESC, purchase.date DESC, purchase.id DESC
            )
            INSERT INTO key_account (
                        partner_id, company_id, currency_id, active, user_id,
                        tier_locked, missed_runs, decline_holds, create_uid, create_date, write_uid, write_date)
                 SELECT customer.id, %(company)s, %(currency)s, customer.active,
                        COALESCE(salesperson.id, sellers.user_id),
                        FALSE, 0, FALSE, %(uid)s, %(now)s, %(uid)s, %(now)s
                   FROM (SELECT DISTINCT customer_id FROM purchases) newcomer
                   JOIN res_partner customer ON customer.id = newcomer.customer_id
              LEFT JOIN sellers ON sellers.customer_id = customer.id
              LEFT JOIN res_users salesperson
                     ON salesperson.id = customer.user_id AND salesperson.active AND NOT salesperson.share
               ORDER BY customer.id
            ON CONFLICT (partner_id, company_id) DO NOTHING
            """,
            company=company.id, currency=company.currency_id.id, uid=self.env.uid, now=fields.Datetime.now(),
            purchases=self._purchases_sql(company, today)))
        if self.env.cr.rowcount >= MANY:
            # the next statements must not be planned for a table as empty as it was; autovacuum comes too late for them
            self.env.cr.execute("ANALYZE key_account")

    @api.model
    def _purchases_sql(self, company, today):
        """Confirmed orders and posted invoices of the last 24 months by ``stranger``: customer, seller and date."""
        start = self._get_periods(today)[1]
        return SQL(
            """
            SELECT stranger.customer_id, TRUE AS is_order, sale_order.id, sale_order.user_id,
                   sale_order.date_order AS date
              FROM sale_order JOIN stranger ON stranger.id = sale_order.partner_id
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND sale_order.date_order > %(after)s AND sale_order.date_order <= %(until)s
             UNION ALL
            SELECT stranger.customer_id, FALSE, move.id, move.invoice_user_id, move.invoice_date
              FROM account_move move JOIN stranger ON stranger.id = move.partner_id
             WHERE move.company_id = %(company)s AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.invoice_date > %(start)s AND move.invoice_date <= %(today)s
            """, company=company.id, start=start, today=today,
            after=self._end_of_day(company, start), until=self._end_of_day(company, today))

    @api.model
    def _end_of_day(self, company, day):
        """The last moment of a day in the time zone of the company, as naive UTC."""
        zone = pytz.timezone(company.partner_id.tz or 'UTC')
        return zone.localize(datetime.combine(day, time.max)).astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    @api.model
    def _refresh_figures(self, company, today, accounts):
        """Compute and store all figures. Ranks and shares of the other accounts follow when only some are computed.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        self.env['key.account.sale']._gather(company, today, accounts)
        self._store_columns(self._figures_sql(company, today, accounts), FIGURES)
        if not accounts:
            company.sudo().key_account_figures_day = today  # sudo: the run works for everybody, whoever started it
        self.env['key.account.sale']._release()

    @api.model
    def _figures_sql(self, company, today, accounts):
        """All figures of all accounts of the company; those outside of ``accounts`` only get a new place."""
        return SQL(
            """
            WITH sales AS (%(sales)s), orders AS (%(orders)s),
            computed AS (
                SELECT account.id, account.active,
                       COALESCE(sales.revenue, 0) AS revenue, COALESCE(sales.revenue_previous, 0) AS revenue_previous,
                       COALESCE(sales.margin, 0) AS margin, COALESCE(sales.margin_previous, 0) AS margin_previous,
                       COALESCE(orders.order_count, 0) AS order_count, orders.first_order_date,
                       orders.last_order_date, COALESCE(orders.order_interval_days, 0) AS order_interval_days,
                       %(refreshed_on)s::date AS figures_refreshed_on
                  FROM key_account account
             LEFT JOIN sales ON sales.account_id = account.id
             LEFT JOIN orders ON orders.partner_id = account.partner_id
                 WHERE %(scope)s
            ), all_accounts AS (
                SELECT * FROM computed %(others)s
            ), compared AS (
                SELECT *, ((revenue - revenue_previous)
                           / CASE WHEN revenue_previous > 0 THEN revenue_previous END)::float8 AS growth
                  FROM all_accounts
            )
            SELECT id, revenue, revenue_previous, margin, margin_previous, growth, order_count, first_order_date,
                   last_order_date, order_interval_days, figures_refreshed_on,
                   %(lifecycle)s AS lifecycle,
                   CASE WHEN active THEN GREATEST(revenue, 0) / total ELSE 0 END AS share,
                   CASE WHEN active THEN running / total ELSE 0 END AS cumulative_share,
                   CASE WHEN active THEN place ELSE 0 END AS rank
              FROM (SELECT compared.*,
                           (NULLIF(SUM(GREATEST(revenue, 0)) OVER (PARTITION BY active), 0))::float8 AS total,
                           (SUM(GREATEST(revenue, 0)) OVER by_revenue)::float8 AS running,
                           ROW_NUMBER() OVER by_revenue AS place
                      FROM compared
                    WINDOW by_revenue AS (PARTITION BY active ORDER BY revenue DESC, id ROWS UNBOUNDED PRECEDING)
                   ) placed
            """,
            sales=self._sales_sql(company, today), orders=self._orders_sql(company, today, accounts),
            scope=accounts._get_scope(company), lifecycle=self._lifecycle_sql(company, today),
            refreshed_on=today if accounts else None,
            others=self._others_sql(company, accounts))

    @api.model
    def _others_sql(self, company, accounts):
        """The accounts that are not computed now, with the figures they have."""
        if not accounts:
            return SQL("")
        return SQL(
            """
            UNION ALL
            SELECT id, active, revenue, revenue_previous, margin, margin_previous, order_count, first_order_date,
                   last_order_date, order_interval_days, figures_refreshed_on
              FROM key_account account
             WHERE company_id = %s AND id NOT IN %s
            """, company.id, tuple(accounts.ids))

    @api.model
    def _limit_sql(self, partner, accounts):
        """Condition on a commercial partner that limits a statement to the customers of ``accounts``."""
        if not accounts:
            return SQL("TRUE")
        return SQL("%s IN %s", partner, tuple(accounts.partner_id.ids))

    @api.model
    def _sales_sql(self, company, today):
        start, start_previous = self._get_periods(today)
        return SQL(
            """
            SELECT account_id,
                   ROUND(SUM(revenue) FILTER (WHERE date > %(start)s), %(digits)s) AS revenue,
                   ROUND(SUM(revenue) FILTER (WHERE date <= %(start)s), %(digits)s) AS revenue_previous,
                   ROUND(SUM(margin) FILTER (WHERE date > %(start)s), %(digits)s) AS margin,
                   ROUND(SUM(margin) FILTER (WHERE date <= %(start)s), %(digits)s) AS margin_previous
              FROM key_account_sold_line
             WHERE date > %(start_previous)s
          GROUP BY account_id
            """, start=start, start_previous=start_previous, digits=company.currency_id.decimal_places)

    @api.model
    def _orders_sql(self, company, today, accounts):
        """Number, first, last and usual interval of orders.

        Confirmed orders; of a customer that never had one (its history came as invoices) the posted invoices.
        """
        limit = self._limit_sql(SQL("partner.commercial_partner_id"), accounts)
        ordered = SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id,
                   (sale_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS date
              FROM sale_order JOIN res_partner partner ON partner.id = sale_order.partner_id
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND sale_order.date_order <= %(until)s AND %(limit)s
            """,
            company=company.id, zone=company.partner_id.tz or 'UTC', until=self._end_of_day(company, today),
            limit=limit)
        # of customers without an order, who are few or all of them: to find them first saves looking at all invoices
        invoiced = SQL(
            """
            SELECT stranger.commercial_partner_id AS partner_id, move.invoice_date AS date
              FROM account_move move
              JOIN (SELECT partner.id, partner.commercial_partner_id
                      FROM res_partner partner
                     WHERE %(limit)s
                       AND NOT EXISTS (SELECT FROM ordered WHERE ordered.partner_id = partner.commercial_partner_id)
                    OFFSET 0) stranger ON stranger.id = move.partner_id
             WHERE move.company_id = %(company)s AND move.state = 'posted' AND move.move_type = 'out_invoice'
               AND move.invoice_date <= %(today)s
            """, company=company.id, today=today, limit=limit)
        return SQL(
            "WITH ordered AS (%s) SELECT * FROM ordered UNION ALL (%s)",
            self._rhythm_sql(ordered, today), self._rhythm_sql(invoiced, today))

    @api.model
    def _rhythm_sql(self, documents, today):
        """The interval is (last - first) / (days with an order - 1) over 24 months, rounded as the field shows it: more
        digits would not survive being stored, and every run would rewrite the row.
        """
        start, start_previous = self._get_periods(today)
        return SQL(
            """
            SELECT partner_id,
                   SUM(documents) FILTER (WHERE date > %(start)s) AS order_count,
                   MIN(date) AS first_order_date, MAX(date) AS last_order_date,
                   ROUND((MAX(date) - MIN(date) FILTER (WHERE date > %(start_previous)s))::numeric
                       / NULLIF(COUNT(*) FILTER (WHERE date > %(start_previous)s) - 1, 0), 1) AS order_interval_days
              FROM (SELECT partner_id, date, COUNT(*) AS documents
                      FROM (%(documents)s) document GROUP BY partner_id, date) day
          GROUP BY partner_id
            """, start=start, start_previous=start_previous, documents=documents)

    @api.model
    def _lifecycle_sql(self, company, today):
        """Where a customer stands, by its last order first, then by its age, then by its growth.

        A customer is lost without an order in 12 months, at risk when its last order is older than a number of its
        own intervals (no less than 30 days), new for some months after its first order.
        """
        return SQL(
            """
            CASE WHEN last_order_date IS NULL THEN NULL
                 WHEN last_order_date <= %(start)s THEN 'lost'
                 WHEN order_interval_days > 0
                      AND %(today)s::date - last_order_date > GREATEST(30, %(factor)s * order_interval_days)
                 THEN 'at_risk'
                 WHEN first_order_date > %(new_since)s THEN 'new'
                 WHEN growth >= %(change)s THEN 'growing'
                 WHEN growth <= -%(change)s THEN 'shrinking'
                 ELSE 'active' END
            """,
            start=self._get_periods(today)[0], today=today, factor=company.key_account_risk_factor,
            new_since=today - relativedelta(months=company.key_account_new_months),
            change=company.key_account_growth_percent / 100)
