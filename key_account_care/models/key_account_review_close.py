from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date, is_html_empty


class KeyAccountReview(models.Model):
    """The end of a review: who was there, the minutes, and the next one."""
    _inherit = 'key.account.review'

    closed_on = fields.Date(readonly=True, copy=False)
    sent_to_ids = fields.Many2many(
        'res.partner', 'key_account_review_sent_rel', 'review_id', 'partner_id', string="Minutes Sent to", readonly=True,
        copy=False)
    next_id = fields.Many2one(
        'key.account.review', string="Next Review", readonly=True, copy=False, index='btree_not_null', ondelete='set null')

    def action_hold(self):
        """The meeting has taken place. Who was invited counts as present until somebody says otherwise.

        :raise UserError: when its day is not known or has not come
        """
        self._check_open()
        today = fields.Date.context_today(self)
        for review in self:
            if not review.date:
                raise UserError(self.env._("When was it held? Enter the day and time of the meeting."))
            if review._get_day() > max(today, self.env['key.account.agreement']._get_day(review.company_id)):
                raise UserError(self.env._(
                    "The meeting is on %(date)s. It can be marked as held on that day.",
                    date=format_date(self.env, review._get_day())))
            review._set_state(
                'held', tier_id=review.account_id.tier_id.id, by_schedule=False,
                present_ids=[Command.set((review.present_ids or review.attendee_ids).ids)])
            review._get_meeting_activities()._action_done()

    def action_close(self):
        """Open the assistant that shows to whom the minutes are sent and when the next review is due."""
        self.ensure_one()
        self._check_held()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_review_close'),
            'context': {'default_review_id': self.id},
        }

    def _check_held(self):
        if self.state != 'held':
            raise UserError(self.env._("Only a review that was held, and is not closed yet, is closed."))

    def _close(self, recipients, share=False, next_due=False):
        """Keep the pack as it is, send it with the minutes, share both in the portal, and open the next review.

        :param res.partner recipients: who gets the minutes
        :param bool share: the customer reads decisions and actions in the portal
        :param date next_due: when the next review is due; empty for none
        :raise UserError: when it was not held, or when there is nothing to send
        """
        self.ensure_one()
        self._check_held()
        if recipients and is_html_empty(self.minutes) and not self.decision_ids:
            raise UserError(self.env._("There is nothing to send yet: write the minutes, or what was decided."))
        self._freeze_pack()
        self._set_state('closed', closed_on=fields.Date.context_today(self))
        if share:
            self._share()
        self._send_minutes(recipients)
        if next_due:
            self.next_id = self._open_next(next_due)
        self.decision_ids._make_promises()

    def _send_minutes(self, recipients):
        """Mail the minutes, in the language of each reader. Odoo tries again what a mail server did not take.

        :param res.partner recipients: who gets them; those without an email address do not
        """
        template = self.env.ref('key_account_care.mail_template_review_minutes')
        pack = self._attach_pack() if recipients else self.env['ir.attachment']
        readers = recipients.filtered('email')
        for lang, people in readers.grouped(lambda person: person.lang or self.partner_id.lang).items():
            self.with_context(key_account_reader_lang=lang).message_post_with_source(
                template, partner_ids=[Command.set(people.ids)], subtype_xmlid='mail.mt_comment', message_type='comment',
                attachment_ids=[Command.set(pack.ids)], force_send=False)
        self.sent_to_ids |= readers

    def _get_next_due(self):
        """:return: date on which the next review of this kind is due, on a working day; False by hand only"""
        self.ensure_one()
        months = self.type_id._get_months(self.account_id.tier_id)
        if not months:
            return False
        due = fields.Date.add(self._get_day(), months=months)
        due = max(due, fields.Date.context_today(self))
        return self._get_workdays(self.company_id, due, 0)[due]

    def _open_next(self, due):
        """:return: key.account.review of the same kind that is open already, or is opened for this day"""
        self.ensure_one()
        found = self.search([
            ('account_id', '=', self.account_id.id), ('type_id', '=', self.type_id.id), ('state', 'in', ('due', 'planned'))],
            order='due_date', limit=1)
        return found or self.create({
            'account_id': self.account_id.id, 'type_id': self.type_id.id, 'due_date': due, 'by_schedule': True,
            'user_id': (self.account_id.user_id or self.user_id).id, 'period_start': fields.Date.add(self.period_end, days=1)})
