from datetime import datetime, timedelta

from odoo.tests import Form

from .common import TODAY
from .relationship_common import RelationshipCommon

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


class PromiseCommon(RelationshipCommon):
    """What tests of promises share: promises that were made before, the night that asks, and the answers to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = cls.ours
        cls.Promise = cls.env['key.account.promise'].with_user(cls.ours)

    def promise(self, date_due=TOMORROW, days_ago=30, **vals):
        """A promise that was made some days ago."""
        promise = self.Promise.create({
            'name': "New drawings", 'account_id': self.account.id, 'contact_id': self.ada.id, 'date_due': date_due, **vals})
        self.env.flush_all()
        self.env.cr.execute("UPDATE key_account_promise SET create_date = %s WHERE id = %s", [
            datetime.combine(TODAY - timedelta(days=days_ago), datetime.min.time()), promise.id])
        promise.invalidate_recordset(['create_date'])
        return promise

    def run_night(self, today=TODAY, accounts=None):
        self.env.flush_all()
        self.env['key.account.promise']._refresh_promises(self.company, today, accounts or self.env['key.account'])
        self.env.invalidate_all()

    def name_date(self, promise, date, kind='late', write=False):
        action = promise.action_will_be_late() if kind == 'late' else promise.action_renegotiate()
        wizard = Form(self.env[action['res_model']].with_user(self.ours).with_context(**action['context']))
        wizard.date, wizard.reason = date, "A part is missing"
        wizard = wizard.save()
        return wizard.action_apply_and_write() if write else wizard.action_apply()

    def write_mail(self, promise):
        action = promise.action_write()
        self.assertEqual(action['res_model'], 'mail.compose.message')
        composer = Form(self.env['mail.compose.message'].with_user(self.ours).with_context(**action['context'])).save()
        composer._action_send_mail()
        return composer
