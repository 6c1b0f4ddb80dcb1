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
        Sale = self.env['key.account.sale']
        Sale._gather(company, today, accounts)
        self._store_rows(
            self._spending_sql(company, today),
            ('account_id', 'company_id', 'product_categ_id', 'amount', 'amount_previous', 'last_date'),
            ('account_id', 'product_categ_id'),
            SQL("old.account_id IN (SELECT account.id FROM key_account account WHERE %s)", accounts._get_scope(company)))
        Sale._release()

    @api.model
    def _spending_sql(self, company, today):
        start, start_previous = self.env['key.account']._get_periods(today)
        return SQL(
            """
            SELECT account_id, %(company)s AS company_id, product_categ_id,
                   COALESCE(ROUND(SUM(revenue) FILTER (WHERE %(year)s), %(digits)s), 0) AS amount,
                   COALESCE(ROUND(SUM(revenue) FILTER (WHERE %(year_before)s), %(digits)s), 0) AS amount_previous,
                   MAX(date) FILTER (WHERE revenue > 0) AS last_date
              FROM key_account_sold_line
             WHERE is_active AND product_categ_id IS NOT NULL AND product_id <> ALL(%(beside)s)
          GROUP BY account_id, product_categ_id
            HAVING GREATEST(SUM(revenue), SUM(revenue) FILTER (WHERE %(year)s)) > 0
            """,
            company=company.id, digits=company.currency_id.decimal_places,
            beside=self.env['key.account.sale']._get_products_beside(company).ids,
            year=SQL("date > %s", start), year_before=SQL("date > %s AND date <= %s", start_previous, start))
