from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountSpending(models.Model):
    """What a customer spends in a product category: one row for each category it has ever bought something of.

    The category is that of the product itself, not those above it. Amounts are revenue, untaxed, less what was credited;
    discounts on the whole and deliveries belong to no category. What was credited in full was not bought.
    """
    _name = 'key.account.spending'
    _inherit = ['key.account.derived.mixin']
    _description = "Spending in a Category"
    _order = 'amount desc, id'
    _rec_name = 'product_categ_id'

    account_id = fields.Many2one('key.account', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    product_categ_id = fields.Many2one(
        'product.category', string="Product Category", required=True, readonly=True, index=True, ondelete='cascade')
    amount = fields.Monetary(string="12 Months", readonly=True)
    amount_previous = fields.Monetary(string="12 Months Before", readonly=True)
    last_date = fields.Date(string="Last Bought", readonly=True)

    _account_categ_uniq = models.Constraint('UNIQUE (account_id, product_categ_id)', "There is one row of a category.")

    @api.model
    def _refresh_spending(self, company, today, accounts):
        """Sum up what the customers spent by category.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        self._store_rows(
            self._spending_sql(company, today, accounts),
            ('account_id', 'company_id', 'product_categ_id', 'amount', 'amount_previous', 'last_date'),
            ('account_id', 'product_categ_id'),
            SQL("old.account_id IN (SELECT account.id FROM key_account account WHERE %s)", accounts._get_scope(company)))

    @api.model
    def _spending_sql(self, company, today, accounts):
        start, start_previous = self.env['key.account']._get_periods(today)
        Sale = self.env['key.account.sale']
        return SQL(
            """
            SELECT sale.account_id, %(company)s AS company_id, sale.product_categ_id,
                   COALESCE(ROUND(SUM(sale.revenue) FILTER (WHERE %(year)s)::numeric, %(digits)s), 0) AS amount,
                   COALESCE(ROUND(SUM(sale.revenue) FILTER (WHERE %(year_before)s)::numeric, %(digits)s), 0)
                       AS amount_previous,
                   MAX(sale.date) FILTER (WHERE sale.revenue > 0) AS last_date
              FROM key_account account
              JOIN (%(sales)s) sale ON sale.account_id = account.id
             WHERE %(scope)s AND account.active AND sale.date <= %(today)s
               AND sale.product_categ_id IS NOT NULL AND sale.product_id <> ALL(%(beside)s)
          GROUP BY sale.account_id, sale.product_categ_id
            HAVING GREATEST(SUM(sale.revenue), SUM(sale.revenue) FILTER (WHERE %(year)s)) > 0
            """,
            company=company.id, today=today, digits=company.currency_id.decimal_places, scope=accounts._get_scope(company),
            sales=Sale._get_sales_sql(company, cost=False), beside=Sale._get_products_beside(company).ids,
            year=SQL("sale.date > %s", start), year_before=SQL("sale.date > %s AND sale.date <= %s", start_previous, start))
