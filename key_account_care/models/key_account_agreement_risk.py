from odoo import api, models
from odoo.tools import SQL


class KeyAccountAgreement(models.Model):
    """What warnings need of agreements, for all of a company at once."""
    _inherit = 'key.account.agreement'

    @api.model
    def _company_rate_sql(self, today):
        """:return: SQL of the factor from the currency of ``agreement`` to that of its company, by the rate of a day"""
        Calloff = self.env['key.account.calloff']
        day = SQL("%s::date", today)
        return SQL(
            """
            (SELECT CASE WHEN agreement.currency_id = company.currency_id THEN 1
                         ELSE ((%(base)s) / NULLIF((%(other)s), 0))::numeric END
               FROM res_company company WHERE company.id = agreement.company_id)
            """, base=Calloff._latest_rate_sql(SQL("company.currency_id"), day),
            other=Calloff._latest_rate_sql(SQL("agreement.currency_id"), day))

    @api.model
    def _called_off_sql(self, agreements, since=None):
        """:param SQL agreements: SELECT of the ids of first revisions
        :param date since: call-offs after this day only
        :return: SQL of a SELECT of first revision and amount, in the currency of the agreement
        """
        return SQL(
            "SELECT origin_id, SUM(amount) AS amount FROM (%s) calloff WHERE %s GROUP BY origin_id",
            self.env['key.account.calloff']._get_calloffs_sql(
                SQL("COALESCE(agreement.origin_id, agreement.id) IN (%s)", agreements)),
            SQL("calloff.date > %s", since) if since else SQL("TRUE"))
