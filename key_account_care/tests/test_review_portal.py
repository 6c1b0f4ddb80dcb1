from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from .common import KeyAccountCommon


class TestReviewPortal(KeyAccountCommon, HttpCase):
    """*Our meetings* in the portal: what we share of closed reviews, for the customer alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.create_customer("Harbor Works", contacts=["Ada"])
        for login, partner in (('ka_ada', customer.child_ids), ('ka_stranger', cls.create_customer("Lighthouse Inn"))):
            new_test_user(cls.env, login, 'base.group_portal', partner_id=partner.id)
        account = cls.env['key.account'].create({'partner_id': customer.id, 'user_id': cls.salesperson.id})
        cls.review = cls.env['key.account.review'].create({
            'account_id': account.id, 'type_id': cls.env['key.account.review.type'].create({'name': "Talk of June"}).id,
            'date': datetime(2025, 6, 27, 9), 'minutes': "<p>Secret minutes</p>", 'rating_note': "Secret rating",
            'topic_ids': [Command.create({'name': "Secret gap", 'is_internal': True})],
            'decision_ids': [
                Command.create({'name': "Weekly calls", 'kind': 'decision'}),
                Command.create({'name': "Send samples", 'user_id': cls.salesperson.id, 'deadline': date(2025, 7, 4)}),
                Command.create({'name': "<script>Name</script> a buyer", 'partner_id': customer.child_ids.id})]})
        cls.review.action_hold()
        cls.url = f'/my/meetings/{cls.review.id}'

    def test_customer(self):
        """Nothing before it is closed and shared, and nothing after we hide it."""
        self.authenticate('ka_ada', 'ka_ada')
        self.assertIn("no notes of our meetings", self.url_open(self.url).text)
        self.review._close(self.env['res.partner'], share=True)
        self.assertIn("Talk of June", self.url_open('/my/meetings').text)
        self.assertEqual(
            self.make_jsonrpc_request('/my/counters', {'counters': ['key_account_review_count']}),
            {'key_account_review_count': 1})
        page = self.url_open(self.url).text
        for text in (
                "Weekly calls", "Send samples", "&lt;script&gt;Name&lt;/script&gt; a buyer", "We do", "You do", "07/04/2025"):
            self.assertIn(text, page)
        self.assertNotIn("Secret", page)
        self.review.action_unshare()
        self.assertIn("no notes of our meetings", self.url_open(self.url).text)
        self.review.action_show_in_portal()
        self.assertIn("Weekly calls", self.url_open(self.url).text)

    def test_link(self):
        """The link in the mail shows the page with its pack to whoever is not logged in, as long as we share it."""
        self.company.partner_id.tz = 'Pacific/Auckland'
        self.review.date = datetime(2025, 6, 27, 13)
        self.review._close(self.env['res.partner'], share=True)
        link = self.review.get_portal_url()
        page = self.url_open(link).text
        for text in ("Weekly calls", "Delivered Products and Services", "Talk of June", "06/28/2025"):
            self.assertIn(text, page)
        for text in ("Secret", "06/27/2025"):
            self.assertNotIn(text, page)
        self.assertNotIn(self.review.access_token, page, "The page gives nobody the link.")
        for guess in ('', '?access_token=', '?access_token=guess', '?access_token=%F0%9F%8E%89', '?access_token=False'):
            self.assertIn('/web/login', self.url_open(self.url + guess).url)
        other = self.review.copy()
        self.assertFalse(other.access_token)
        self.assertIn('/web/login', self.url_open(other.access_url + f'?access_token={self.review.access_token}').url)
        self.authenticate('ka_stranger', 'ka_stranger')
        self.assertNotIn("Weekly calls", self.url_open(link).text, "Somebody else's mail is not for them.")
        self.logout()
        self.review.action_unshare()
        self.assertIn('/web/login', self.url_open(link).url)

    def test_link_in_the_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('sl_SI')
        self.review.partner_id.lang = 'sl_SI'
        self.review.type_id.with_context(lang='sl_SI').name = "Junijski pogovor"
        self.review._close(self.env['res.partner'], share=True)
        self.assertIn("Junijski pogovor", self.url_open(self.review.get_portal_url()).text)

    def test_others(self):
        self.review._close(self.env['res.partner'], share=True)
        self.assertIn('/web/login', self.url_open(self.url).url)
        for login in ('ka_stranger', 'ka_portal', 'ka_employee'):
            self.authenticate(login, login)
            self.assertNotIn("Weekly calls", self.url_open(self.url).text)
            self.assertNotIn("Talk of June", self.url_open('/my/meetings').text)
        self.authenticate('ka_salesperson', 'ka_salesperson')
        self.assertIn("Weekly calls", self.url_open(self.url).text, "Ours see what the customer sees.")
