from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL

from ..models.key_account_agreement_worklist import NEAR_END, NEAR_NOTICE


class KeyAccountRiskRule(models.Model):
    """The last day of an agreement, or the last one to say no to its renewal, is near."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('agreement_end', "Agreement ends")], ondelete={'agreement_end': 'cascade'})

    def _detect_agreement_end(self, accounts, today):
        """As in the worklist of renewals, which the limit is the days before the notice date of; nothing is signed or decided
        for the time after. At stake is what was called off in 12 months.
        """
        notice = today + timedelta(days=self.threshold)
        return SQL(
            """
            WITH near AS MATERIALIZED (
                SELECT account.id AS account_id, agreement.id, COALESCE(agreement.origin_id, agreement.id) AS origin_id,
                       agreement.notice_date, agreement.date_until, %(rate)s AS rate
                  FROM key_account_agreement agreement
                  JOIN %(accounts)s account ON account.id = agreement.account_id
                 WHERE agreement.state = 'signed' AND agreement.close_reason IS NULL
                   AND (agreement.notice_date <= %(notice)s OR agreement.date_until <= %(end)s)
                   AND agreement.date_until >= %(today)s
                   AND NOT EXISTS (SELECT FROM key_account_agreement next
                                    WHERE next.account_id = agreement.account_id AND %(successor)s)
            )
            SELECT near.account_id, 'key.account.agreement' AS res_model, near.id AS res_id, sold.amount * near.rate AS amount,
                   jsonb_build_object('notice_date', near.notice_date, 'end_date', near.date_until) AS facts
              FROM near
         LEFT JOIN (%(sold)s) sold ON sold.origin_id = near.origin_id
            """, accounts=accounts, today=today, notice=notice, end=notice + timedelta(days=NEAR_END - NEAR_NOTICE),
            rate=self.env['key.account.agreement']._company_rate_sql(today),
            successor=self.env['key.account.agreement']._successor_sql(),
            sold=self.env['key.account.agreement']._called_off_sql(
                SQL("SELECT origin_id FROM near"), today - relativedelta(years=1)))
