from datetime import date
from unittest.mock import patch

from odoo import http
from odoo.tests import HttpCase, new_test_user
from odoo.tools import SQL

from .feedback_common import FeedbackCommon

SCRIPT = "<script>alert('x')</script> & <b>bold</b>"


class TestFeedbackPortal(FeedbackCommon, HttpCase):
    """What customers see and send: the page of an invitation, and *Tell us*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.create_customer("Lighthouse Inn")
        for login, partner in (('ka_ada', cls.ada), ('ka_bea', cls.bea), ('ka_stranger', cls.stranger)):
            new_test_user(cls.env, login, 'base.group_portal', name=partner.name, partner_id=partner.id)
        cls.invitation = cls.invite()
        cls.token = cls.invitation.sudo().access_token

    def open(self, token=None, invitation=None, **form):
        """The page of an invitation; with values it is sent."""
        token = self.token if token is None else token
        if not self.session:
            self.authenticate(None, None)
        url = f'/feedback/{(invitation or self.invitation).id}'
        if not form:
            return self.url_open(f'{url}?access_token={token}')
        return self.url_open(url, data={'csrf_token': http.Request.csrf_token(self), 'access_token': token, **form})

    def get_answers(self):
        return self.Feedback.search([('account_id', '=', self.account.id)])

    # ------------------------------------------------------------
    # The link
    # ------------------------------------------------------------

    def test_answer(self):
        page = self.open()
        self.assertEqual(page.status_code, 200)
        for text in ("Ada", "Harbor Trading asks", "How good are our ropes?", "What should be better?", "viewport"):
            self.assertIn(text, page.text)
        page = self.open(**{
            'score': '04', 'expectation': 'less', 'text': "Too late", f'question_{self.scored.id}': '09',
            f'question_{self.compared.id}': 'more', f'question_{self.worded.id}': "Speed"})
        self.assertIn("Thank you!", page.text)
        self.assertEqual(self.invitation.state, 'answered')
        feedback = self.invitation.feedback_id
        self.assertRecordValues(feedback, [{
            'kind': 'interview', 'channel': 'web', 'account_id': self.account.id, 'partner_id': self.ada.id, 'score': '04',
            'expectation': 'less', 'text': "Too late", 'date': date(2025, 6, 30), 'state': 'new',
            'owner_id': self.salesperson.id, 'company_id': self.company.id}])
        self.assertRecordValues(feedback.answer_ids, [
            {'score': '09', 'expectation': False, 'text': False}, {'score': False, 'expectation': 'more', 'text': False},
            {'score': False, 'expectation': False, 'text': "Speed"}])

    def test_used_once(self):
        self.open(score='09')
        for page in (self.open(), self.open(score='01')):
            self.assertIn("used already", page.text)
        self.assertEqual(self.get_answers().mapped('score'), ['09'])

    def test_reading_uses_nothing(self):
        """Programs that look into mails open links before people do."""
        self.open()
        self.open()
        self.assertIn("Thank you!", self.open(score='09').text)

    def test_expired(self):
        self.invitation.expires_on = date(2025, 6, 29)
        for page in (self.open(), self.open(score='09')):
            self.assertIn("has expired", page.text)
        self.assertFalse(self.get_answers())
        self.invitation.expires_on = self.today
        self.assertIn("Thank you!", self.open(score='09').text, "The last day counts.")

    def test_guessed(self):
        """Whoever guesses sees the same page, whether there is such an invitation or not."""
        other = self.invite(self.bea)
        unsent = self.invite(self.cid, send=False)
        used = self.invite(self.cid)
        used.state = 'answered'
        gone = self.Invitation.browse(987654321)
        pages = [self.open('wrong'), self.open(''), self.open('wrøng'), self.open(self.token, other), self.open('', unsent),
                 self.open('False', unsent), self.open('wrong', used), self.open(self.token, gone),
                 self.open('wrong', score='09'), self.open(self.token, other, score='09')]
        for page in pages:
            self.assertEqual(page.status_code, 404)
            self.assertIn("This link does not work", page.text)
            self.assertNotIn("Harbor Works", page.text)
        self.assertFalse(self.get_answers())

    def test_latest_mail_only(self):
        old = self.token
        self.invitation.action_send()
        self.assertEqual(self.open(old).status_code, 404)
        self.invitation.action_cancel()
        self.assertEqual(self.open(self.invitation.sudo().access_token or 'False').status_code, 404)

    def test_logged_in_as_somebody_else(self):
        for login in ('ka_stranger', 'ka_bea', self.salesperson.login):
            self.authenticate(login, login)
            for page in (self.open(), self.open(score='09')):
                self.assertEqual(page.status_code, 403)
                self.assertIn("for somebody else", page.text)
        self.assertFalse(self.get_answers())
        self.authenticate('ka_ada', 'ka_ada')
        self.assertIn("Thank you!", self.open(score='09').text)

    def test_two_send_at_once(self):
        """Whoever comes second, while the first is at work on it, is told that the link is used."""
        with patch.object(self.registry[self.Invitation._name], 'try_lock_for_update', lambda records: records.browse()):
            self.assertIn("used already", self.open(score='09').text)
        self.assertFalse(self.get_answers())

    # ------------------------------------------------------------
    # What is sent
    # ------------------------------------------------------------

    def test_long_answers(self):
        """10,000 letters, as the browser counts them: a line break is sent as two."""
        field, longest = f'question_{self.worded.id}', "ž" * 9000 + "\n" * 999 + "ž"
        page = self.open(**{field: longest + "x", 'score': '09'})
        self.assertIn("shorten your text to 10000 letters", page.text)
        self.assertIn("ž" * 9000, page.text, "What was written is not lost.")
        self.assertFalse(self.get_answers())
        self.assertIn("Thank you!", self.open(**{field: longest.replace("\n", "\r\n")}).text)
        self.assertEqual(self.get_answers().answer_ids.text, longest)

    def test_markup_is_text(self):
        page = self.open(text=SCRIPT, **{f'question_{self.worded.id}': "x" * 10001})
        self.assertNotIn("<script>alert", page.text)
        self.assertIn("&lt;script&gt;alert", page.text)
        self.open(text=SCRIPT + "\x00", score='03')
        feedback = self.get_answers()
        self.assertEqual(feedback.text, SCRIPT)
        self.assertEqual(feedback.summary, SCRIPT)
        mail = self.env.ref('key_account_care.mail_template_feedback_told')._render_field('body_html', feedback.ids)
        self.assertIn("&lt;script&gt;alert", mail[feedback.id])
        self.authenticate('ka_ada', 'ka_ada')
        self.assertNotIn("<script>alert", self.url_open('/my/feedback').text)

    def test_nonsense(self):
        for form in (
                {'score': '11'}, {'score': '-1'}, {'score': '7'}, {'score': "x"}, {'expectation': 'most'}, {'text': " \r\n "},
                {f'question_{self.scored.id}': "text"}, {'question_0': "09"}, {'state': 'closed', 'account_id': '1'}):
            with self.subTest(**form):
                self.assertIn("answer at least one question", self.open(**form).text)
        self.assertFalse(self.get_answers())

    def test_without_the_form_nothing_is_sent(self):
        """A page of somebody else cannot answer in the name of a visitor."""
        with self.assertLogs('odoo.http', 'WARNING'):
            self.assertEqual(self.open(score='09', csrf_token='made up').status_code, 400)
        self.assertFalse(self.get_answers())

    def test_language_of_the_person(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.scored.with_context(lang='fr_FR').text = "Nos cordes ?"
        self.ada.lang = 'fr_FR'
        page = self.open().text
        self.assertIn("Nos cordes ?", page)
        self.assertIn('lang="fr-FR"', page)
        self.open(**{f'question_{self.scored.id}': '09'})
        self.assertEqual(self.get_answers().answer_ids.question, "Nos cordes ?", "As it was asked.")

    def test_another_company_asks(self):
        """The account may be of another company than the one of the web site; its name and its settings count."""
        other = self.create_company("Other Trading", self.dollar)
        other.key_account_feedback_low = 9
        account = self.env['key.account'].with_company(other).create({
            'partner_id': self.customer.id, 'company_id': other.id, 'user_id': False})
        invitation = self.invite(account_id=account.id, user_id=False)
        token = invitation.sudo().access_token
        self.assertIn("Other Trading asks", self.open(token, invitation).text)
        self.open(token, invitation, score='09')
        self.assertRecordValues(invitation.feedback_id, [{'company_id': other.id, 'account_id': account.id, 'state': 'new'}])

    # ------------------------------------------------------------
    # Tell us
    # ------------------------------------------------------------

    def tell_us(self, **form):
        return self.url_open('/my/feedback', data={'csrf_token': http.Request.csrf_token(self), **form})

    def test_tell_us(self):
        self.authenticate('ka_ada', 'ka_ada')
        self.assertEqual(self.make_jsonrpc_request('/my/counters', {'counters': ['key_account_feedback_count']}), {
            'key_account_feedback_count': 1})
        self.assertIn("What is it about?", self.url_open('/my/feedback').text)
        page = self.tell_us(kind='complaint', text="The box was wet")
        self.assertIn("Thank you!", page.text)
        self.assertIn("We work on it", page.text)
        feedback = self.get_answers()
        self.assertRecordValues(feedback, [{
            'kind': 'complaint', 'channel': 'web', 'partner_id': self.ada.id, 'user_id': False, 'state': 'new',
            'owner_id': self.salesperson.id, 'company_id': self.company.id}])
        feedback.action_told()
        self.assertIn("Answered", self.url_open('/my/feedback').text)
        self.authenticate('ka_bea', 'ka_bea')
        self.assertNotIn("The box was wet", self.url_open('/my/feedback').text, "Colleagues do not read it.")

    def test_tell_us_what_we_ask_for(self):
        self.authenticate('ka_ada', 'ka_ada')
        for kind in ('news', 'help', 'nonsense', ''):
            self.assertIn("Choose what it is about", self.tell_us(kind=kind, text="Hello").text)
        self.assertIn("answer at least one question", self.tell_us(kind='praise').text)
        self.assertFalse(self.get_answers())

    def test_tell_us_as_a_stranger(self):
        """Who has no account with us has nothing to tell; the account of another customer cannot be chosen."""
        self.authenticate('ka_stranger', 'ka_stranger')
        self.assertEqual(self.make_jsonrpc_request('/my/counters', {'counters': ['key_account_feedback_count']}), {
            'key_account_feedback_count': 0})
        self.assertIn("no customer of ours yet", self.tell_us(kind='praise', text="x", account_id=self.account.id).text)
        self.assertFalse(self.get_answers())

    def test_tell_one_of_two_companies(self):
        other = self.create_company("Other Trading", self.dollar)
        account = self.env['key.account'].with_company(other).create({
            'partner_id': self.customer.id, 'company_id': other.id, 'user_id': False})
        self.authenticate('ka_ada', 'ka_ada')
        self.assertIn("Whom do you want to tell?", self.url_open('/my/feedback').text)
        self.tell_us(kind='praise', text="Good", account_id=account.id)
        self.tell_us(kind='praise', text="Good", account_id='made up')
        self.assertEqual(self.Feedback.search([('partner_id', '=', self.ada.id)], order='id').account_id, account + self.account)

    def test_archived_account(self):
        self.authenticate('ka_ada', 'ka_ada')
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE key_account SET active = FALSE WHERE id = %s", self.account.id))
        self.account.invalidate_recordset()
        self.assertIn("no customer of ours yet", self.url_open('/my/feedback').text)
