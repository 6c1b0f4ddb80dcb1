from odoo import api, models

AUTOMATIC_PRECEDENCES = ('auto_reply', 'bulk', 'junk')


class MailThread(models.AbstractModel):
    """Mails about our records are written in Odoo's composer; those that a machine of the customer wrote are told apart."""
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

    def _open_key_account_composer(self, title, template, **context):
        """
        :param str title: of the window
        :param str template: xml id of the mail template, which an administrator may have deleted
        :param context: what the composer is told beside the usual
        :return: the action that opens Odoo's composer with a mail about these records
        """
        template = self.env.ref(template, raise_if_not_found=False)
        return {
            'name': title,
            'type': 'ir.actions.act_window',
            'res_model': 'mail.compose.message',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_model': self._name,
                'default_res_ids': self.ids,
                'default_composition_mode': 'comment',
                'default_template_id': template and template.id,
                'force_email': True,
                **context,
            },
        }

    def _get_message_create_valid_field_names(self):
        return super()._get_message_create_valid_field_names() | {'key_account_is_automatic'}
