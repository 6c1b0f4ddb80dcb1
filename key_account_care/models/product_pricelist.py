from odoo import api, fields, models
from odoo.exceptions import UserError


class ProductPricelist(models.Model):
    """Customers with an agreement in force buy by its pricelist; nothing is written on them."""
    _inherit = 'product.pricelist'

    key_account_agreement_id = fields.Many2one(
        'key.account.agreement', string="Made from Agreement", readonly=True, copy=False, index='btree_not_null',
        ondelete='cascade')

    @api.model
    def _get_partner_pricelist_multi(self, partner_ids):
        """Put the pricelist of the agreement in force before the others.

        The context key ``key_account_without_agreement`` asks for what the customer would get without it, and
        ``key_account_day`` (a date) for another day than today.
        """
        result = super()._get_partner_pricelist_multi(partner_ids)
        if self.env.context.get('key_account_without_agreement') or not self._is_pricelist_enabled():
            return result
        company = self.env.company
        partners = self.env['res.partner'].browse(partner_ids)
        customers = {partner.id: partner.commercial_partner_id._origin.id for partner in partners}
        # sudo: everybody who sells to a customer sells at the agreed prices, whoever may see the agreement
        Agreement = self.env['key.account.agreement'].sudo()
        day = self.env.context.get('key_account_day') or Agreement._get_day(company)
        in_force = Agreement._find_in_force(set(filter(None, customers.values())), company, day)
        for partner_id, customer_id in customers.items():
            agreement = in_force.get(customer_id)
            pricelist = agreement and agreement._get_pricelist_of(customer_id, result.get(partner_id) or self)
            if pricelist and pricelist._get_partner_pricelist_multi_filter_hook():
                result[partner_id] = pricelist.with_env(self.env)
        return result

    def _get_partner_pricelist_multi_search_domain_hook(self, company_id):
        """The pricelist of an agreement is never the default of other customers."""
        return [
            *super()._get_partner_pricelist_multi_search_domain_hook(company_id),
            ('key_account_agreement_id', '=', False)]

    @api.model
    def _is_pricelist_enabled(self):
        return self.env['res.groups']._is_feature_enabled('product.group_product_pricelist')

    # ------------------------------------------------------------
    # Generated pricelists
    # ------------------------------------------------------------

    def _get_agreement_fallback(self):
        """:return: the pricelist by which the customers of this generated one buy what the agreement does not cover"""
        if not self.key_account_agreement_id:
            return self
        return self.env['product.pricelist.item'].search([
            ('pricelist_id', '=', self.id), ('key_account_agreement_line_id', '=', False)], limit=1).base_pricelist_id

    def write(self, vals):
        """:raise UserError: when the pricelist is made from an agreement"""
        self._check_not_generated()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_generated(self):
        self._check_not_generated()

    def _check_not_generated(self):
        # sudo: whether a pricelist is made from an agreement matters to those who cannot see the agreement, too
        agreement = not self.env.su and self.sudo().key_account_agreement_id[:1]
        if agreement:
            raise UserError(self.env._(
                "These prices are made from %(agreement)s. Change the agreement: use “Revise” there.",
                agreement=agreement.display_name))
