from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer has agreed prices and buys at others."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('agreement_leakage', "Bought past the agreement")], ondelete={'agreement_leakage': 'cascade'})

    def _detect_agreement_leakage(self, accounts, today):
        """Of what the agreement in force covers, at least the limit was bought at other prices, in 12 months.

        At stake is what was bought like that.
        """
        Agreement = self.env['key.account.agreement']
        since = today - relativedelta(years=1)
        return SQL(
            """
            WITH leak AS MATERIALIZED (%(leak)s)
            SELECT leak.account_id, 'key.account.agreement' AS res_model, leak.id AS res_id, leak.amount * leak.rate AS amount,
                   jsonb_build_object('leakage_share', ROUND(share.leaked, 3)) AS facts
              FROM leak
         LEFT JOIN (%(sold)s) sold ON sold.origin_id = leak.origin_id
        CROSS JOIN LATERAL (SELECT leak.amount / (leak.amount + GREATEST(COALESCE(sold.amount, 0), 0)) AS leaked) share
             WHERE share.leaked >= %(limit)s::numeric / 100
            """, leak=self._leak_sql(accounts, since, today), limit=self.threshold,
            sold=Agreement._called_off_sql(SQL("SELECT origin_id FROM leak"), since))

    def _leak_sql(self, accounts, since, today):
        """What leaked past the agreements in force, over all their revisions."""
        return SQL(
            """
            SELECT agreement.account_id, agreement.id, %(rate)s AS rate,
                   COALESCE(agreement.origin_id, agreement.id) AS origin_id, SUM(leakage.amount) AS amount
              FROM key_account_agreement agreement
              JOIN %(accounts)s account ON account.id = agreement.account_id
              JOIN (%(leakage)s) leakage ON leakage.origin_id = COALESCE(agreement.origin_id, agreement.id)
             WHERE agreement.state = 'signed' AND %(today)s BETWEEN agreement.date_start AND agreement.date_until
               AND leakage.covered AND leakage.date > %(since)s
          GROUP BY agreement.id HAVING SUM(leakage.amount) > 0
            """, accounts=accounts, since=since, today=today, leakage=self.env['key.account.leakage']._table_query,
            rate=self.env['key.account.agreement']._company_rate_sql(today))


class KeyAccountRisk(models.Model):
    """The purchases are seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_agreement_leakage(self):
        return self.env['key.account.agreement'].browse(self.res_id).action_open_leakage()
