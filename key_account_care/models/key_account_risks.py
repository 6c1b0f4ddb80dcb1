from odoo import api, fields, models


class KeyAccount(models.Model):
    """The open doors of an account, and what they may cost."""
    _inherit = 'key.account'

    open_risk_ids = fields.One2many(
        'key.account.risk', 'account_id', string="Early Warnings", domain=[('state', '=', 'open')], readonly=True)
    risk_count = fields.Integer(string="Warnings", compute='_compute_risk_count')

    @api.depends('open_risk_ids')
    def _compute_risk_count(self):
        counts = dict(self.env['key.account.risk']._read_group(
            [('account_id', 'in', self.ids), ('state', '=', 'open')], ['account_id'], ['__count']))
        for account in self:
            account.risk_count = counts.get(account, 0)

    def action_open_risks(self):
        """Open the early warnings of this customer."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_risk'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id, 'search_default_filter_open': 1},
        }

    def _absorb(self, others):
        """Take over what people have added under the others; what the rules have found there, they find here again."""
        self.env['key.account.risk'].search([('account_id', 'in', others.ids), ('rule_id', '=', False)]).account_id = self
        return super()._absorb(others)
