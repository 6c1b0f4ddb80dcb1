from odoo import api, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Posted invoices and credit notes of the accounts that a rule is about."""
    _inherit = 'key.account.risk.rule'

    @api.model
    def _moves_sql(self, accounts):
        """:return: SQL of a FROM clause: ``account`` and ``move``, each posted document of the account"""
        return SQL(
            """
            account_move move
              JOIN res_partner buyer ON buyer.id = move.partner_id
              JOIN %s account ON account.partner_id = buyer.commercial_partner_id AND account.company_id = move.company_id
                   AND move.state = 'posted'
            """, accounts)

    def _credit_notes_sql(self, accounts, since, today):
        """Credit notes after a day, with what they took back. A bonus is no trouble.

        :return: SQL of a SELECT of account, date and amount without tax in the currency of the company
        """
        return SQL(
            """
            SELECT account.id AS account_id, move.invoice_date AS date, -move.amount_untaxed_signed AS amount
              FROM %(moves)s
             WHERE move.move_type = 'out_refund' AND move.invoice_date > %(since)s AND move.invoice_date <= %(today)s
               AND NOT EXISTS (SELECT FROM key_account_agreement_period period WHERE period.credit_note_id = move.id)
            """, moves=self._moves_sql(accounts), since=since, today=today)


class KeyAccountRisk(models.Model):
    """Invoices are opened as far as the user may: whoever has nothing to do with payments sees what the customer sees."""
    _inherit = 'key.account.risk'

    def action_open_source(self):
        """Open the invoice, for whom the form of Odoo would refuse it as the customer sees it."""
        invoice = self.res_model == 'account.move' and self.env['account.move'].browse(self.res_id).exists()
        if not invoice or not invoice.has_access('read') or self._sees_payments():
            return super().action_open_source()
        return invoice.preview_invoice()

    def _open_credit_notes(self):
        views = [(self.env.ref('account.view_out_credit_note_tree').id, 'list')]
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Credit Notes"), 'res_model': 'account.move',
            'views': [*views, (False, 'form')] if self._sees_payments() else views,
            'domain': [
                ('move_type', '=', 'out_refund'), ('state', '=', 'posted'), ('company_id', '=', self.company_id.id),
                ('commercial_partner_id', '=', self.partner_id.id)],
        }

    def _sees_payments(self):
        """:return: whether the form of an invoice opens, which shows its payments"""
        return self.env['account.payment'].has_access('read')
