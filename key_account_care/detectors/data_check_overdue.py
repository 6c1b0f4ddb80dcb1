from odoo import fields, models


class KeyAccountRiskRule(models.Model):
    """Contact data was not confirmed for longer than the tier promises."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('data_check_overdue', "Contact data not confirmed")], ondelete={'data_check_overdue': 'cascade'})

    def _detect_data_check_overdue(self, accounts, today):
        """Overdue by at least the days of the limit, as the duties say. At stake is a share of the revenue."""
        return self._late_duty_sql('data_check', accounts, today)


class KeyAccountRisk(models.Model):
    """The contacts to check are shown."""
    _inherit = 'key.account.risk'

    def _fix_data_check_overdue(self):
        return self.account_id._open_data_to_check()
