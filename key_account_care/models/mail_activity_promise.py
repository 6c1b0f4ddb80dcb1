from odoo import models


class MailActivity(models.Model):
    """The call that tells a customer of a delay is the telling, once it is done."""
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        call = self.env.ref('mail.mail_activity_data_call', raise_if_not_found=False)
        calls = self.filtered(lambda activity: activity.res_model == 'key.account.promise' and activity.activity_type_id == call)
        self.env['key.account.promise'].browse(calls.mapped('res_id')).exists()._note_told()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
