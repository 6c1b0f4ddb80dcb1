from odoo import api, models


class MailMessage(models.Model):
    """A mail that is deleted does not count any more."""
    _inherit = 'mail.message'

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        self.env['key.account.relationship']._note_stale_people(
            self.author_id | self.partner_ids | self.notified_partner_ids)
