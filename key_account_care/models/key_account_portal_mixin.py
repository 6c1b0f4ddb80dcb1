from odoo import models
from odoo.tools import consteq


class KeyAccountPortalMixin(models.AbstractModel):
    """What customers read in the portal: logged in, or by the link with the token that a mail of ours gave them."""
    _name = 'key.account.portal.mixin'
    _description = "Shared with a Customer"
    _inherit = ['portal.mixin']

    def _is_token(self, access_token):
        """:return: whether this is the token of the link to this record; a guess may be of any characters"""
        return bool(self.access_token) and consteq(self.access_token.encode(), (access_token or '').encode())

    def _get_portal_button(self):
        """:return: the title of the button in mails to the customer's people; empty while they have nothing to open"""
        return ''

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """All people of the customer get the button; others who follow get none, since the link is the right to read."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        if not self:
            return groups
        self.ensure_one()
        # sudo: who is one of the customer's people does not depend on which contacts the sender may see
        people = set(self.env['res.partner'].sudo().search([('commercial_partner_id', '=', self.partner_id.id)]).ids)
        for name, __, options in groups:
            if name in ('portal', 'customer', 'follower'):
                options['has_button_access'] = False
        title = self._get_portal_button()
        access = {'url': self.get_base_url() + self.get_portal_url(), 'title': title} if title else {}
        return [
            ('key_account_customer', lambda person: person['share'] and person['id'] in people,
             {'active': True, 'has_button_access': bool(title), 'button_access': access}),
            *(group for group in groups if group[0] != 'portal_customer')]
