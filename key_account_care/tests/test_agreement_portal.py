from odoo import http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon
from .test_agreement_signature import SIGNATURE


class TestAgreementPortal(AgreementCommon, HttpCase):
    """The customer reads, signs or declines in the portal; others are refused."""

    makes_documents = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch, cls.stranger = cls.create_customer("Anchor Bistro"), cls.create_customer("Lighthouse Inn")
        for login, partner in (('ka_ann', cls.contact), ('ka_branch', cls.branch), ('ka_stranger', cls.stranger)):
            new_test_user(cls.env, login, 'base.group_portal', partner_id=partner.id)
        cls.agreement = cls.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 100.0},
            {'applied_on': '3_global', 'price_type': 'cost_plus', 'markup': 17.25},
            sign=False, user_id=cls.salesperson.id, covered_partner_ids=[Command.set(cls.branch.ids)],
            terms="<p>Free delivery</p>")
        cls.agreement.action_mark_sent()
        cls.token = cls.agreement._portal_ensure_token()
        cls.url = f'/my/agreements/{cls.agreement.id}'

    def accept(self, agreement=None, token='', digest=None, name="Ann", signature=SIGNATURE):
        """Sign as the visitor; the answer that the page gets."""
        agreement = agreement or self.agreement
        return self.make_jsonrpc_request(
            f'/my/agreements/{agreement.id}/accept?digest={digest or agreement._get_terms_digest()}',
            {'access_token': token or agreement.access_token, 'name': name, 'signature': signature.decode()})

    def decline(self, reason):
        """Decline as the visitor; the page that comes then."""
        return self.url_open(
            f'{self.url}/decline', data={'csrf_token': http.Request.csrf_token(self), 'reason': reason}).text

    def get_comment(self):
        """The latest message that a person wrote."""
        return self.agreement.message_ids.filtered(lambda message: message.message_type == 'comment')[0]

    def test_read_and_sign(self):
        self.authenticate('ka_ann', 'ka_ann')
        page = self.url_open(self.url).text
        for text in ("80.00", "Accept & Sign", "at most 100 Units", "Price of the day"):
            self.assertIn(text, page)
        self.assertNotIn("17.25", page, "The markup would tell our cost.")
        self.assertIn(self.agreement.name, self.url_open('/my/agreements').text)
        self.assertEqual(
            self.make_jsonrpc_request('/my/counters', {'counters': ['key_account_agreement_count']}),
            {'key_account_agreement_count': 1})
        answer = self.accept()
        self.assertIn('message=signed', answer['redirect_url'])
        self.assertEqual((self.agreement.state, self.agreement.signed_by), ('signed', "Ann"))
        self.assertEqual(self.get_comment().author_id, self.contact)
        page = self.url_open(answer['redirect_url']).text
        self.assertIn("Thank you!", page)
        self.assertNotIn("Accept & Sign", page)
        self.assertIn("signed already", self.accept()['error'], "Signing twice changes nothing.")

    def test_link_of_the_mail(self):
        self.assertIn("80.00", self.url_open(f'{self.url}?access_token={self.token}').text)
        for guess in ('wrong', 'pr%C3%B8v', ''):
            self.assertIn('/web/login', self.url_open(f'{self.url}?access_token={guess}').url)
        self.assertIn('error', self.accept(token='wrong'))
        self.assertEqual(self.agreement.state, 'sent')
        self.accept()
        self.assertEqual(self.agreement.state, 'signed')
        self.assertEqual(self.get_comment().author_id, self.customer)

    def test_link_tried_by_another_customer(self):
        self.authenticate('ka_stranger', 'ka_stranger')
        page = self.url_open(f'{self.url}?access_token={self.token}')
        self.assertNotIn("80.00", page.text)
        self.assertIn("not shared with you", page.text)
        self.assertIn("not for you to sign", self.accept()['error'])
        self.assertEqual(self.agreement.state, 'sent')

    def test_seller_cannot_sign_for_the_customer(self):
        self.authenticate(self.salesperson.login, self.salesperson.login)
        self.agreement.account_id.user_id = self.salesperson
        self.assertNotIn("Accept & Sign", self.url_open(self.url).text)
        self.assertIn("Only Anchor Hotel can sign", self.accept()['error'])
        self.assertEqual(self.agreement.state, 'sent')

    def test_covered_company_reads_prices_only(self):
        self.agreement.action_sign()
        self.order(quantity=30.0)
        self.authenticate('ka_branch', 'ka_branch')
        page = self.url_open(self.url).text
        self.assertIn("80.00", page)
        for secret in (self.token, "70 Units", "30 Units", "2,400", "at most 100 Units", "Notice period", "Free delivery"):
            self.assertNotIn(secret, page)
        answer = self.url_open(f'{self.url}?report_type=pdf')
        self.assertNotEqual(answer.headers['Content-Type'], 'application/pdf', "The signed document is the customer's.")
        self.authenticate('ka_ann', 'ka_ann')
        self.assertIn("70 Units", self.url_open(self.url).text)

    def test_draft_is_not_shown(self):
        self.agreement.action_back_to_draft()
        self.authenticate('ka_ann', 'ka_ann')
        self.assertNotIn("80.00", self.url_open(f'{self.url}?access_token={self.token}').text)
        self.assertIn('error', self.accept())

    def test_what_cannot_be_signed(self):
        for vals, text in (
                ({'digest': 'another'}, "was changed meanwhile"), ({'name': ' '}, "Write your name"),
                ({'signature': b''}, "draw your signature"), ({'signature': b'bm90IGFuIGltYWdl'}, "cannot be read")):
            self.assertIn(text, self.accept(**vals)['error'])
        self.agreement.write({'date_start': '2024-01-01', 'date_end': '2024-12-31'})
        self.assertIn("would have ended", self.accept()['error'])
        self.agreement._close('terminated')
        self.assertIn("is closed", self.accept()['error'])
        self.assertFalse(self.agreement.signature)

    @mute_logger('odoo.http')
    def test_sign_while_another_is_in_force(self):
        other = self.create_agreement({'price_unit': 90.0})
        error = self.accept()['error']
        self.assertIn("nothing was signed", error)
        self.assertNotIn(other.name, error)
        self.assertEqual(self.agreement.state, 'sent')
        self.assertFalse(self.agreement.signature or self.agreement.signed_by or self.agreement.pricelist_id)
        self.assertEqual(other.state, 'signed')
        note = self.get_comment()
        self.assertIn(other.name, note.body)
        self.assertEqual(note.subtype_id, self.env.ref('mail.mt_note'), "The customer does not see it.")
        self.assertIn(self.salesperson.partner_id, note.notified_partner_ids)

    def test_decline(self):
        self.authenticate('ka_ann', 'ka_ann')
        page = self.decline("Too dear")
        self.assertIn("was not concluded", page)
        self.assertEqual((self.agreement.close_reason, self.agreement.close_note), ('declined', "Too dear"))
        self.assertIn("cannot be declined", self.decline("Again"))

    def test_pdf_is_the_one_that_was_signed(self):
        self.accept()
        document = self.url_open(f'{self.url}?access_token={self.token}&report_type=pdf')
        self.assertEqual(document.headers['Content-Type'], 'application/pdf')
        self.assertEqual(document.content, self.agreement.with_context(bin_size=False).document and
                         self.env['ir.attachment'].search([
                             ('res_model', '=', self.agreement._name), ('res_id', '=', self.agreement.id),
                             ('res_field', '=', 'document')]).raw)
