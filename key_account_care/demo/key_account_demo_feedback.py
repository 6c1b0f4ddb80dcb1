from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.fields import Command

from .voice_history import INTERVIEWS, VOICES

MET = {'+': 'more', '=': 'as', '-': 'less'}


class KeyAccountDemo(models.AbstractModel):
    """Makes what the people of customers tell us, from the tables in ``voice_history``."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_feedback(self, today):
        """Interviews of two years, and what we are told without asking. What is old was answered long ago.

        :param date today: day from which all days count back
        """
        demo = self.with_context(mail_activity_quick_update=True)
        interviews = demo._make_interviews(today)
        demo._make_voices(today)
        demo._make_invitations(today, interviews)

    @api.model
    def _prepare_feedback(self, kind, contact, user, day, channel, text):
        person = self._get_contact(contact)
        return {
            'kind': kind, 'account_id': self._get_account_of(person).id, 'partner_id': person.id,
            'user_id': self._get_colleague(user).id, 'date': day, 'channel': channel, 'text': text}

    @api.model
    def _get_account_of(self, person):
        """:return: key.account of somebody of a customer"""
        return self.env['key.account'].search([
            ('partner_id', '=', person.commercial_partner_id.id), ('company_id', '=', self.env.company.id)])

    # ------------------------------------------------------------
    # Who was asked
    # ------------------------------------------------------------

    @api.model
    def _make_interviews(self, today):
        vals_list = [
            self._prepare_interview(interview, place, today)
            for interview in INTERVIEWS for place in range(len(interview.scores))]
        interviews = self.env['key.account.feedback'].create(vals_list)
        for interview in interviews.filtered('state'):
            told = datetime.combine(interview.date + timedelta(days=1), time(10))
            if interview.date < today - timedelta(days=30):
                self._settle_feedback(interview, 'closed', told, "We talked about it on the phone.")
        return interviews

    @api.model
    def _prepare_interview(self, interview, place, today):
        day = today - timedelta(days=interview.last + place * interview.every)
        score, words = interview.scores[place], "" if place else interview.words
        return {
            **self._prepare_feedback('interview', interview.contact, interview.user, day, interview.channel, words),
            'score': f'{score:02}', 'expectation': MET[interview.met[place]],
            'answer_due': datetime.combine(day + timedelta(days=2), time(15)),
            'answer_ids': [
                self._prepare_answer('quality', score=f'{max(score - place % 2, 0):02}'),
                self._prepare_answer('delivery', score=f'{min(score + place % 3 - 1, 10):02}'),
                self._prepare_answer('help', expectation=MET[interview.met[place]])]}

    @api.model
    def _prepare_answer(self, question, **vals):
        return Command.create({'question_id': self.env.ref(f'key_account_care.question_{question}').id, **vals})

    # ------------------------------------------------------------
    # Who told us
    # ------------------------------------------------------------

    @api.model
    def _make_voices(self, today):
        Feedback = self.env['key.account.feedback']
        for voice in VOICES:  # one by one: earlier complaints make later ones more severe
            day = today - timedelta(days=voice.age)
            area = voice.area and self.env.ref(f'key_account_care.area_{voice.area}').id
            due = voice.answer is not None and datetime.combine(today - timedelta(days=voice.answer), time(15))
            feedback = Feedback.create({
                **self._prepare_feedback(voice.kind, voice.contact, voice.user, day, voice.channel, voice.text),
                'area_id': area, 'competitor': voice.competitor, 'answer_due': due})
            if voice.told:
                told = datetime.combine(today - timedelta(days=voice.told), time(11))
                self._settle_feedback(feedback, voice.state, told, voice.outcome)
            elif voice.state:
                feedback.state = voice.state

    @api.model
    def _settle_feedback(self, feedback, state, told, outcome):
        feedback.activity_ids.unlink()
        feedback.write({'state': state, 'told_on': told, 'outcome': outcome})

    # ------------------------------------------------------------
    # Invitations
    # ------------------------------------------------------------

    @api.model
    def _make_invitations(self, today, interviews):
        """Who answered on the page was invited; somebody else has not answered yet."""
        answered = interviews.filtered(lambda feedback: feedback.channel == 'web')
        invitations = self.env['key.account.feedback.invitation'].create([
            *({**self._prepare_invitation(each.partner_id, each.date - timedelta(days=4)), 'feedback_id': each.id,
               'user_id': each.user_id.id} for each in answered),
            self._prepare_invitation(self._get_contact('nyhavn_ceo'), today - timedelta(days=6))])
        invitations.filtered('feedback_id').state = 'answered'

    @api.model
    def _prepare_invitation(self, person, day):
        return {
            'account_id': self._get_account_of(person).id, 'partner_id': person.id, 'state': 'sent', 'proposed_on': day,
            'sent_on': day, 'expires_on': day + timedelta(days=self.env.company.key_account_feedback_days),
            'user_id': self._get_account_of(person).user_id.id}
