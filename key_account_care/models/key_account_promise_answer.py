from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

ASK = 'mail.mail_activity_data_todo'
CALL = 'mail.mail_activity_data_call'


class KeyAccountPromise(models.Model):
    """What people answer: it will hold, it will be late, it was kept, it was broken."""
    _inherit = 'key.account.promise'

    # ------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------

    def action_keep(self):
        """Note today as the day on which these promises were kept, also those that were given up before."""
        self.filtered(lambda promise: promise.state in ('open', 'broken'))._settle('kept')

    def action_break(self):
        """Give up these promises."""
        self.filtered(lambda promise: promise.state == 'open')._settle('broken')

    def action_reopen(self):
        """Take back what was said about these promises.

        :raise UserError: when another promise has replaced one of them
        """
        if self.replaced_by_id:
            raise UserError(self.env._(
                "“%(promise)s” goes on under its new date. Delete that promise first.", promise=self.replaced_by_id[0].name))
        self.write({'state': 'open', 'done_on': False})

    def _settle(self, state):
        self.write({'state': state, 'done_on': fields.Date.context_today(self)})
        self._judge()
        self.activity_unlink([ASK, CALL])

    # ------------------------------------------------------------
    # Before it is due
    # ------------------------------------------------------------

    def action_will_hold(self):
        """Answer that these promises will hold."""
        promises = self.filtered(lambda promise: promise.state == 'open')
        promises.write({'forecast': 'hold', 'expected_on': False, 'told_on': False})
        promises.activity_unlink([ASK, CALL])

    def action_will_be_late(self):
        """Ask for when it will be kept instead."""
        return self._get_date_action('late', self.env._("Will Be Late"))

    def action_renegotiate(self):
        """Ask for the date that both sides agreed on instead."""
        return self._get_date_action('agreed', self.env._("Renegotiate"))

    def _get_date_action(self, kind, name):
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_promise_date'),
            'name': name,
            'context': {'default_promise_id': self.id, 'default_kind': kind},
        }

    def _announce_late(self, date, reason):
        """Note that the promise will be kept later. What we promised becomes a call to tell it before the date.

        Who was told of a delay knows enough, unless it will be later than that.

        :param date date: when it will be kept
        :param str reason: why
        """
        self.ensure_one()
        self.activity_unlink([ASK, CALL])
        ours = self.direction == 'we'
        told = self.told_on if self.forecast == 'late' and date <= self.expected_on else False
        self.write({
            'forecast': 'late', 'expected_on': date,
            'told_on': told if ours else fields.Date.context_today(self)})  # of theirs, we know it from them
        self._post_reason(reason)
        if ours and not told:
            self.activity_schedule(CALL, **self._prepare_call())

    def _prepare_call(self):
        """:return: dict of the values of the call that tells the customer, in the language of who calls"""
        self.ensure_one()
        caller = self.user_id or self.env.user
        env = self.with_context(lang=caller.lang).env
        return {
            'user_id': caller.id,
            'date_deadline': max(fields.Date.context_today(self), self.date_due - timedelta(days=1)),
            'summary': env._(
                "Tell %(who)s that it will be late", who=self.contact_id.name or self.partner_id.name),
        }

    def _renegotiate(self, date, reason):
        """Replace the promise by one for another date.

        :param date date: what both sides agreed on
        :param str reason: why
        :return: key.account.promise for the new date
        """
        self.ensure_one()
        new = self.copy({'date_due': date})
        self._settle('renegotiated')
        self.replaced_by_id = new
        self._post_reason(reason)
        return new

    def _post_reason(self, reason):
        if reason:
            self.message_post(body=reason, subtype_xmlid='mail.mt_note')

    # ------------------------------------------------------------
    # Telling the customer
    # ------------------------------------------------------------

    def action_told(self):
        """The customer was told that it will be late."""
        self._note_told()
        self.activity_feedback([CALL])

    def action_write(self):
        """Open a mail that tells the customer of the delay. Who has no address can only be called.

        :raise UserError: when the contact has no mail address
        """
        self.ensure_one()
        if not self._can_write():
            raise UserError(self.env._(
                "There is nobody with a mail address to write to. Choose a contact with one, or call."))
        return self._open_key_account_composer(
            self.env._("Tell the Customer"), 'key_account_care.mail_template_promise_late',
            key_account_promise_told=True)  # the mail that is sent from there is the telling

    def _can_write(self):
        self.ensure_one()
        return bool((self.contact_id or self.partner_id).email)

    def message_post(self, **kwargs):
        """The mail that tells of a delay counts as told; by the context key ``key_account_promise_told``."""
        message = super().message_post(**kwargs)
        if self.env.context.get('key_account_promise_told'):
            self._note_told()
            self.activity_unlink([CALL])
        return message

    def _note_told(self):
        """Note today as the day on which the customer was told of the delay, unless it knew before."""
        self.filtered(lambda promise: promise.direction == 'we' and promise.forecast == 'late' and not promise.told_on
                      ).told_on = fields.Date.context_today(self)
