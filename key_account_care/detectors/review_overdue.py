from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """No review was held for longer than the tier promises."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('review_overdue', "Review overdue")], ondelete={'review_overdue': 'cascade'})

    def _detect_review_overdue(self, accounts, today):
        """Overdue by at least the days of the limit, as the duties say, and no meeting is planned.

        At stake is a share of the revenue.
        """
        return self._late_duty_sql('review', accounts, today, SQL(
            "NOT EXISTS (SELECT FROM key_account_review review"
            " WHERE review.account_id = account.id AND review.state = 'planned' AND review.date IS NOT NULL)"))


class KeyAccountRisk(models.Model):
    """The review that is due is planned."""
    _inherit = 'key.account.risk'

    def _fix_review_overdue(self):
        return self.account_id.action_plan_review()
