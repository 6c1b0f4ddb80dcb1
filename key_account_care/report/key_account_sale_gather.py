from odoo import api, models
from odoo.tools import SQL


class KeyAccountSale(models.Model):
    """All sold lines in a table of their own: several steps of a run go over all of them, and to find them is most of their
    work."""
    _inherit = 'key.account.sale'

    @api.model
    def _gather(self, company, today, accounts):
        """Have the sold lines in the temporary table ``key_account_sold_line``, also those of archived accounts.

        The steps of a run, which tells by ``key_account_run`` in the context, share it until the run forgets it.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        if self.env.context.get('key_account_run') and self._is_gathered():
            return
        self._forget()
        condition = SQL("sale.account_id IN %s", accounts._ids) if accounts else SQL("TRUE")
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE key_account_sold_line AS %s", self._sold_sql(company, today, condition)))
        self.env.cr.execute("ANALYZE key_account_sold_line (account_id, product_id, product_categ_id, date)")

    @api.model
    def _release(self):
        """Say that a step has done with the table."""
        if not self.env.context.get('key_account_run'):
            self._forget()

    @api.model
    def _forget(self):
        """Drop what was gathered."""
        if self._is_gathered():
            self.env.cr.execute("DROP TABLE pg_temp.key_account_sold_line CASCADE")

    @api.model
    def _is_gathered(self):
        return self.env.execute_query(SQL("SELECT to_regclass('pg_temp.key_account_sold_line') IS NOT NULL"))[0][0]

    @api.model
    def _sold_sql(self, company, today, condition):
        """:param SQL condition: on ``sale``"""
        return SQL(
            """
            SELECT sale.account_id, sale.is_active, sale.product_id, sale.product_categ_id, sale.date,
                   sale.quantity::numeric AS quantity, sale.revenue::numeric AS revenue, sale.margin::numeric AS margin,
                   sale.order_id, sale.move_id
              FROM (%(sales)s) sale
             WHERE sale.date <= %(today)s AND %(condition)s
            """, sales=self._get_sales_sql(company), condition=condition, today=today)
