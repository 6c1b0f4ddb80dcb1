from odoo import api, models
from odoo.tools import SQL

SHARES = {'1': 0.05, '2': 0.1, '3': 0.25}  # of the revenue of 12 months, by severity


class KeyAccountRiskRule(models.Model):
    """What is at stake where the cause itself has no price: a share of the customer's revenue, by its severity."""
    _inherit = 'key.account.risk.rule'

    def _stake_sql(self, severity=None):
        """:param SQL severity: that of the cause; by default that of the rule
        :return: SQL of an amount in the currency of the company, for ``account``
        """
        share = SQL("CASE %(severity)s WHEN '3' THEN %(critical)s WHEN '2' THEN %(serious)s ELSE %(minor)s END",
                    severity=severity or SQL("%s", self.severity), minor=SHARES['1'], serious=SHARES['2'], critical=SHARES['3'])
        return SQL("GREATEST(account.revenue, 0) * %s", share)

    @api.model
    def _day_sql(self, moment):
        """:param SQL moment: in UTC
        :return: SQL of its day where the company is
        """
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.env.company.partner_id.tz or 'UTC')

    def _late_duty_sql(self, kind, accounts, today, condition=None):
        """:param str kind: of ``key.account.duty``
        :param SQL condition: on ``account``
        :return: SQL of a detector: the accounts at which this duty is late by at least the days of the limit
        """
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id, %(stake)s AS amount,
                   jsonb_build_object('due_date', duty.due_date) AS facts
              FROM (%(duties)s) duty
              JOIN key_account account ON account.id = duty.account_id
             WHERE duty.kept = 0 AND duty.days_late >= %(limit)s AND %(condition)s
            """, stake=self._stake_sql(), limit=self.threshold, condition=condition or SQL("TRUE"),
            duties=self.env['key.account.duty']._get_duties_sql(accounts, today, [kind]))
