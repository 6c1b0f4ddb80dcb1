from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountProgress(models.Model):
    """Planned, called off and invoiced amounts of an agreement side by side, each in the period it belongs to.

    A call-off counts on the day of its order, an invoice line on its invoice date; credit notes are negative. Amounts are
    in the currency of the agreement.
    """
    _name = 'key.account.progress'
    _description = "Planned and Actual"
    _auto = False
    _order = 'date, id'
    _rec_name = 'date'

    kind = fields.Selection(
        selection=[('planned', "Planned"), ('called_off', "Called off"), ('invoiced', "Invoiced")], readonly=True)
    period_id = fields.Many2one('key.account.agreement.period', readonly=True)
    agreement_id = fields.Many2one('key.account.agreement', readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    date = fields.Date(readonly=True)
    order_id = fields.Many2one('sale.order', readonly=True)
    move_id = fields.Many2one('account.move', string="Invoice", readonly=True)
    product_id = fields.Many2one('product.product', string="Variant", readonly=True)
    amount = fields.Monetary(readonly=True)

    _depends = {
        'key.account.calloff': ['amount', 'date', 'origin_id'],
        'key.account.agreement.period': ['agreement_id', 'date_start', 'date_end', 'planned_amount'],
        'key.account.agreement': ['account_id', 'origin_id', 'currency_id', 'company_id'],
        'key.account.agreement.line': ['agreement_id'],
        'sale.order': ['state', 'date_order', 'partner_id', 'currency_rate'],
        'sale.order.line': [
            'key_account_agreement_line_id', 'product_id', 'product_uom_id', 'product_uom_qty', 'price_subtotal',
            'currency_id', 'invoice_lines'],
        'account.move': ['state', 'move_type', 'invoice_date', 'currency_id'],
        'account.move.line': ['price_subtotal', 'balance', 'quantity', 'product_uom_id', 'sale_line_ids', 'product_id'],
    }

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join([self._planned_sql(), self._called_off_sql(), self._invoiced_sql()])

    @api.model
    def _planned_sql(self):
        return SQL(
            """
            SELECT period.id * 3 AS id, 'planned' AS kind, period.id AS period_id, agreement.id AS agreement_id,
                   agreement.account_id, agreement.company_id, agreement.currency_id, period.date_start AS date,
                   NULL::integer AS order_id, NULL::integer AS move_id, NULL::integer AS product_id,
                   period.planned_amount AS amount
              FROM key_account_agreement_period period
              JOIN key_account_agreement agreement ON agreement.id = period.agreement_id
            """)

    @api.model
    def _called_off_sql(self):
        return SQL(
            """
            SELECT calloff.id * 3 + 1, 'called_off', period.id, calloff.origin_id, calloff.account_id,
                   calloff.company_id, calloff.currency_id, calloff.date, calloff.order_id, NULL, calloff.product_id,
                   calloff.amount
              FROM (%s) calloff
         LEFT JOIN key_account_agreement_period period
                ON period.agreement_id = calloff.origin_id
                   AND calloff.date BETWEEN period.date_start AND period.date_end
            """, self.env['key.account.calloff']._get_calloffs_sql())

    @api.model
    def _invoiced_sql(self):
        """Lines of posted invoices and credit notes of call-offs. A line of several order lines counts with the first."""
        Calloff = self.env['key.account.calloff']
        day = SQL("move.invoice_date")
        return SQL(
            """
            SELECT move_line.id * 3 + 2, 'invoiced', period.id, COALESCE(agreement.origin_id, agreement.id),
                   agreement.account_id, agreement.company_id, agreement.currency_id, move.invoice_date, line.order_id,
                   move.id, move_line.product_id,
                   CASE WHEN move.currency_id <> agreement.currency_id THEN -move_line.balance * currency.rate
                        WHEN move.move_type = 'out_refund' THEN -move_line.price_subtotal
                        ELSE move_line.price_subtotal END
              FROM sale_order_line line
              JOIN key_account_agreement_line terms ON terms.id = line.key_account_agreement_line_id
              JOIN key_account_agreement agreement ON agreement.id = terms.agreement_id
              JOIN res_company company ON company.id = agreement.company_id
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
              JOIN account_move_line move_line ON move_line.id = link.invoice_line_id
              JOIN account_move move ON move.id = move_line.move_id AND move.state = 'posted'
                                    AND move.move_type IN ('out_invoice', 'out_refund')
        CROSS JOIN LATERAL (SELECT COALESCE(other.rate / base.rate, 1)::numeric AS rate
                              FROM (%(rate)s) other CROSS JOIN (%(base)s) base) currency
         LEFT JOIN key_account_agreement_period period
                ON period.agreement_id = COALESCE(agreement.origin_id, agreement.id)
                   AND move.invoice_date BETWEEN period.date_start AND period.date_end
             WHERE NOT EXISTS (SELECT FROM sale_order_line_invoice_rel earlier
                                JOIN sale_order_line other_line ON other_line.id = earlier.order_line_id
                               WHERE earlier.invoice_line_id = link.invoice_line_id
                                 AND other_line.key_account_agreement_line_id IS NOT NULL
                                 AND earlier.order_line_id < link.order_line_id)
            """,
            rate=Calloff._latest_rate_sql(SQL("agreement.currency_id"), day),
            base=Calloff._latest_rate_sql(SQL("company.currency_id"), day))

    def action_open_document(self):
        """Open the invoice or order behind this row."""
        self.ensure_one()
        if self.move_id and self.env['account.payment'].has_access('read'):
            return self.move_id.action_open_business_doc()
        return (self.order_id or self.move_id).action_open_business_doc()
