from odoo import api, fields, models


class SaleOrder(models.Model):
    """A quotation tells what the customer usually orders, is due now, and is not on it."""
    _inherit = 'sale.order'

    key_account_due_ids = fields.Many2many(
        'key.account.rhythm', string="Usually Also Ordered, Now Due", compute='_compute_key_account_due_ids',
        groups='key_account_care.group_user')
    key_account_due_text = fields.Char(
        string="Also Due Now", compute='_compute_key_account_due_ids', groups='key_account_care.group_user',
        help="What this customer usually also orders, and what is due by its own rhythm.")

    @api.depends('partner_id', 'company_id', 'state', 'order_line.product_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_key_account_due_ids(self):
        """Whoever may not see the account is not told what it usually buys."""
        quotations = self.filtered(lambda order: order.state in ('draft', 'sent'))
        due = self.env['key.account.rhythm']
        if quotations.key_account_id:
            due = due.search([
                ('account_id', 'in', quotations.key_account_id.ids), ('due_state', 'in', ['due', 'overdue'])])
        by_account = due.filtered(
            lambda rhythm: rhythm.confidence >= rhythm.company_id.key_account_rhythm_confidence).grouped('account_id')
        for order in self:
            found = by_account.get(order.key_account_id, due.browse()) if order in quotations else due.browse()
            order.key_account_due_ids = found.filtered(
                lambda rhythm, order=order: rhythm.product_id not in order.order_line.product_id)._get_sold()
            order.key_account_due_text = order.key_account_due_ids._get_due_text()

    def action_add_due(self):
        """Add what is due in its usual quantities, priced as everything else on the quotation."""
        for order in self:
            order.write({'order_line': order.key_account_due_ids._prepare_order_lines()})
