from odoo import api, fields, models
from odoo.tools import SQL

OTHERS = 3  # so many other customers make a price usual
BAND = SQL("FLOOR(LN(quantity::float8) / LN(2::float8) + 1e-9)")  # the logarithm of exact numbers takes ten times as long


class KeyAccountRiskRule(models.Model):
    """A customer pays more for a product than others who buy as much of it."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('price_above_peers', "Price above that of others")], ondelete={'price_above_peers': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'price_above_peers'}

    @api.model
    def _get_peer_kinds(self):
        return super()._get_peer_kinds() | {'price_above_peers'}

    def _detect_price_above_peers(self, accounts, today):
        """The price is above the median of what others paid by more than the percent of the limit.

        Prices are those of 12 months, averaged per customer over lines of similar quantity: from one power of two to the
        next, so that none is twice another. The median is that of at least three others, without the customer itself. Of
        several quantities the one counts where most money is at stake: what the customer paid above the median.
        """
        return SQL(
            """
            SELECT DISTINCT ON (paid.account_id, paid.product_id)
                   paid.account_id, 'product.product' AS res_model, paid.product_id AS res_id,
                   (paid.price - usual.price) * paid.quantity AS amount,
                   jsonb_build_object('paid_price', ROUND(paid.price::numeric, 2),
                                      'usual_price', ROUND(usual.price::numeric, 2)) AS facts
              FROM (%(middles)s) paid
        CROSS JOIN LATERAL (SELECT (paid.lower + paid.upper) / 2 AS price) usual
              JOIN %(accounts)s account ON account.id = paid.account_id
             WHERE paid.others >= %(enough)s AND paid.price > usual.price
               AND ROUND(paid.price::numeric, 6) > ROUND(usual.price::numeric * (1 + %(limit)s / 100), 6)
          ORDER BY paid.account_id, paid.product_id, (paid.price - usual.price) * paid.quantity DESC
            """, accounts=accounts, middles=self._middles_sql(today), enough=OTHERS, limit=self._get_limit())

    def _middles_sql(self, today):
        """The one or two prices in the middle of those of the others, for each customer, product and similar quantity.

        The others stand in the order of all prices, behind its own place one further: whoever is above the middle leaves it
        where it is."""
        return SQL(
            """
            SELECT *, NTH_VALUE(price, middle + (place <= middle)::integer) OVER all_prices AS lower,
                   NTH_VALUE(price, middle_2 + (place <= middle_2)::integer) OVER all_prices AS upper
              FROM (SELECT account_id, product_id, band, quantity, price, COUNT(*) OVER of_band - 1 AS others,
                           ROW_NUMBER() OVER by_price AS place,
                           (COUNT(*) OVER of_band / 2)::integer AS middle,
                           ((COUNT(*) OVER of_band + 1) / 2)::integer AS middle_2
                      FROM (SELECT account_id, product_id, %(band)s AS band, SUM(quantity::float8) AS quantity,
                                   SUM(revenue::float8) / SUM(quantity::float8) AS price
                              FROM key_account_sold
                             WHERE date > %(start)s AND quantity > 0 AND revenue > 0
                               AND product_id IS NOT NULL AND product_id <> ALL(%(beside)s)
                          GROUP BY account_id, product_id, band) priced
                    WINDOW of_band AS (PARTITION BY product_id, band),
                           by_price AS (PARTITION BY product_id, band ORDER BY price, account_id)) placed
             WHERE others > 0
            WINDOW all_prices AS (PARTITION BY product_id, band ORDER BY price, account_id
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
            """, start=self.env['key.account']._get_periods(today)[0], beside=self._get_beside(), band=BAND)


class KeyAccountRisk(models.Model):
    """What the customer paid is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_price_above_peers(self):
        return self._open_sales()
