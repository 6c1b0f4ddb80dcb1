from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

FELL = 0.05  # share of the cost that makes a difference
MONTHS = 3  # in which a cost is averaged, at the beginning and now


class KeyAccountRiskRule(models.Model):
    """An agreed price that nobody has looked at for long, while the product became cheaper for us."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('price_not_revised', "Agreed price not revised while cost fell")],
        ondelete={'price_not_revised': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'price_not_revised'}

    @api.model
    def _get_peer_kinds(self):
        return super()._get_peer_kinds() | {'price_not_revised'}

    def _detect_price_not_revised(self, accounts, today):
        """Fixed prices of variants and products that hold for at least the months of the limit, since the agreement was
        signed or the price revised. The cost is that of what was sold to anybody, by calendar months: in three from that of this
        day on (or from the beginning of the last 24 months) and in the last three. At stake is what the customer would have
        saved in 12 months had the price followed the cost."""
        month = today.replace(day=1)
        return SQL(
            """
            WITH stale AS MATERIALIZED (%(stale)s), month AS MATERIALIZED (
                SELECT product_id, date_trunc('month', date)::date AS month, SUM(revenue - margin) AS cost,
                       SUM(quantity) AS quantity
                  FROM key_account_sold
                 WHERE quantity > 0 AND product_id IN (SELECT product_id FROM stale)
              GROUP BY product_id, date_trunc('month', date)
            ), cost AS (
                SELECT stale.line_id, stale.account_id, stale.day,
                       SUM(month.cost) FILTER (WHERE month.month < stale.month + %(window)s)
                           / NULLIF(SUM(month.quantity) FILTER (WHERE month.month < stale.month + %(window)s), 0) AS before,
                       SUM(month.cost) FILTER (WHERE month.month > %(recent)s)
                           / NULLIF(SUM(month.quantity) FILTER (WHERE month.month > %(recent)s), 0) AS now
                  FROM stale JOIN month ON month.product_id = stale.product_id AND month.month >= stale.month
                   AND (month.month < stale.month + %(window)s OR month.month > %(recent)s)
              GROUP BY stale.line_id, stale.account_id, stale.day
            ), bought AS (
                SELECT stale.line_id, SUM(sold.quantity) AS quantity
                  FROM stale JOIN key_account_sold sold
                    ON sold.account_id = stale.account_id AND sold.product_id = stale.product_id
                 WHERE sold.date > %(start)s
              GROUP BY stale.line_id HAVING SUM(sold.quantity) > 0
            )
            SELECT cost.account_id, 'key.account.agreement.line' AS res_model, cost.line_id AS res_id,
                   (cost.before - cost.now) * bought.quantity AS amount,
                   jsonb_build_object('since_date', cost.day, 'before_price', ROUND(cost.before, 2),
                                      'now_price', ROUND(cost.now, 2)) AS facts
              FROM cost JOIN bought ON bought.line_id = cost.line_id
             WHERE cost.now <= cost.before * (1 - %(fell)s)
            """, stale=self._stale_sql(accounts, today), window=SQL("'%s months'::interval", MONTHS),
            recent=month - relativedelta(months=MONTHS), start=self.env['key.account']._get_periods(today)[0],
            fell=SQL("%s::numeric", str(FELL)))

    def _stale_sql(self, accounts, today):
        """Products of the lines whose price is old enough, with the day it was made and the month from which on we look."""
        first = (self.env['key.account']._get_periods(today)[1] + timedelta(days=1)).replace(day=1)
        return SQL(
            """
            SELECT line.id AS line_id, account.id AS account_id, product.id AS product_id, made.day,
                   GREATEST(date_trunc('month', made.day)::date, %(first)s) AS month
              FROM %(accounts)s account
              JOIN key_account_agreement agreement ON agreement.account_id = account.id AND agreement.state = 'signed'
                   AND %(today)s BETWEEN agreement.date_start AND agreement.date_until
              JOIN key_account_agreement_line line ON line.agreement_id = agreement.id AND line.price_type = 'fixed'
                   AND line.applied_on IN ('0_product_variant', '1_product')
              JOIN product_product product ON product.id = line.product_id
                   OR line.applied_on = '1_product' AND product.product_tmpl_id = line.product_tmpl_id
        CROSS JOIN LATERAL (
                   SELECT GREATEST(%(signed)s, MAX(revision.date)) AS day
                     FROM key_account_price_revision_line_rel link
                     JOIN key_account_price_revision revision ON revision.id = link.revision_id
                          AND revision.state = 'announced' AND revision.date <= %(today)s
                    WHERE link.line_id = line.id) made
             WHERE made.day <= %(limit)s
            """, accounts=accounts, today=today, first=first, limit=today - relativedelta(months=int(self.threshold)),
            signed=self._day_sql(SQL("agreement.signed_on")))


class KeyAccountRisk(models.Model):
    """New prices are made in the agreement."""
    _inherit = 'key.account.risk'

    def _fix_price_not_revised(self):
        return self.env['key.account.agreement.line'].browse(self.res_id).agreement_id.get_formview_action()
