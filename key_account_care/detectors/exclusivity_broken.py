from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Somebody else bought what we promised to sell to this customer only."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('exclusivity_broken', "Exclusivity broken")], ondelete={'exclusivity_broken': 'cascade'})

    def _detect_exclusivity_broken(self, accounts, today):
        """Confirmed orders of the days of the limit by other customers, delivered to the region while it was promised. The
        warning is of the customer to whom it was promised; it names the product, the place and the day, not the buyer. At
        stake is what those lines come to."""
        since = today - timedelta(days=int(self.threshold))
        buyers = SQL("(SELECT * FROM key_account WHERE company_id = %s)", self.env.company.id)
        return SQL(
            """
            SELECT account_id, 'sale.order' AS res_model, res_id, SUM(amount) AS amount,
                   (ARRAY_AGG(jsonb_build_object('order_date', date, 'product', product, 'region', region)
                              ORDER BY amount DESC, product_id))[1] AS facts
              FROM (SELECT DISTINCT account.id AS account_id, line.res_id, line.line_id, line.product_id, line.date,
                           line.price * line.quantity AS amount, %(product)s AS product,
                           COALESCE(state.name, %(country)s) AS region
                      FROM key_account_exclusivity exclusivity
                      JOIN %(accounts)s account ON account.id = exclusivity.account_id
                 LEFT JOIN product_category category ON category.id = exclusivity.categ_id
                      JOIN (%(lines)s) line ON line.partner_id <> account.partner_id
                       AND line.date BETWEEN exclusivity.date_from AND COALESCE(exclusivity.date_until, line.date)
                      JOIN product_template template ON template.id = line.product_tmpl_id
                 LEFT JOIN product_category own ON own.id = template.categ_id
                 LEFT JOIN res_partner place ON place.id = line.partner_shipping_id
                 LEFT JOIN res_country_state state ON state.id = place.state_id
                 LEFT JOIN res_country country ON country.id = place.country_id
                     WHERE exclusivity.active AND %(region)s
                       AND (exclusivity.product_tmpl_id = template.id
                            OR own.parent_path LIKE category.parent_path || '%%')) broken
          GROUP BY account_id, res_id
            """, accounts=accounts, lines=self._recent_orders_sql(buyers, since, today), region=self._region_sql(),
            product=self._text_sql(SQL("template.name")), country=self._text_sql(SQL("country.name")))

    def _region_sql(self):
        return SQL(
            """
            (EXISTS (SELECT FROM key_account_exclusivity_country_rel link
                      WHERE link.exclusivity_id = exclusivity.id AND link.country_id = place.country_id)
             OR EXISTS (SELECT FROM key_account_exclusivity_state_rel link
                         WHERE link.exclusivity_id = exclusivity.id AND link.state_id = place.state_id)
             OR NOT EXISTS (SELECT FROM key_account_exclusivity_country_rel link WHERE link.exclusivity_id = exclusivity.id)
                AND NOT EXISTS (SELECT FROM key_account_exclusivity_state_rel link WHERE link.exclusivity_id = exclusivity.id))
            """)


class KeyAccountRisk(models.Model):
    """What was promised is seen; the order of the other customer may be none of the reader's business."""
    _inherit = 'key.account.risk'

    def _fix_exclusivity_broken(self):
        return self.account_id.action_open_exclusivity()
