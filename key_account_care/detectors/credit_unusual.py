from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL

RECENT, BEFORE = 3, 24  # months


class KeyAccountRiskRule(models.Model):
    """More is credited to the customer than usual: goods come back, or invoices are wrong."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('credit_unusual', "More credit notes than usual")], ondelete={'credit_unusual': 'cascade'})

    def _detect_credit_unusual(self, accounts, today):
        """What was credited of what was invoiced in 3 months, against the 24 months before: more by the points of the limit.

        At stake is what was credited beyond the usual share. Returned goods count when they are credited.
        """
        recent = today - relativedelta(months=RECENT)
        since = recent - relativedelta(months=BEFORE)
        return SQL(
            """
            WITH credited AS MATERIALIZED (%(credited)s), billed AS (%(billed)s)
            SELECT billed.account_id, 'key.account' AS res_model, billed.account_id AS res_id,
                   billed.credit - billed.recent * share.usual AS amount,
                   jsonb_build_object('recent_share', ROUND(share.recent, 3), 'usual_share', ROUND(share.usual, 3)) AS facts
              FROM billed
        CROSS JOIN LATERAL (SELECT LEAST(COALESCE(billed.credit / NULLIF(billed.recent, 0), 1), 1) AS recent,
                                   LEAST(COALESCE(billed.credit_before / NULLIF(billed.before, 0), 0), 1) AS usual) share
             WHERE share.recent - share.usual >= %(limit)s
            """, credited=self._credited_sql(accounts, since, recent, today),
            billed=self._billed_sql(since, recent, today), limit=SQL("%s::numeric / 100", self.threshold))

    def _credited_sql(self, accounts, since, recent, today):
        """What was credited to the accounts to which something was credited lately."""
        return SQL(
            """
            SELECT account_id, SUM(amount) FILTER (WHERE date > %(recent)s) AS credit,
                   COALESCE(SUM(amount) FILTER (WHERE date <= %(recent)s), 0) AS credit_before
              FROM (%(notes)s) note
          GROUP BY account_id HAVING SUM(amount) FILTER (WHERE date > %(recent)s) > 0
            """, notes=self._credit_notes_sql(accounts, since, today), recent=recent)

    def _billed_sql(self, since, recent, today):
        """What was invoiced to these accounts."""
        return SQL(
            """
            SELECT credited.*,
                   COALESCE(SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date > %(recent)s), 0) AS recent,
                   COALESCE(SUM(move.amount_untaxed_signed) FILTER (WHERE move.invoice_date <= %(recent)s), 0) AS before
              FROM credited
              JOIN key_account account ON account.id = credited.account_id
              JOIN res_partner buyer ON buyer.commercial_partner_id = account.partner_id
         LEFT JOIN account_move move ON move.partner_id = buyer.id AND move.company_id = account.company_id
                   AND move.state = 'posted' AND move.move_type = 'out_invoice'
                   AND move.invoice_date > %(since)s AND move.invoice_date <= %(today)s
          GROUP BY credited.account_id, credited.credit, credited.credit_before
            """, since=since, recent=recent, today=today)


class KeyAccountRisk(models.Model):
    """The credit notes are seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_credit_unusual(self):
        return self._open_credit_notes()
