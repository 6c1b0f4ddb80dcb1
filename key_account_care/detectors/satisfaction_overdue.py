from odoo import fields, models


class KeyAccountRiskRule(models.Model):
    """Nobody of the customer was asked for longer than the tier promises."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('satisfaction_overdue', "Satisfaction not asked")], ondelete={'satisfaction_overdue': 'cascade'})

    def _detect_satisfaction_overdue(self, accounts, today):
        """Overdue by at least the days of the limit, as the duties say. At stake is a share of the revenue."""
        return self._late_duty_sql('satisfaction', accounts, today)


class KeyAccountRisk(models.Model):
    """Whom to ask is proposed."""
    _inherit = 'key.account.risk'

    def _fix_satisfaction_overdue(self):
        return self.account_id.action_open_invitations()
