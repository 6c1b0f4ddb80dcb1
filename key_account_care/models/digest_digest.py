from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    """Odoo's digest mail tells how many early warnings opened, and what is at risk."""
    _inherit = 'digest.digest'

    kpi_key_account_warnings = fields.Boolean("New Early Warnings")
    kpi_key_account_warnings_value = fields.Integer(compute='_compute_kpi_key_account_warnings_value')
    kpi_key_account_at_stake = fields.Boolean("At Stake by New Early Warnings")
    kpi_key_account_at_stake_value = fields.Monetary(compute='_compute_kpi_key_account_at_stake_value')

    def _compute_kpi_key_account_warnings_value(self):
        self._check_key_account_kpi()
        self._calculate_company_based_kpi('key.account.risk', 'kpi_key_account_warnings_value', date_field='opened_on')

    def _compute_kpi_key_account_at_stake_value(self):
        self._check_key_account_kpi()
        self._calculate_company_based_kpi(
            'key.account.risk', 'kpi_key_account_at_stake_value', date_field='opened_on', sum_field='amount')

    def _check_key_account_kpi(self):
        """:raise AccessError: tells Odoo to leave the figure out of the mail of this user"""
        if not self.env.user.has_group('key_account_care.group_user'):
            raise AccessError(self.env._("Early warnings are left out of the digest of those who may not see them."))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref('key_account_care.menu_root').id
        for name in ('kpi_key_account_warnings', 'kpi_key_account_at_stake'):
            actions[name] = f'key_account_care.action_key_account_risk?menu_id={menu}'
        return actions
