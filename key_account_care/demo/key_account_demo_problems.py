from datetime import timedelta

from odoo import api, models
from odoo.fields import Command

PAID = 3  # invoices that show how the customer usually pays
DAYS_TO_PAY = 30


class KeyAccountDemo(models.AbstractModel):
    """Makes invoices that are in trouble: one is disputed, and one is not paid by a customer who used to pay in time."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_problems(self):
        """Nothing where the company has no chart of accounts."""
        disputed, unpaid = self._get_invoices('tulip')[:1], self._get_invoices('saimaa')
        if disputed:
            disputed.action_toggle_block_payment()
        journal, bank = self._get_journal('general'), self._get_journal('bank').default_account_id
        if journal and bank:
            for invoice in unpaid[:PAID + 1]:
                invoice.invoice_date_due = invoice.invoice_date + timedelta(days=DAYS_TO_PAY)
            for invoice in unpaid[1:PAID + 1]:
                self._pay(invoice, journal, bank)

    @api.model
    def _get_invoices(self, customer):
        """:return: account.move, posted invoices of a customer, the newest first"""
        partner = self.env.ref(f'key_account_care.customer_{customer}')
        return self.env['account.move'].search([
            ('partner_id', 'child_of', partner.id), ('company_id', '=', self.env.company.id),
            ('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('payment_state', '=', 'not_paid'),
        ], order='invoice_date desc')

    @api.model
    def _get_journal(self, kind):
        return self.env['account.journal'].search([('company_id', '=', self.env.company.id), ('type', '=', kind)], limit=1)

    @api.model
    def _pay(self, invoice, journal, bank):
        """Pay an invoice a day after it was due."""
        item = invoice.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        payment = self.env['account.move'].create({
            'move_type': 'entry', 'journal_id': journal.id, 'date': invoice.invoice_date_due + timedelta(days=1),
            'ref': invoice.name,
            'line_ids': [
                Command.create({'account_id': bank.id, 'debit': item.balance}),
                Command.create({
                    'account_id': item.account_id.id, 'partner_id': item.partner_id.id, 'credit': item.balance})]})
        payment.action_post()
        (item | payment.line_ids.filtered('credit')).reconcile()
