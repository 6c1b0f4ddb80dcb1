from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """An invoice that the customer does not agree with: it is blocked, or nobody is to follow it up."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('invoice_disputed', "Invoice disputed")], ondelete={'invoice_disputed': 'cascade'})

    def _detect_invoice_disputed(self, accounts, today):
        """Its payment is blocked, or its open item is taken out of the follow-up. At stake is what is not paid."""
        return SQL(
            """
            SELECT account.id AS account_id, 'account.move' AS res_model, move.id AS res_id,
                   move.amount_residual_signed AS amount, jsonb_build_object('due_date', move.invoice_date_due) AS facts
              FROM %(moves)s
             WHERE move.move_type = 'out_invoice'
               AND (move.payment_state = 'blocked'
                    OR move.payment_state IN ('not_paid', 'partial')
                       AND EXISTS (SELECT FROM account_move_line item
                                    WHERE item.move_id = move.id AND item.display_type = 'payment_term' AND item.no_followup))
            """, moves=self._moves_sql(accounts))
