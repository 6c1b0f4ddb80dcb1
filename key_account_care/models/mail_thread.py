from odoo import api, models

AUTOMATIC_PRECEDENCES = ('auto_reply', 'bulk', 'junk')


class MailThread(models.AbstractModel):
    """Mails that a machine of the customer has written are told apart as they arrive."""
    _inherit = 'mail.thread'

    @api.model
    def message_parse(self, message, save_original=False):
        values = super().message_parse(message, save_original=save_original)
        if self._is_key_account_automatic(message):
            values['key_account_is_automatic'] = True
        return values

    @api.model
    def _is_key_account_automatic(self, message):
        """Whether no person has written a mail, such as an answer during leave (RFC 3834, section 5).

        :param email.message.EmailMessage message: as it came in
        """
        return (
            message.get('Auto-Submitted', 'no').strip().lower() != 'no'
            or message.get('Precedence', '').strip().lower() in AUTOMATIC_PRECEDENCES
            or any(name in message for name in ('X-Autoreply', 'X-Autorespond')))

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {'key_account_is_automatic'}
