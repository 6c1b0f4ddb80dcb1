from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Somebody ordered or was invoiced at more than what was agreed."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('price_above_agreed', "Price above the agreed one")], ondelete={'price_above_agreed': 'cascade'})

    def _detect_price_above_agreed(self, accounts, today):
        """Orders and invoices of the days of the limit, compared with the fixed price that the agreement in force on their
        day has for that quantity; what was ordered before the signature is not. At stake is what is paid too much."""
        since = today - timedelta(days=int(self.threshold))
        lines = SQL(" UNION ALL ").join(
            SQL("SELECT line.*, agreed.price AS due_price FROM (%s) line %s", found, self._agreed_sql())
            for found in (self._recent_orders_sql(accounts, since, today), self._recent_invoices_sql(accounts, since, today)))
        return self._overpaid_sql(SQL("WITH agreement AS MATERIALIZED (%s) %s", self._agreements_sql(since, today), lines))

    def _agreements_sql(self, since, today):
        """The agreements of each customer that were in force in these days, its own and those that cover it."""
        return SQL(
            """
            SELECT customer.id AS customer_id, customer.is_own, agreement.pricelist_id, agreement.currency_id,
                   agreement.company_id, agreement.date_start, agreement.date_until, agreement.signed_on
              FROM key_account_agreement agreement
        CROSS JOIN LATERAL (
                   SELECT agreement.partner_id AS id, TRUE AS is_own
                    UNION ALL
                   SELECT covered.partner_id, FALSE
                     FROM key_account_agreement_covered_rel covered WHERE covered.agreement_id = agreement.id) customer
             WHERE agreement.company_id = %(company)s AND agreement.pricelist_id IS NOT NULL AND %(in_force)s
               AND agreement.date_start <= %(today)s AND agreement.date_until >= %(since)s
            """, company=self.env.company.id, since=since, today=today,
            in_force=self.env['key.account.leakage']._in_force_sql(SQL("agreement")))

    def _agreed_sql(self):
        """The agreed price of ``line`` in the currency of the company: by the rule that Odoo takes, when it is one of the
        agreement and fixed."""
        rate = self.env['key.account.calloff']._latest_rate_sql
        return SQL(
            """
              JOIN agreement ON agreement.customer_id = line.partner_id AND line.moment >= agreement.signed_on
                   AND line.date BETWEEN agreement.date_start AND agreement.date_until
                   AND (agreement.is_own OR NOT EXISTS (
                        SELECT FROM agreement own
                         WHERE own.customer_id = line.partner_id AND own.is_own AND line.moment >= own.signed_on
                           AND line.date BETWEEN own.date_start AND own.date_until))
              JOIN res_company company ON company.id = agreement.company_id
        CROSS JOIN LATERAL (
                   SELECT item.fixed_price, item.compute_price
                     FROM product_pricelist_item item
                LEFT JOIN product_category category ON category.id = item.categ_id
                    WHERE item.pricelist_id = agreement.pricelist_id
                      AND (item.product_tmpl_id = line.product_tmpl_id OR item.product_tmpl_id IS NULL)
                      AND (item.product_id = line.product_id OR item.product_id IS NULL)
                      AND (item.categ_id IS NULL OR EXISTS (
                           SELECT FROM product_category own
                            WHERE own.id = line.categ_id AND own.parent_path LIKE category.parent_path || '%%'))
                      AND item.min_quantity <= line.quantity
                      AND (item.date_start IS NULL OR item.date_start <= line.moment)
                      AND (item.date_end IS NULL OR item.date_end >= line.moment)
                 ORDER BY item.applied_on, item.min_quantity DESC, item.categ_id DESC, item.id DESC LIMIT 1) item
        CROSS JOIN LATERAL (
                   SELECT item.fixed_price * CASE WHEN agreement.currency_id = company.currency_id THEN 1
                          ELSE ((%(own)s) / (%(foreign)s))::numeric END AS price
                    WHERE item.compute_price = 'fixed') agreed
            """, own=rate(SQL("company.currency_id"), SQL("line.date")),
            foreign=rate(SQL("agreement.currency_id"), SQL("line.date")))


class KeyAccountRisk(models.Model):
    """The price is corrected where it stands."""
    _inherit = 'key.account.risk'

    def _fix_price_above_agreed(self):
        return self._open_document()
