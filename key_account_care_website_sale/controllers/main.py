from odoo.addons.website_sale.controllers.main import WebsiteSale
from odoo.http import request


class WebsiteSaleAgreement(WebsiteSale):
    """What an agreement says about more than its maximum is said before the customer pays."""

    def _get_shop_payment_errors(self, order):
        """Add why the agreement does not let the cart be ordered as it is."""
        errors = super()._get_shop_payment_errors(order)
        reason = order._get_agreement_payment_error()
        if reason:
            errors.append((request.env._("Your framework agreement does not allow this order."), reason))
        return errors
