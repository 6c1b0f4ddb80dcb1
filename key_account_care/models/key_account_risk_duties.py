from odoo import models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Duties that we did not keep, as warnings."""
    _inherit = 'key.account.risk.rule'

    def _late_duty_sql(self, kind, accounts, today, condition=None):
        """:param str kind: of ``key.account.duty``
        :param SQL condition: on ``account``
        :return: SQL of a detector: the accounts at which this duty is late by at least the days of the limit
        """
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id, %(stake)s AS amount,
                   jsonb_build_object('due_date', duty.due_date) AS facts
              FROM (%(late)s) duty
              JOIN key_account account ON account.id = duty.account_id
             WHERE %(condition)s
            """, stake=self._stake_sql(), late=self._late_sql(kind, accounts, today), condition=condition or SQL("TRUE"))

    def _late_sql(self, kind, accounts, today):
        """:return: SQL of the rows of ``key.account.duty`` of this kind that are late by at least the days of the limit"""
        return SQL(
            "SELECT duty.* FROM (%s) duty WHERE duty.kept = 0 AND duty.days_late >= %s",
            self.env['key.account.duty']._get_duties_sql(accounts, today, [kind]), self.threshold)
