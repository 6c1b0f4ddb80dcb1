from odoo import api, models
from odoo.fields import Domain


class KeyAccountAgreement(models.Model):
    """Who sees an agreement in the portal: people of the customer, and those of the companies it covers."""
    _inherit = 'key.account.agreement'

    @api.model
    def _get_portal_domain(self, partner):
        """What a company sees: its own agreements once they were sent, and those in force that cover it.

        :param res.partner partner: one of its people
        """
        customer = partner.commercial_partner_id
        return Domain('shared_on', '!=', False) & (
            Domain('partner_id', '=', customer.id)
            | Domain('covered_partner_ids', 'in', customer.ids) & Domain('state', '=', 'signed'))

    def _get_portal_role(self, user, access_token=None):
        """What somebody may do with the agreement in the portal.

        The link in the mail is the right to sign for whoever is not logged in; somebody who is logged in for another
        customer has got hold of a link that was not meant for them.

        :return: 'customer' reads and signs, 'covered' reads prices, 'seller' sees what the customer sees, None sees nothing
        """
        self.ensure_one()
        if not self.shared_on:
            return None
        if user._is_internal():
            return 'seller' if self.with_user(user).has_access('read') else None
        if user._is_public():
            return 'customer' if self._is_token(access_token) else None
        customer = user.partner_id.commercial_partner_id
        if customer == self.partner_id:
            return 'customer'
        return 'covered' if self.state == 'signed' and customer in self.covered_partner_ids else None

    def _get_portal_problem(self):
        """:return: str, why the customer cannot sign what it reads; False when it can, or has"""
        self.ensure_one()
        if self.state == 'closed':
            return self.env._("This agreement is closed and cannot be signed.")
        if self.state == 'sent' and self.date_until < self._get_day(self.company_id):
            return self.env._("This agreement would have ended already. Ask us for a new one.")
        return False

    def _can_customer_sign(self):
        """:return: whether the customer can sign now, as far as we know before trying"""
        return self.state == 'sent' and not self._get_portal_problem()
