from odoo import api, fields, models


class MailMessage(models.Model):
    """A mail that is deleted does not count any more, and one that no person has written never does."""
    _inherit = 'mail.message'

    key_account_is_automatic = fields.Boolean(string="Automatic Reply", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        self.env['key.account.relationship']._note_stale_people(
            self.author_id | self.partner_ids | self.notified_partner_ids)
