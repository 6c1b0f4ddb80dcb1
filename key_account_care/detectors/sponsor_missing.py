from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The care policy asks for an executive sponsor of ours, and there is none who still works here."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('sponsor_missing', "Executive sponsor missing")], ondelete={'sponsor_missing': 'cascade'})

    def _detect_sponsor_missing(self, accounts, today):
        """At stake is what the customer gives us in one month: there is no one to turn to when it gets serious."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   GREATEST(account.revenue, 0) / 12 AS amount, '{}'::jsonb AS facts
              FROM %(accounts)s account
              JOIN key_account_tier tier ON tier.id = account.tier_id AND tier.sponsor_required
             WHERE NOT EXISTS (SELECT FROM res_users sponsor WHERE sponsor.id = account.sponsor_id AND sponsor.active)
            """, accounts=accounts)
