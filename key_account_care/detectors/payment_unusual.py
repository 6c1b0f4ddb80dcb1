from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL

FEWEST = 3  # paid invoices that make a habit


class KeyAccountRiskRule(models.Model):
    """An invoice that is not paid by a customer who used to pay in time: are they unhappy, or in trouble?"""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('payment_unusual', "Unusually late payment")], ondelete={'payment_unusual': 'cascade'})

    def _detect_payment_unusual(self, accounts, today):
        """Overdue by the days of the limit more than the customer is late as a rule: half of the invoices of 24 months
        were paid earlier. Who pays before the due date, is late from that date on. At stake is what is not paid.
        """
        return SQL(
            """
            WITH overdue AS MATERIALIZED (
                SELECT account.id AS account_id, account.partner_id, account.company_id, move.id AS move_id,
                       move.invoice_date_due AS due, move.amount_residual_signed AS amount
                  FROM %(moves)s
                 WHERE move.move_type = 'out_invoice' AND move.payment_state IN ('not_paid', 'partial')
                   AND move.invoice_date_due <= %(before)s
            )
            SELECT overdue.account_id, 'account.move' AS res_model, overdue.move_id AS res_id, overdue.amount,
                   jsonb_build_object('due_date', overdue.due, 'usual_days', usual.days) AS facts
              FROM overdue
              JOIN (%(usual)s) usual ON usual.account_id = overdue.account_id
             WHERE overdue.due + usual.days <= %(before)s
            """, moves=self._moves_sql(accounts), before=today - timedelta(days=self.threshold),
            usual=self._usual_delay_sql(today))

    def _usual_delay_sql(self, today):
        """By how many days each account of ``overdue`` is late as a rule, by the last payment of each paid invoice."""
        return SQL(
            """
            SELECT account_id,
                   GREATEST(CEIL(PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY days)), 0)::integer AS days
              FROM (SELECT owing.account_id, MAX(payment.max_date) - paid.invoice_date_due AS days
                      FROM (SELECT DISTINCT account_id, partner_id, company_id FROM overdue) owing
                      JOIN res_partner buyer ON buyer.commercial_partner_id = owing.partner_id
                      JOIN account_move paid ON paid.partner_id = buyer.id AND paid.company_id = owing.company_id
                           AND paid.move_type = 'out_invoice' AND paid.state = 'posted'
                           AND paid.payment_state IN ('paid', 'in_payment')
                           AND paid.invoice_date > %(since)s AND paid.invoice_date <= %(today)s
                      JOIN account_move_line item ON item.move_id = paid.id AND item.display_type = 'payment_term'
                      JOIN account_partial_reconcile payment ON payment.debit_move_id = item.id
                  GROUP BY owing.account_id, paid.id, paid.invoice_date_due) invoice
          GROUP BY account_id HAVING COUNT(*) >= %(fewest)s
            """, since=today - relativedelta(months=24), today=today, fewest=FEWEST)
