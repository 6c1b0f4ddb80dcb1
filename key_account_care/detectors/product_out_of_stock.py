from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """What a customer buys is not in stock for too long. Without Odoo's inventory nothing is found."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('product_out_of_stock', "Product out of stock")], ondelete={'product_out_of_stock': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'product_out_of_stock'}

    def _detect_product_out_of_stock(self, accounts, today):
        """Bought in 12 months, and for at least the days of the limit nothing was there of what is stocked. At stake is what
        the customer buys of it in a month."""
        if 'is_storable' not in self.env['product.template']._fields or 'stock.move' not in self.env:
            return SQL(
                "SELECT id AS account_id, '' AS res_model, 0 AS res_id, 0 AS amount, '{}'::jsonb AS facts"
                " FROM key_account WHERE FALSE")
        return SQL(
            """
            WITH gone AS MATERIALIZED (%(gone)s)
            SELECT account.id AS account_id, 'product.product' AS res_model, gone.product_id AS res_id,
                   SUM(sold.revenue) / 12 AS amount, jsonb_build_object('since_date', gone.since) AS facts
              FROM gone
              JOIN key_account_sold sold ON sold.product_id = gone.product_id AND sold.date > %(start)s
              JOIN %(accounts)s account ON account.id = sold.account_id
             WHERE gone.since <= %(today)s - %(days)s
          GROUP BY account.id, gone.product_id, gone.since
            HAVING SUM(sold.quantity) > 0
            """, accounts=accounts, gone=self._out_of_stock_sql(), today=today, days=int(self.threshold),
            start=self.env['key.account']._get_periods(today)[0])

    @api.model
    def _out_of_stock_sql(self):
        """Products that moved once and of which nothing is there now, with the day since which it is so: of the first move
        after the last one that left something."""
        return SQL(
            """
            WITH empty AS MATERIALIZED (%(empty)s), step AS (%(steps)s), filled AS (
                SELECT product_id, MIN(place) FILTER (WHERE left_over > 0) AS place FROM step GROUP BY product_id
            )
            SELECT step.product_id, MIN(step.date) AS since
              FROM step JOIN filled ON filled.product_id = step.product_id
             WHERE filled.place IS NULL OR step.place < filled.place
          GROUP BY step.product_id
            """, empty=self._empty_sql(), steps=self._stock_steps_sql())

    @api.model
    def _empty_sql(self):
        """Products that are kept in stock and sold, and of which nothing is there, with the quantity: 0, or what is missing."""
        return SQL(
            """
            SELECT product.id AS product_id, own.factor AS factor, COALESCE(present.quantity, 0) AS quantity
              FROM product_template template
              JOIN product_product product ON product.product_tmpl_id = template.id AND product.active
              JOIN uom_uom own ON own.id = template.uom_id
         LEFT JOIN (SELECT quant.product_id, SUM(quant.quantity) AS quantity
                      FROM stock_quant quant
                      JOIN stock_location place ON place.id = quant.location_id AND place.usage = 'internal'
                     WHERE place.company_id = %s
                  GROUP BY quant.product_id) present ON present.product_id = product.id
             WHERE template.active AND template.sale_ok AND template.is_storable AND COALESCE(present.quantity, 0) <= 0
            """, self.env.company.id)

    @api.model
    def _stock_steps_sql(self):
        """The moves of ``empty`` into stock and out of it, the last one first, with what each left: what is there now without
        what came later. Quantities in another unit are rounded, as Odoo's stock counts them."""
        return SQL(
            """
            SELECT move.product_id, %(day)s AS date, ROW_NUMBER() OVER later AS place,
                   empty.quantity - SUM(change.quantity) OVER later + change.quantity AS left_over
              FROM empty
              JOIN stock_move move ON move.product_id = empty.product_id AND move.state = 'done'
                   AND move.company_id = %(company)s
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location target ON target.id = move.location_dest_id
              JOIN uom_uom unit ON unit.id = move.product_uom
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN target.usage = 'internal' THEN 1 ELSE -1 END
                          * ROUND(COALESCE(move.quantity * unit.factor / NULLIF(empty.factor, 0), move.quantity), %(digits)s)
                          AS quantity) change
             WHERE (source.usage = 'internal') <> (target.usage = 'internal')
            WINDOW later AS (PARTITION BY move.product_id ORDER BY move.date DESC, move.id DESC)
            """, company=self.env.company.id, day=self._day_sql(SQL("move.date")),
            digits=self.env['decimal.precision'].precision_get('Product Unit'))
