from odoo import fields, models


class ResPartner(models.Model):
    """A customer shows its tier, and a contact that of its company."""
    _name = 'res.partner'
    _inherit = ['res.partner', 'key.account.customer.mixin']

    _key_account_customer_path = 'commercial_partner_id'
    _key_account_company_field = None  # a customer has an account per company: the current one counts

    key_account_ids = fields.One2many('key.account', 'partner_id', string="Accounts", groups='key_account_care.group_user')

    def action_open_key_account(self):
        """Open the account of this customer, or a new one."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'key.account',
            'res_id': self.key_account_id.id,
            'views': [(False, 'form')],
            'context': {'default_partner_id': self.commercial_partner_id.id},
        }
