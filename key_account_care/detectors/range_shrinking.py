from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

ENOUGH = 4  # products, below which one that is missing is already much


class KeyAccountRiskRule(models.Model):
    """The customer still buys, but fewer products than before: the others may come from somebody else now."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('range_shrinking', "Range shrinks")], ondelete={'range_shrinking': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'range_shrinking'}

    def _detect_range_shrinking(self, accounts, today):
        """In 6 months at least the percent of the limit fewer products than in the 6 months before. What was credited in full
        was not bought. At stake is what the customer spent on those that are missing."""
        start = today - relativedelta(months=6)
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id, range.amount,
                   jsonb_build_object('now', range.now, 'before', range.before, 'missing', range.missing) AS facts
              FROM (SELECT account_id, COUNT(*) FILTER (WHERE now > 0) AS now, COUNT(*) FILTER (WHERE before > 0) AS before,
                           COUNT(*) FILTER (WHERE missing) AS missing, SUM(before) FILTER (WHERE missing) AS amount
                      FROM (SELECT *, before > 0 AND now <= 0 AS missing FROM (%(products)s) product) product
                  GROUP BY account_id) range
              JOIN %(accounts)s account ON account.id = range.account_id
             WHERE range.before >= %(enough)s AND range.now BETWEEN 1 AND range.before - 1
               AND (range.before - range.now) * 100 >= range.before * %(limit)s
            """, accounts=accounts, enough=ENOUGH, limit=self._get_limit(), products=SQL(
                """
                SELECT sold.account_id, sold.product_id,
                       COALESCE(SUM(sold.revenue) FILTER (WHERE sold.date > %(start)s), 0) AS now,
                       COALESCE(SUM(sold.revenue) FILTER (WHERE sold.date <= %(start)s), 0) AS before
                  FROM key_account_sold sold
                 WHERE sold.date > %(start_before)s AND sold.product_id IS NOT NULL AND sold.product_id <> ALL(%(beside)s)
              GROUP BY sold.account_id, sold.product_id
                """, start=start, start_before=today - relativedelta(years=1), beside=self._get_beside()))


class KeyAccountRisk(models.Model):
    """What they used to buy, and what others buy, is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_range_shrinking(self):
        return self.account_id.action_open_whitespace()
