from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """A customer shows its tier, and a contact that of its company."""
    _name = 'res.partner'
    _inherit = ['res.partner', 'key.account.customer.mixin', 'key.account.computed.mixin']

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

    # ------------------------------------------------------------
    # Pricelist
    # ------------------------------------------------------------

    def _inverse_product_pricelist(self):
        """The pricelist of an agreement comes and goes with it: forms that send it back must not store it."""
        # sudo: whether a pricelist is that of an agreement matters to those who cannot see the agreement, too
        others = self.filtered(lambda partner: not partner.property_product_pricelist.sudo().key_account_agreement_id)
        return super(ResPartner, others)._inverse_product_pricelist()

    @api.constrains('specific_property_product_pricelist')
    def _check_key_account_pricelist(self):
        for partner in self:
            # sudo: see _inverse_product_pricelist
            agreement = partner.specific_property_product_pricelist.sudo().key_account_agreement_id
            if agreement:
                raise ValidationError(self.env._(
                    "The pricelist of %(agreement)s cannot be set on a customer. The agreement tells who buys by it.",
                    agreement=agreement.display_name))

    def write(self, vals):
        """Prices outside of the agreed ones follow the pricelist that the customer normally has."""
        result = super().write(vals)
        if {'specific_property_product_pricelist', 'property_product_pricelist', 'country_id'} & vals.keys():
            # sudo: the prices of an agreement follow whoever changes the customer
            self.env['key.account.agreement'].sudo().search([
                ('state', '=', 'signed'), '|', ('partner_id', 'in', self.commercial_partner_id.ids),
                ('covered_partner_ids', 'in', self.commercial_partner_id.ids),
            ])._sync_normal_pricelist()
        return result
