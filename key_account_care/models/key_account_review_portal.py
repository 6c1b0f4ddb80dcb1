from odoo import api, fields, models
from odoo.fields import Domain


class KeyAccountReview(models.Model):
    """What customers see of their reviews in the portal: the day, decisions and actions of those that we share."""
    _inherit = 'key.account.review'

    shared_on = fields.Date(string="Shared on", readonly=True, copy=False, tracking=True)

    def _share(self):
        self.with_context(tracking_disable=True).shared_on = fields.Date.context_today(self)

    def action_show_in_portal(self):
        """Show the decisions and actions of a closed review to the customer in the portal."""
        self.check_access('write')
        self.filtered(lambda review: review.state == 'closed')._share()

    def action_unshare(self):
        """Take a review out of the portal."""
        self.check_access('write')
        self.shared_on = False

    @api.model
    def _get_portal_domain(self, partner):
        """:return: Domain of the reviews that somebody of the customer sees

        :param res.partner partner: one of its people
        """
        return Domain('shared_on', '!=', False) & Domain('state', '=', 'closed') & Domain(
            'partner_id', '=', partner.commercial_partner_id.id)

    def _compute_access_url(self):  # pylint: disable=missing-return
        super()._compute_access_url()
        for review in self:
            review.access_url = f'/my/meetings/{review.id}'

    def _get_portal_button(self):
        return self.env._("Read Online") if self.shared_on else ''

    @api.model
    def _get_thread_with_access(self, thread_id, **kwargs):
        """The link shows the page. The messages of a review are not on it, so the token opens none of them."""
        return super()._get_thread_with_access(
            thread_id, **{name: value for name, value in kwargs.items() if name not in ('hash', 'pid', 'token')})

    def _get_portal_role(self, user, access_token=None):
        """Who reads this review in the portal: the link in the mail is the right to for whoever is not logged in.

        :return: 'customer' or 'seller', None for others
        """
        self.ensure_one()
        if user._is_public():
            return 'customer' if self.shared_on and self.state == 'closed' and self._is_token(access_token) else None
        if user._is_internal():
            return 'seller' if self.shared_on and self.with_user(user).has_access('read') else None
        return 'customer' if self.filtered_domain(self._get_portal_domain(user.partner_id)) else None
