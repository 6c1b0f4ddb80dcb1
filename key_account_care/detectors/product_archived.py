from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A customer counts on a product that we do not sell any more, and that has no successor."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('product_archived', "Archived product")], ondelete={'product_archived': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'product_archived'}

    def _detect_product_archived(self, accounts, today):
        """Bought in 12 months or under agreement, and archived: the product, or the one variant. At stake is what they bought
        of it in 12 months."""
        return SQL(
            """
            WITH archived AS MATERIALIZED (
                SELECT product.id AS product_id, template.id AS product_tmpl_id, template.active IS NOT TRUE AS is_whole
                  FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
                 WHERE (product.active IS NOT TRUE OR template.active IS NOT TRUE)
                   AND template.key_account_successor_id IS NULL AND product.id <> ALL(%(beside)s)
            )
            SELECT account.id AS account_id, product.model AS res_model, product.id AS res_id, SUM(used.revenue) AS amount,
                   '{}'::jsonb AS facts
              FROM (%(used)s) used
              JOIN %(accounts)s account ON account.id = used.account_id
              JOIN product_template template ON template.id = used.product_tmpl_id
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN template.active THEN 'product.product' ELSE 'product.template' END AS model,
                          CASE WHEN template.active THEN used.product_id ELSE template.id END AS id) product
          GROUP BY account.id, product.model, product.id
            """, accounts=accounts, used=self._users_of_sql(SQL("archived"), today), beside=self._get_beside())
