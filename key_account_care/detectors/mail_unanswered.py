from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A mail of theirs waits for longer than we promised."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('mail_unanswered', "Mail without answer")], ondelete={'mail_unanswered': 'cascade'})

    def _detect_mail_unanswered(self, accounts, today):
        """Open at the end of yesterday beyond the promised hours; where nothing is promised, beyond the days of the limit. At
        stake is a usual order of the customer."""
        Account = self.env['key.account']
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account.response' AS res_model, response.id AS res_id,
                   GREATEST(account.revenue, 0) / GREATEST(account.order_count, 1) AS amount,
                   jsonb_build_object('asked_date', %(asked)s, 'person', person.name) AS facts
              FROM %(accounts)s account
              JOIN key_account_response response ON response.account_id = account.id AND response.state = 'open'
                   AND response.asked_on > %(start)s
              JOIN res_partner person ON person.id = response.partner_id
             WHERE COALESCE(response.due_on < %(midnight)s, response.asked_on < %(limit)s)
            """, accounts=accounts, start=Account._get_attention_start(today),
            asked=self._day_sql(SQL("response.asked_on")),
            midnight=Account._end_of_day(self.env.company, today - timedelta(days=1)),
            limit=Account._end_of_day(self.env.company, today - timedelta(days=1 + int(self.threshold))))


class KeyAccountRisk(models.Model):
    """It is answered where it came in."""
    _inherit = 'key.account.risk'

    def _fix_mail_unanswered(self):
        return self.env['key.account.response'].browse(self.res_id).action_open_source()
