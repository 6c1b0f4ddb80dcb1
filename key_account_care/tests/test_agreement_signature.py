from base64 import b64encode
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .agreement_common import AgreementCommon

# one pixel
SIGNATURE = b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='


class TestAgreementSignature(AgreementCommon):
    """How an agreement gets to the customer and back, and that nobody signs in the customer's name."""

    makes_documents = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = 'office@anchor.example.com'
        cls.contact.email = 'ann@anchor.example.com'
        cls.agreement = cls.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_min': 10.0, 'commit_max': 100.0,
             'step_ids': [Command.create({'min_quantity': 50.0, 'price_unit': 72.125})]},
            {'applied_on': '3_global', 'price_type': 'cost_plus', 'markup': 17.0},
            sign=False, user_id=cls.salesperson.id)
        cls.agreement.account_id.user_id = cls.salesperson

    # ------------------------------------------------------------
    # Send
    # ------------------------------------------------------------

    def test_send(self):
        seller = self.agreement.with_user(self.salesperson)
        action = seller.action_send()
        self.assertEqual(self.agreement.state, 'draft', "Opening the composer sends nothing.")
        composer = Form(self.env['mail.compose.message'].with_user(self.salesperson).with_context(
            **action['context'])).save()
        self.assertIn(self.customer, composer.partner_ids)
        self.assertIn(self.agreement.name, composer.subject)
        self.assertTrue(composer.attachment_ids, "The agreement is attached.")
        composer.action_send_mail()
        self.assertEqual(self.agreement.state, 'sent')
        self.assertTrue(self.agreement.shared_on)
        message = self.agreement.message_ids.filtered(lambda message: message.message_type == 'comment')[:1]
        self.assertIn(self.customer, message.partner_ids)

    def test_send_where_no_pdf_can_be_made(self):
        def refuse(*args, **kwargs):
            raise UserError("No wkhtmltopdf")  # pylint: disable=translation-required

        self.patch(self.registry['ir.actions.report'], '_render_qweb_pdf', refuse)
        composer = Form(self.env['mail.compose.message'].with_context(**self.agreement.action_send()['context'])).save()
        self.assertFalse(composer.attachment_ids)
        composer.action_send_mail()
        self.assertEqual(self.agreement.state, 'sent')

    def test_nothing_to_send(self):
        self.agreement.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "no lines"):
            self.agreement.action_send()

    def test_back_to_draft_takes_it_from_the_portal(self):
        self.agreement.action_mark_sent()
        self.agreement.action_back_to_draft()
        self.assertFalse(self.agreement.shared_on)

    def test_only_people_of_the_customer_get_the_link(self):
        self.agreement.action_mark_sent()
        stranger = self.create_customer("Lighthouse Inn")
        __, matches, options = self.agreement._notify_get_recipients_groups(self.env['mail.message'], "Agreement")[0]
        for person in self.customer | self.contact:
            self.assertTrue(matches({'id': person.id, 'share': True}))
        self.assertFalse(matches({'id': stranger.id, 'share': True}))
        self.assertIn(self.agreement.access_token, options['button_access']['url'])

    # ------------------------------------------------------------
    # Sign
    # ------------------------------------------------------------

    def test_customer_signs(self):
        self.agreement.action_mark_sent()
        self.agreement.sudo()._sign_for_customer("Ann", SIGNATURE, self.contact)
        self.assertEqual((self.agreement.state, self.agreement.signed_by), ('signed', "Ann"))
        self.assertTrue(self.agreement.signed_on and self.agreement.signature and self.agreement.document)
        message = self.agreement.message_ids[0]
        self.assertEqual(message.author_id, self.contact)
        self.assertIn(self.salesperson.partner_id, message.notified_partner_ids, "The responsible is told.")
        self.assertEqual(message.attachment_ids.name, f"{self.agreement.name}.pdf")
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_signed_copy_is_kept(self):
        seller = self.agreement.with_user(self.salesperson)
        seller.write({'signed_copy': b64encode(b'scan'), 'signed_copy_name': 'scan.pdf'})
        seller.action_sign()
        self.assertEqual(self.agreement.state, 'signed')
        self.assertEqual(self.agreement.signed_copy, b64encode(b'scan'))
        self.assertTrue(self.agreement.document and self.agreement.signed_on)
        self.assertFalse(self.agreement.signed_by)
        with self.assertRaisesRegex(UserError, "its signed copy stays"):
            seller.signed_copy = b64encode(b'another')

    def test_employee_cannot_forge(self):
        self.agreement.action_mark_sent()
        seller = self.agreement.with_user(self.salesperson)
        for vals in ({'signed_by': "Ann"}, {'signature': SIGNATURE}, {'signed_on': '2025-01-01 00:00:00'},
                     {'document': b64encode(b'forged')}, {'document': False}):
            with self.assertRaisesRegex(UserError, "given in the portal", msg=vals):
                seller.write(vals)
        for vals in ({'signed_by': "Ann"}, {'state': 'signed'}):
            with self.assertRaises(UserError, msg=vals):
                seller.create({'account_id': self.agreement.account_id.id, **vals})

    def test_proofs_are_not_replaced_as_files(self):
        self.agreement.sudo()._sign_for_customer("Ann", SIGNATURE, self.contact)
        Attachment = self.env['ir.attachment'].with_user(self.salesperson)
        proofs = Attachment.search([
            ('res_model', '=', 'key.account.agreement'), ('res_id', '=', self.agreement.id), ('res_field', '!=', False)])
        self.assertEqual(set(proofs.mapped('res_field')), {'signature', 'document'})
        with self.assertRaisesRegex(UserError, "proves"):
            proofs[0].raw = b'forged'
        with self.assertRaisesRegex(UserError, "proves"):
            proofs.unlink()
        with self.assertRaisesRegex(UserError, "proves"):
            Attachment.create({
                'name': 'forged', 'raw': b'forged', 'res_model': 'key.account.agreement', 'res_id': self.agreement.id,
                'res_field': 'document'})

    def test_colleague_of_another_team_cannot_sign(self):
        with self.assertRaises(AccessError):
            self.agreement.with_user(self.salesperson_2).action_sign()

    def test_decline(self):
        self.agreement.action_mark_sent()
        self.agreement.sudo()._decline_for_customer("Too dear <b>", self.contact)
        self.assertEqual((self.agreement.state, self.agreement.close_reason), ('closed', 'declined'))
        self.assertEqual(self.agreement.close_note, "Too dear <b>")
        self.assertIn(self.salesperson.partner_id, self.agreement.message_ids[0].notified_partner_ids)
        self.assertIn("&lt;b&gt;", self.agreement.message_ids[0].body)

    # ------------------------------------------------------------
    # What the customer reads
    # ------------------------------------------------------------

    def test_document_lines(self):
        rope, rest = self.agreement._get_document_lines()
        self.assertEqual([quantity for quantity, __ in rope['prices']], ['', '50'])
        self.assertIn("80.00", rope['prices'][0][1])
        self.assertIn("72.125", rope['prices'][1][1], "No digit of an agreed price is lost.")
        self.assertEqual(rope['commitment'], "at least 10 Units, at most 100 Units")
        self.assertNotIn('left', rope)
        self.assertEqual((rest['name'], rest['prices']), ("Everything else", [('', "Price of the day")]))

    def test_left(self):
        self.agreement.action_sign()
        self.order(quantity=30.0)
        self.assertEqual(self.agreement._get_document_lines(with_left=True)[0]['left'], "70 Units")

    def test_bonus_and_firm_prices_are_read_before_signing(self):
        before = self.agreement._get_terms_digest()
        self.agreement.write({'price_policy': 'notice', 'bonus_ids': [
            Command.create({'amount_from': amount, 'percent': percent}) for amount, percent in ((1e6, 2.5), (5e6, 3.0))]})
        self.agreement.line_ids[0].never_revise = True
        text = " ".join(self.agreement._get_conditions())
        for part in ("2.5 % from", "1,000,000.00", "3 % from", "Quarter"):
            self.assertIn(part, text)
        self.assertEqual([line['note'] for line in self.agreement._get_document_lines()], ["Not revised", ""])
        self.assertNotEqual(self.agreement._get_terms_digest(), before)

    def test_report_of_several(self):
        other = self.create_agreement(
            {'price_type': 'discount', 'discount': 12.5}, sign=False, terms="<p>Free delivery</p>")
        html, __ = self.env['ir.actions.report']._render_qweb_html(
            'key_account_care.action_report_agreement', (self.agreement | other).ids)
        for text in (self.agreement.name, other.name, "12.5 % off", "Free delivery", "at most 100 Units"):
            self.assertIn(text, html.decode())
        self.assertNotIn("17", [line['prices'][0][1] for line in self.agreement._get_document_lines()])

    def test_digest_follows_what_is_signed(self):
        before = self.agreement._get_terms_digest()
        self.assertEqual(self.agreement.with_user(self.salesperson)._get_terms_digest(), before)
        self.agreement.line_ids.step_ids.price_unit = 73.0
        changed = self.agreement._get_terms_digest()
        self.assertNotEqual(changed, before)
        self.agreement.date_end = date(2026, 1, 31)
        self.assertNotEqual(self.agreement._get_terms_digest(), changed)

    # ------------------------------------------------------------
    # Who sees it in the portal
    # ------------------------------------------------------------

    def test_roles(self):
        branch, stranger = self.create_customer("Anchor Bistro"), self.create_customer("Lighthouse Inn")
        self.agreement.covered_partner_ids = branch
        own, covered, other = (
            new_test_user(self.env, f'portal_{partner.id}', 'base.group_portal', partner_id=partner.id)
            for partner in (self.contact, branch, stranger))
        public = self.env.ref('base.public_user')
        token = self.agreement._portal_ensure_token()
        people = (own, covered, other, public, self.salesperson, self.salesperson_2)

        def get_roles(access_token=None):
            return [self.agreement.sudo()._get_portal_role(user, access_token) for user in people]

        self.assertEqual(get_roles(token), [None] * 6, "A draft is never shown.")
        self.agreement.action_mark_sent()
        self.assertEqual(get_roles(), ['customer', None, None, None, 'seller', None])
        self.assertEqual(get_roles(token), ['customer', None, None, 'customer', 'seller', None])
        self.assertEqual(get_roles('wrong')[3], None)
        self.agreement.action_sign()
        self.assertEqual(get_roles(token), ['customer', 'covered', None, 'customer', 'seller', None])
        Agreement = self.env['key.account.agreement']
        for user, seen in ((own, self.agreement), (covered, self.agreement), (other, Agreement)):
            self.assertEqual(Agreement.search(Agreement._get_portal_domain(user.partner_id)) & self.agreement, seen)
        with self.assertRaises(AccessError):
            self.agreement.with_user(own).read(['name'])
