from odoo import api, models


class MailMessage(models.Model):
    """A mail that is deleted does not count any more."""
    _inherit = 'mail.message'

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        # sudo: relationships are counted by the nightly run, whoever deletes a message
        self.env['key.account.relationship'].sudo().search([
            ('partner_id', 'in', (self.author_id | self.partner_ids | self.notified_partner_ids).ids)]).is_stale = True
