from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

RECENT, BEFORE = 3, 24  # months


class KeyAccountRiskRule(models.Model):
    """More is credited to the customer or comes back than usual: goods are not what they should be, or invoices are wrong."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('credit_unusual', "More credited or returned than usual")], ondelete={'credit_unusual': 'cascade'})

    def _detect_credit_unusual(self, accounts, today):
        """What was credited of what was invoiced in 3 months, against the 24 months before: more by the points of the limit.

        At stake is what was credited beyond the usual share. Returned goods count before they are credited, too.
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
        notes = self._credit_notes_sql(accounts, since, today)
        if self.env['key.account.promise.ledger']._has_transfers():
            notes = SQL("%s UNION ALL %s", notes, self._returns_sql(accounts, since, today))
        return SQL(
            """
            SELECT account_id, SUM(amount) FILTER (WHERE date > %(recent)s) AS credit,
                   COALESCE(SUM(amount) FILTER (WHERE date <= %(recent)s), 0) AS credit_before
              FROM (%(notes)s) note
          GROUP BY account_id HAVING SUM(amount) FILTER (WHERE date > %(recent)s) > 0
            """, notes=notes, recent=recent)

    @api.model
    def _returns_sql(self, accounts, since, today):
        """What came back after a day and is not credited, at the price of the order and on the day of the last return."""
        return SQL(
            """
            SELECT account.id AS account_id, back.date,
                   uncredited.quantity * line.price_subtotal / line.product_uom_qty
                   / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)::numeric AS amount
              FROM (SELECT move.sale_line_id, MAX(%(day)s) AS date
                      FROM stock_move move
                      JOIN stock_location source ON source.id = move.location_id AND source.usage = 'customer'
                     WHERE move.company_id = %(company)s AND move.state = 'done' AND move.to_refund
                  GROUP BY move.sale_line_id) back
              JOIN sale_order_line line ON line.id = back.sale_line_id AND line.product_uom_qty > 0
              JOIN sale_order ON sale_order.id = line.order_id AND sale_order.state = 'sale'
              JOIN res_partner buyer ON buyer.id = sale_order.partner_id
              JOIN %(accounts)s account ON account.partner_id = buyer.commercial_partner_id
        CROSS JOIN LATERAL (%(uncredited)s) uncredited
             WHERE back.date > %(since)s AND back.date <= %(today)s
            """, day=self._day_sql(SQL("move.date")), company=self.env.company.id, accounts=accounts, since=since, today=today,
            uncredited=self.env['key.account.calloff']._uncredited_sql())

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
    """The credit notes are seen in a list; where there are none, the orders of which something came back."""
    _inherit = 'key.account.risk'

    def _fix_credit_unusual(self):
        credit_notes = self._open_credit_notes()
        has_transfers = self.env['key.account.promise.ledger']._has_transfers()
        if not has_transfers or self.env['account.move'].search_count(credit_notes['domain'], limit=1):
            return credit_notes
        returned = [('location_id.usage', '=', 'customer'), ('to_refund', '=', True), ('state', '=', 'done')]
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'sale.order',
            'view_mode': 'list,form',
            'domain': [
                ('order_line.move_ids', 'any', returned), ('company_id', '=', self.company_id.id),
                ('partner_id.commercial_partner_id', '=', self.partner_id.id)],
            'name': self.env._("Orders with Returns"),
        }
