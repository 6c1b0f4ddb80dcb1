from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """All hangs on one person, here or there."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('single_thread', "Hanging on one thread")], ondelete={'single_thread': 'cascade'})

    def _detect_single_thread(self, accounts, today):
        """The share of all strength that one person holds, in whole percent as it is shown, is at least the limit. At stake is
        that share of the revenue. Where nobody is in contact nothing hangs on anybody."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   GREATEST(account.revenue, 0) * held.share AS amount, jsonb_build_object('held_share', held.share) AS facts
              FROM %(accounts)s account
        CROSS JOIN LATERAL (SELECT ROUND(GREATEST(account.top_ours_share, account.top_theirs_share)::numeric, 2) AS share) held
             WHERE account.thread <> 'none' AND held.share * 100 >= %(limit)s
            """, accounts=accounts, limit=self.threshold)


class KeyAccountRisk(models.Model):
    """Who could be introduced is seen on the map."""
    _inherit = 'key.account.risk'

    def _fix_single_thread(self):
        return self.account_id.action_open_relationships()
