from odoo import api, fields, models
from odoo.tools import SQL

ENOUGH = 3  # lines in each of both years, so that no single one makes a trend


class KeyAccountRiskRule(models.Model):
    """We earn more on a product at a customer than a year ago: whoever asks for a second offer finds out."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('margin_crept', "Margin crept up")], ondelete={'margin_crept': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'margin_crept'}

    def _detect_margin_crept(self, accounts, today):
        """The margin of 12 months, in percent of the revenue, is at least the points of the limit above that of the 12
        months before. Credit notes count in both. At stake is what these points are of the revenue."""
        start = self.env['key.account']._get_periods(today)[0]
        return SQL(
            """
            SELECT account.id AS account_id, 'product.product' AS res_model, year.product_id AS res_id,
                   (now.share - before.share) * year.revenue AS amount,
                   jsonb_build_object('before_share', ROUND(before.share, 2), 'now_share', ROUND(now.share, 2)) AS facts
              FROM (SELECT sold.account_id, sold.product_id,
                           SUM(sold.revenue) FILTER (WHERE sold.date > %(start)s) AS revenue,
                           SUM(sold.margin) FILTER (WHERE sold.date > %(start)s) AS margin,
                           SUM(sold.revenue) FILTER (WHERE sold.date <= %(start)s) AS revenue_before,
                           SUM(sold.margin) FILTER (WHERE sold.date <= %(start)s) AS margin_before
                      FROM key_account_sold sold
                     WHERE sold.product_id <> ALL(%(beside)s)
                  GROUP BY sold.account_id, sold.product_id
                    HAVING COUNT(*) FILTER (WHERE sold.date > %(start)s AND sold.quantity > 0) >= %(enough)s
                       AND COUNT(*) FILTER (WHERE sold.date <= %(start)s AND sold.quantity > 0) >= %(enough)s) year
              JOIN %(accounts)s account ON account.id = year.account_id
        CROSS JOIN LATERAL (SELECT year.margin / year.revenue AS share WHERE year.revenue > 0) now
        CROSS JOIN LATERAL (SELECT year.margin_before / year.revenue_before AS share WHERE year.revenue_before > 0) before
             WHERE (now.share - before.share) * 100 >= %(limit)s
            """, accounts=accounts, start=start, enough=ENOUGH, limit=self._get_limit(), beside=self._get_beside())


class KeyAccountRisk(models.Model):
    """Price and margin of each sale of the product are seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_margin_crept(self):
        return self._open_sales()
