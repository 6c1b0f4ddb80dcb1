from odoo import models
from odoo.addons.website_sale.models.website import (
    PRICELIST_SELECTED_SESSION_CACHE_KEY,
    PRICELIST_SESSION_CACHE_KEY,
)
from odoo.http import request


class Website(models.Model):
    """An agreement that begins or ends while its customer shops changes the prices of the pages and of the cart together."""
    _inherit = 'website'

    def _get_and_cache_current_pricelist(self):
        """Forget the pricelist that the session remembers, when it is not that of the agreement in force any more."""
        remembered = self.env['product.pricelist'].browse(request.session.get(PRICELIST_SESSION_CACHE_KEY)).exists()
        if remembered and self._is_outdated_by_agreement(remembered):
            request.session.pop(PRICELIST_SESSION_CACHE_KEY)
        return super()._get_and_cache_current_pricelist()

    def _get_and_cache_current_cart(self):
        """Price the cart by the agreement that is in force now, or without one."""
        cart = super()._get_and_cache_current_cart()
        if cart and not request.env.cr.readonly and cart._follow_agreement():
            request.session[PRICELIST_SESSION_CACHE_KEY] = cart.pricelist_id.id
        return cart

    def _is_outdated_by_agreement(self, pricelist):
        """:return: whether the visitor buys by another pricelist now, because an agreement began or ended

        A pricelist that the customer has chosen in the shop stays.
        """
        if not pricelist._is_pricelist_enabled():
            return False
        # sudo: customers buy by their agreement without being able to read it
        Agreement = self.env['key.account.agreement'].sudo()
        company, customer = self.company_id, self.env.user.commercial_partner_id
        in_force = Agreement._find_in_force(customer.ids, company, Agreement._get_day(company))
        agreed = in_force.get(customer.id, Agreement).pricelist_id
        if pricelist.sudo().key_account_agreement_id:
            return pricelist != agreed
        return bool(agreed) and request.session.get(PRICELIST_SELECTED_SESSION_CACHE_KEY) != pricelist.id
