from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer who used to talk to us, or to order, does neither any more."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('customer_silent', "No sign of life")], ondelete={'customer_silent': 'cascade'})

    def _detect_customer_silent(self, accounts, today):
        """A mail of theirs, a meeting or an order is a sign of life; the last one is older than the days of the limit. Who
        never gave one is no customer yet. At stake is the revenue of 12 months."""
        return SQL(
            """
            WITH heard AS (
                SELECT relationship.account_id, MAX(GREATEST(relationship.last_in, relationship.last_meeting)) AS day
                  FROM key_account_relationship relationship GROUP BY relationship.account_id
            )
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   GREATEST(account.revenue, 0) AS amount, jsonb_build_object('last_date', sign.day) AS facts
              FROM %(accounts)s account
         LEFT JOIN heard ON heard.account_id = account.id
        CROSS JOIN LATERAL (SELECT GREATEST(heard.day, account.last_order_date) AS day) sign
             WHERE sign.day < %(today)s - %(days)s
            """, accounts=accounts, today=today, days=int(self.threshold))


class KeyAccountRisk(models.Model):
    """What was last exchanged tells how to begin again."""
    _inherit = 'key.account.risk'

    def _fix_customer_silent(self):
        return self.account_id.action_open_interactions()
