from odoo import api, fields, models


class KeyAccount(models.Model):
    """What we owe the account by the care policy of its tier, with the day on which it is due."""
    _inherit = 'key.account'

    duty_ids = fields.One2many('key.account.duty', 'account_id', string="Duties", readonly=True)
    duty_late_count = fields.Integer(string="Duties Not Kept", compute='_compute_duty_late_count')

    @api.depends('duty_ids')
    def _compute_duty_late_count(self):
        counts = dict(self.env['key.account.duty']._read_group(
            [('account_id', 'in', self.ids), ('kept', '=', 0)], ['account_id'], ['__count']))
        for account in self:
            account.duty_late_count = counts.get(account, 0)

    def _open_data_to_check(self):
        """Open the contacts of this account of whom something is missing or unconfirmed."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_data_check'),
            'domain': [('account_id', '=', self.id)],
            'context': {},
        }
