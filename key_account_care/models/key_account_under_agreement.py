from odoo import api, fields, models
from odoo.fields import Domain


class KeyAccount(models.Model):
    """The agreement under which an account buys now, and how well it holds."""
    _inherit = 'key.account'

    agreement_id = fields.Many2one(
        'key.account.agreement', string="Agreement in Force", compute='_compute_agreement_id',
        search='_search_agreement_id', compute_sudo=True,
        help="Its own, or else one that covers it.")
    agreement_ids = fields.One2many('key.account.agreement', 'account_id', string="Agreements")
    agreement_count = fields.Integer(compute='_compute_agreement_count')
    # the figures of the agreement are the same for everybody who sees the account
    agreement_currency_id = fields.Many2one(related='agreement_id.currency_id', string="Currency of the Agreement")
    agreement_coverage = fields.Float(related='agreement_id.coverage', string="Coverage")
    agreement_called_off = fields.Monetary(
        related='agreement_id.called_off_amount', string="Called off", currency_field='agreement_currency_id')
    agreement_committed = fields.Monetary(
        related='agreement_id.committed_amount', string="Committed", currency_field='agreement_currency_id')
    agreement_committed_percent = fields.Float(related='agreement_id.committed_percent', string="Commitment")
    agreement_outside = fields.Monetary(
        related='agreement_id.outside_amount', string="Bought outside", currency_field='agreement_currency_id')
    agreement_leakage = fields.Monetary(
        related='agreement_id.leakage_amount', string="Leakage", currency_field='agreement_currency_id')
    agreement_date_until = fields.Date(related='agreement_id.date_until', string="In Force until")
    agreement_notice_date = fields.Date(related='agreement_id.notice_date', string="Notice until")
    agreement_renewal_due = fields.Boolean(related='agreement_id.renewal_due')
    agreement_can_renew = fields.Boolean(related='agreement_id.can_renew')
    agreement_payment_term_id = fields.Many2one(related='agreement_id.payment_term_id', string="Payment Terms")

    @api.depends('partner_id', 'company_id')
    def _compute_agreement_id(self):
        Agreement = self.env['key.account.agreement']
        for company, accounts in self.grouped('company_id').items():
            company = company or self.env.company
            in_force = Agreement._find_in_force(
                accounts.partner_id._origin.ids, company, Agreement._get_day(company))
            for account in accounts:
                account.agreement_id = in_force.get(account.partner_id._origin.id, Agreement)

    @api.model
    def _search_agreement_id(self, operator, value):
        if operator not in ('in', 'any'):
            return NotImplemented
        today = fields.Date.context_today(self)
        # sudo: see compute_sudo
        in_force = self.env['key.account.agreement'].sudo().search([
            ('state', '=', 'signed'), ('date_start', '<=', today), ('date_until', '>=', today)])
        customers = in_force.partner_id | in_force.covered_partner_ids
        # sudo: see compute_sudo
        under = self.sudo().search([('partner_id', 'in', customers.ids)]).filtered('agreement_id')
        if operator == 'any':
            asked = in_force.filtered_domain(value)
        else:
            asked = in_force.filtered(lambda agreement: agreement.id in value)
        domain = Domain('id', 'in', under.filtered(lambda account: account.agreement_id in asked).ids)
        return domain | Domain('id', 'not in', under.ids) if operator == 'in' and False in value else domain

    def _compute_agreement_count(self):
        counts = dict(self.env['key.account.agreement']._read_group(
            [('account_id', 'in', self.ids)], ['account_id'], ['__count']))
        for account in self:
            account.agreement_count = counts.get(account, 0)

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_open_agreement(self):
        """Open the agreement in force, or else those that there are."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_agreement')
        if self.agreement_id:
            return {**action, 'res_id': self.agreement_id.id, 'views': [(False, 'form')], 'context': {}}
        return {**action, 'domain': [('account_id', '=', self.id)], 'context': {'default_account_id': self.id}}

    def action_new_agreement(self):
        """Open an empty draft agreement with the customer."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_agreement'),
            'views': [(False, 'form')],
            'context': {'default_account_id': self.id},
        }

    def action_open_agreement_calloffs(self):
        """Open the order lines that were called off under the agreement in force."""
        return self.agreement_id.action_open_calloffs()

    def action_open_agreement_leakage(self):
        """Open the order lines that leak past the agreement in force."""
        return self.agreement_id.action_open_leakage()

    def action_open_agreement_outside(self):
        """Open what was bought outside the agreement in force."""
        return self.agreement_id.action_open_outside()

    def action_open_agreement_progress(self):
        """Show planned and called off per period of the agreement in force."""
        return self.agreement_id.action_open_progress()

    def action_renew_agreement(self):
        """Open the proposal of the next version of the agreement in force."""
        return self.agreement_id.with_env(self.env).action_renew()

    def action_do_not_renew_agreement(self):
        """Ask why the agreement in force is not to be renewed."""
        return self.agreement_id.with_env(self.env).action_do_not_renew()
