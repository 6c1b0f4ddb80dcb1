from odoo import fields, models


class KeyAccount(models.Model):
    """What is promised to a customer alone."""
    _inherit = 'key.account'

    exclusivity_ids = fields.One2many('key.account.exclusivity', 'account_id')

    def _absorb(self, others):
        """Take over what was promised to the others alone, and what they were told."""
        for name in ('key.account.exclusivity', 'key.account.product.told'):
            self.env[name].with_context(active_test=False).search([('account_id', 'in', others.ids)]).account_id = self
        return super()._absorb(others)

    def action_open_exclusivity(self):
        """Open what is promised to the account alone."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_exclusivity'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }
