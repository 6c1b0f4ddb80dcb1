from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

ENOUGH = 6  # days with an order in 12 months, below which half a year tells nothing


class KeyAccountRiskRule(models.Model):
    """The customer orders less often than before."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('order_frequency_down', "Orders come less often")], ondelete={'order_frequency_down': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'order_frequency_down'}

    def _detect_order_frequency_down(self, accounts, today):
        """In 6 months at least the percent of the limit fewer days with an order than usual, which is half of those of the 12
        months before. A customer without any order in these months counts, too. At stake is the usual day for each day that
        is missing."""
        start = today - relativedelta(months=6)
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   (often.before / 2.0 - often.now) * often.revenue / often.before AS amount,
                   jsonb_build_object('now', often.now, 'usual', ROUND(often.before / 2.0, 1)) AS facts
              FROM (SELECT account_id, COUNT(*) FILTER (WHERE date > %(start)s) AS now,
                           COUNT(*) FILTER (WHERE date <= %(start)s) AS before,
                           SUM(revenue) FILTER (WHERE date <= %(start)s) AS revenue
                      FROM (SELECT sold.account_id, sold.date, SUM(sold.revenue) AS revenue
                              FROM key_account_sold sold
                             WHERE sold.date > %(start_before)s
                          GROUP BY sold.account_id, sold.date HAVING SUM(sold.revenue) > 0) day
                  GROUP BY account_id) often
              JOIN %(accounts)s account ON account.id = often.account_id
             WHERE often.before >= %(enough)s AND often.now * 2 < often.before
               AND (often.before - 2 * often.now) * 100 >= often.before * %(limit)s
            """, accounts=accounts, start=start, start_before=start - relativedelta(years=1), enough=ENOUGH,
            limit=self._get_limit())


class KeyAccountRisk(models.Model):
    """What they usually order, and when again, is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_order_frequency_down(self):
        return self.account_id.action_open_rhythms()
