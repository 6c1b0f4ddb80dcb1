from odoo import api, fields, models
from odoo.exceptions import UserError


class KeyAccount(models.Model):
    """What a customer buys, what of it is due again, and what it could buy."""
    _inherit = 'key.account'

    rhythm_ids = fields.One2many(
        'key.account.rhythm', 'account_id', string="Order Rhythms",
        domain=lambda self: self.env['key.account.rhythm']._get_due_domain(
            ['ahead', 'due', 'overdue'], fields.Date.context_today(self)))
    whitespace_ids = fields.One2many(
        'key.account.whitespace', 'account_id', string="White Space",
        domain=[('state', '!=', 'bought'), ('verdict', '!=', 'not_relevant')])
    due_count = fields.Integer(string="Products Due", compute='_compute_due_count')

    @api.depends('rhythm_ids.next_date')
    def _compute_due_count(self):
        groups = self.env['key.account.rhythm']._read_group(
            [('account_id', 'in', self.ids), ('due_state', 'in', ['due', 'overdue'])], ['account_id'], ['__count'])
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.due_count = counts.get(account._origin.id, 0)

    def action_quote_due(self):
        """Make a quotation of everything that is due.

        :raise UserError: when nothing is due
        """
        self.ensure_one()
        due = self.rhythm_ids.filtered(lambda rhythm: rhythm.due_state in ('due', 'overdue'))
        if not due:
            raise UserError(self.env._("Nothing is due. Choose what to offer from all rhythms of this customer."))
        return due.action_make_quotation()

    def action_open_rhythms(self):
        """Open all order rhythms of this customer, also those that have lapsed."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_rhythm'),
            'domain': [('account_id', '=', self.id)],
            'context': {},
        }

    def action_open_whitespace(self):
        """Open all categories of this customer, also those it buys and those that are not relevant."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_whitespace'),
            'domain': [('account_id', '=', self.id)],
            'context': {},
        }

    def _absorb(self, others):
        """What was decided about customers that become one stays decided."""
        for other in others:
            self.env['key.account.whitespace.verdict']._absorb(self, other)
        return super()._absorb(others)
