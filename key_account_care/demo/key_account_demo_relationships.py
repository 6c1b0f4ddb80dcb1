from bisect import bisect_left
from datetime import datetime, time, timedelta
from itertools import cycle

from odoo import api, fields, models
from odoo.tools import plaintext2html

from .relationship_history import BOUNCES, EXCHANGES, JUDGED, MEETINGS, STRANGERS, SUBJECTS


class KeyAccountDemo(models.AbstractModel):
    """Makes what we and the people of customers say to each other, from the tables in ``relationship_history``."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_relationships(self, today):
        """Mails, calls and meetings of a year. The nightly run makes relationships of them.

        :param date today: day from which all days count back
        """
        hours = self._get_working_moments(today)
        messages = self.env['mail.message'].create([
            *self._prepare_exchanges(hours, today), *self._prepare_strangers(hours, today),
            *self._prepare_bounces(hours, today)])
        self._return_mails(messages[-len(BOUNCES):])
        self._make_calls(today)
        self._make_meetings(hours, today)
        self._judge_relationships()

    @api.model
    def _get_working_moments(self, today):
        """:return: list of datetimes: every hour in which the company worked in the last 13 months, until now"""
        end = min(datetime.combine(today, time.max), fields.Datetime.now())
        intervals = self.env['key.account.response']._get_working_intervals(
            self.env.company, end - timedelta(days=400), end)
        return [
            start + timedelta(hours=number) for start, stop in intervals
            for number in range(int((stop - start).total_seconds() // 3600))]

    @api.model
    def _get_place(self, hours, today, age):
        """:return: place in the working hours: one of the last ones before the evening of a day"""
        return bisect_left(hours, datetime.combine(today - timedelta(days=age), time.max)) - 1 - age % 7

    @api.model
    def _get_contact(self, name):
        return self.env.ref(f'key_account_care.contact_{name}')

    @api.model
    def _get_colleague(self, login):
        own = {'admin': 'base.user_admin', 'demo': 'base.user_demo'}
        return self.env.ref(own.get(login, f'key_account_care.user_{login}'))

    # ------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------

    @api.model
    def _prepare_exchanges(self, hours, today):
        """:return: list of dicts: what they ask, what we answer, and what we write first"""
        mails, subjects = [], cycle(SUBJECTS)
        for exchange in EXCHANGES:
            contact = self._get_contact(exchange.contact)
            sender = self._get_colleague(exchange.user).partner_id
            for age, wait in zip(exchange.asked, cycle(exchange.waits)):
                subject, place = next(subjects), self._get_place(hours, today, age)
                mails.append(self._prepare_mail(contact, contact, sender, hours[place], subject))
                if wait and place + wait < len(hours):
                    answered = hours[place + wait] + timedelta(minutes=20)
                    mails.append(self._prepare_mail(contact, sender, contact, answered, f"Re: {subject}"))
            mails += [
                self._prepare_mail(contact, sender, contact, hours[self._get_place(hours, today, age)], next(subjects))
                for age in exchange.told]
        return mails

    @api.model
    def _prepare_mail(self, document, author, recipient, date, subject):
        return {
            'model': document._name, 'res_id': document.id, 'record_name': document.display_name,
            'author_id': author.id, 'email_from': author.email_formatted, 'partner_ids': recipient.ids,
            'message_type': 'email' if author.partner_share else 'comment', 'is_internal': False,
            'subtype_id': self.env.ref('mail.mt_comment').id, 'date': date, 'subject': subject,
            'body': plaintext2html(f"{subject}."), 'reply_to': author.email_formatted}

    @api.model
    def _prepare_strangers(self, hours, today):
        mails = []
        for age, customer, name, email in STRANGERS:
            document = self._get_accounts(customer).partner_id
            mails.append({
                **self._prepare_mail(
                    document, self.env['res.partner'], self.env.user.partner_id, hours[self._get_place(hours, today, age)],
                    SUBJECTS[age % len(SUBJECTS)]),
                'author_id': False, 'email_from': f'"{name}" <{email}>', 'message_type': 'email'})
        return mails

    @api.model
    def _prepare_bounces(self, hours, today):
        mails = []
        for age, name, user in BOUNCES:
            contact, sender = self._get_contact(name), self._get_colleague(user).partner_id
            mails.append(self._prepare_mail(
                contact, sender, contact, hours[self._get_place(hours, today, age)], "Are you still in charge of Koper?"))
        return mails

    @api.model
    def _return_mails(self, messages):
        self.env['mail.notification'].create([{
            'mail_message_id': message.id, 'res_partner_id': message.partner_ids.id, 'notification_type': 'email',
            'notification_status': 'bounce', 'failure_type': 'mail_bounce', 'author_id': message.author_id.id,
            'is_read': True,
        } for message in messages])

    # ------------------------------------------------------------
    # Calls, meetings, judgements
    # ------------------------------------------------------------

    @api.model
    def _make_calls(self, today):
        call, model = self.env.ref('mail.mail_activity_data_call'), self.env.ref('base.model_res_partner')
        self.env['mail.activity'].with_context(mail_activity_quick_update=True).create([{
            'res_model_id': model.id, 'res_id': self._get_contact(exchange.contact).id, 'activity_type_id': call.id,
            'user_id': self._get_colleague(exchange.user).id, 'active': False,
            'date_deadline': today - timedelta(days=age), 'date_done': today - timedelta(days=age),
            'summary': SUBJECTS[age % len(SUBJECTS)],
        } for exchange in EXCHANGES for age in exchange.calls])

    @api.model
    def _make_meetings(self, hours, today):
        events = []
        for age, duration, name, users, contacts in MEETINGS:
            start = hours[self._get_place(hours, today, age)]
            people = [self._get_colleague(user).partner_id.id for user in users.split()]
            people += [self._get_contact(contact).id for contact in contacts.split()]
            events.append({
                'name': name, 'user_id': self._get_colleague(users.split()[0]).id, 'partner_ids': people,
                'start': start, 'stop': start + timedelta(hours=duration)})
        self.env['calendar.event'].with_context(
            no_mail_to_attendees=True, dont_notify=True, skip_contact_description=True).create(events)

    @api.model
    def _judge_relationships(self):
        relationships = self.env['key.account.relationship'].create([{
            'account_id': self._get_accounts(name.split('_')[0]).id, 'user_id': self._get_colleague(user).id,
            'partner_id': self._get_contact(name).id, 'desired': desired} for name, user, desired, _said in JUDGED])
        for relationship, (_name, _user, _desired, assessment) in zip(relationships, JUDGED):
            if assessment:
                relationship.assessment = assessment
