from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Who buys some products, or has agreed on them."""
    _inherit = 'key.account.risk.rule'

    @api.model
    def _users_of_sql(self, wanted, today):
        """The accounts that bought some products in 12 months, or have a line for them in an agreement in force.

        :param SQL wanted: name of a table with ``product_id``, ``product_tmpl_id`` and ``is_whole``: all variants are meant
        :return: SQL with the columns account_id, product_id, product_tmpl_id, revenue (of 12 months)
        """
        return SQL(
            """
            SELECT account_id, product_id, product_tmpl_id, SUM(revenue) AS revenue
              FROM (SELECT sold.account_id, wanted.product_id, wanted.product_tmpl_id, SUM(sold.revenue) AS revenue
                      FROM %(wanted)s wanted JOIN key_account_sold sold ON sold.product_id = wanted.product_id
                     WHERE sold.date > %(start)s
                  GROUP BY sold.account_id, wanted.product_id, wanted.product_tmpl_id
                    HAVING SUM(sold.quantity) > 0
                     UNION ALL
                    SELECT agreement.account_id, wanted.product_id, wanted.product_tmpl_id, 0
                      FROM %(wanted)s wanted
                      JOIN key_account_agreement_line line ON line.product_id = wanted.product_id
                           OR wanted.is_whole AND line.product_tmpl_id = wanted.product_tmpl_id
                      JOIN key_account_agreement agreement ON agreement.id = line.agreement_id
                     WHERE agreement.state = 'signed' AND agreement.company_id = %(company)s
                       AND %(today)s BETWEEN agreement.date_start AND agreement.date_until) used
          GROUP BY account_id, product_id, product_tmpl_id
            """, wanted=wanted, today=today, company=self.env.company.id,
            start=self.env['key.account']._get_periods(today)[0])


class KeyAccountRisk(models.Model):
    """The product that a warning is about."""
    _inherit = 'key.account.risk'

    product_tmpl_id = fields.Many2one('product.template', compute='_compute_product_tmpl_id', string="Product")

    @api.depends('res_model', 'res_id')
    def _compute_product_tmpl_id(self):
        for risk in self:
            found = risk.res_model in ('product.product', 'product.template')
            record = self.env[risk.res_model].browse(risk.res_id).exists() if found else self.env['product.template']
            risk.product_tmpl_id = record.product_tmpl_id if record._name == 'product.product' else record
