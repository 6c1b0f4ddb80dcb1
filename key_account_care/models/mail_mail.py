from odoo import models


class MailMail(models.Model):
    """Tells an invitation to give feedback what became of its mail."""
    _inherit = 'mail.mail'

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Note the failure, or that there is none any more, before Odoo deletes the mail."""
        # sudo: mails are sent for everybody, whoever runs the queue
        invitations = self.env['key.account.feedback.invitation'].sudo().search([('mail_id', 'in', self.ids)])
        for invitation in invitations:
            invitation.mail_failure = failure_type and (
                failure_reason or invitation.mail_id.failure_reason or self.env._("The mail could not be delivered."))
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type)
