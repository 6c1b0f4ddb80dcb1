from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

ENOUGH = 3  # orders in each of both times, so that no single one makes a trend


class KeyAccountRiskRule(models.Model):
    """The customer's orders are smaller than they used to be: part of what they need may come from somebody else now."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('order_size_down', "Orders are smaller")], ondelete={'order_size_down': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'order_size_down'}

    def _detect_order_size_down(self, accounts, today):
        """The average order of 6 months is at least the percent of the limit below that of the 12 months before. Where
        revenue comes from invoices those without an order are taken for orders, and what was credited counts less. At stake
        is what the orders of 6 months lack."""
        start = today - relativedelta(months=6)
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   (size.before - size.now) * size.orders AS amount,
                   jsonb_build_object('now_amount', ROUND(size.now, %(digits)s),
                                      'before_amount', ROUND(size.before, %(digits)s)) AS facts
              FROM (SELECT account_id, COUNT(*) FILTER (WHERE now > 0) AS orders,
                           SUM(now) / NULLIF(COUNT(*) FILTER (WHERE now > 0), 0) AS now,
                           SUM(before) / NULLIF(COUNT(*) FILTER (WHERE before > 0), 0) AS before
                      FROM (%(orders)s) sale
                  GROUP BY account_id
                    HAVING COUNT(*) FILTER (WHERE now > 0) >= %(enough)s
                       AND COUNT(*) FILTER (WHERE before > 0) >= %(enough)s) size
              JOIN %(accounts)s account ON account.id = size.account_id
             WHERE size.before > 0 AND size.now < size.before
               AND (size.before - size.now) * 100 >= size.before * %(limit)s
            """, accounts=accounts, enough=ENOUGH, limit=self._get_limit(),
            digits=self.env.company.currency_id.decimal_places, orders=SQL(
                """
                SELECT sold.account_id, COALESCE(SUM(sold.revenue) FILTER (WHERE sold.date > %(start)s), 0) AS now,
                       COALESCE(SUM(sold.revenue) FILTER (WHERE sold.date <= %(start)s), 0) AS before
                  FROM key_account_sold sold
                 WHERE sold.date > %(start_before)s
              GROUP BY sold.account_id, COALESCE(-sold.order_id, sold.move_id)
                """, start=start, start_before=start - relativedelta(years=1)))


class KeyAccountRisk(models.Model):
    """What they bought is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_order_size_down(self):
        return self.account_id.with_context(figure='growth').action_open_figure()
