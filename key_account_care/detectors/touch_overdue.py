from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """We have not been in touch for longer than the care policy promises."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('touch_overdue', "Our last contact is too old")], ondelete={'touch_overdue': 'cascade'})

    def _detect_touch_overdue(self, accounts, today):
        """Overdue by at least the days of the limit, as the duties say: a mail, call or meeting of ours counts; before the
        first one, the day on which the account entered its tier. At stake is the revenue of the time between two contacts."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   GREATEST(account.revenue, 0) * LEAST(tier.contact_days / 365.0, 1) AS amount,
                   jsonb_build_object('last_date', duty.done_on, 'due_date', duty.due_date, 'policy', tier.contact_days) AS facts
              FROM (%(late)s) duty
              JOIN key_account account ON account.id = duty.account_id
              JOIN key_account_tier tier ON tier.id = account.tier_id
            """, late=self._late_sql('contact', accounts, today))


class KeyAccountRisk(models.Model):
    """Whom to call, and what about, is in what was last exchanged."""
    _inherit = 'key.account.risk'

    def _fix_touch_overdue(self):
        return self.account_id.action_open_interactions()
