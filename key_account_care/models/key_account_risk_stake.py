from odoo import models
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
