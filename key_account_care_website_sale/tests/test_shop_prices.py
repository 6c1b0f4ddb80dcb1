from datetime import date

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

PRODUCT = "Anchor of the Agreement"


@tagged('post_install', '-at_install')
class TestShopPrices(HttpCase):
    """The page of the shop and its cart show one price: the agreed one for the customer, the normal one for others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref('base.group_user')._apply_group(cls.env.ref('product.group_product_pricelist'))
        cls.website = cls.env['website'].search([], limit=1)
        cls.company = cls.website.company_id
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids, 'tracking_disable': True})
        cls.website = cls.website.with_env(cls.env)
        cls.product = cls.env['product.template'].create({
            'name': PRODUCT, 'list_price': 123.0, 'taxes_id': False, 'type': 'consu', 'website_published': True})
        customer = cls.env['res.partner'].create({'name': "Anchor Hotel", 'is_company': True})
        companies = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.buyer, cls.stranger = (
            new_test_user(cls.env, login, 'base.group_portal', password=login, **companies)
            for login in ('ka_shop_buyer', 'ka_shop_stranger'))
        cls.buyer.partner_id.parent_id = customer
        cls.agreement = cls.env['key.account.agreement'].create({
            'account_id': cls.env['key.account'].create({'partner_id': customer.id, 'company_id': cls.company.id}).id,
            'date_start': date.today(), 'currency_id': cls.company.currency_id.id,
            'line_ids': [Command.create({'product_tmpl_id': cls.product.id, 'price_unit': 77.0})]})
        cls.agreement.action_sign()

    def shop(self, login):
        """:return: the page of the product as somebody sees it, and the line of the cart after a click"""
        self.authenticate(login, login)
        page = self.url_open(self.product.website_url).text
        self.make_jsonrpc_request('/shop/cart/add', {
            'product_template_id': self.product.id, 'product_id': self.product.product_variant_id.id, 'quantity': 2})
        user = self.env['res.users'].search([('login', '=', login)])
        order = self.env['sale.order'].search([('partner_id', '=', user.partner_id.id)], limit=1)
        return page, order.order_line

    def test_customer_sees_the_agreed_price_on_page_and_cart(self):
        page, line = self.shop('ka_shop_buyer')
        self.assertIn('77.00', page)
        self.assertNotIn('123.00', page)
        self.assertEqual((line.price_unit, line.product_uom_qty), (77.0, 2.0))
        self.assertEqual(line.key_account_agreement_line_id, self.agreement.line_ids)
        self.assertIn('154.00', self.url_open('/shop/cart').text)

    def test_stranger_sees_the_normal_price(self):
        page, line = self.shop('ka_shop_stranger')
        self.assertIn('123.00', page)
        self.assertNotIn('77.00', page)
        self.assertEqual(line.price_unit, 123.0)
        self.assertFalse(line.key_account_agreement_line_id)

    def test_stranger_cannot_choose_the_pricelist(self):
        self.authenticate('ka_shop_stranger', 'ka_shop_stranger')
        self.url_open(f'/shop/change_pricelist/{self.agreement.pricelist_id.id}')
        page, line = self.shop('ka_shop_stranger')
        self.assertIn('123.00', page)
        self.assertEqual(line.price_unit, 123.0)

    def test_visitor_sees_the_normal_price(self):
        self.authenticate(None, None)
        page = self.url_open(self.product.website_url).text
        self.assertIn('123.00', page)
        self.assertNotIn('77.00', page)

    def test_pricelist_is_offered_to_nobody(self):
        domain = self.env['product.pricelist']._get_website_pricelists_domain(self.website)
        self.assertNotIn(self.agreement.pricelist_id, self.env['product.pricelist'].search(domain))
        self.assertTrue(self.agreement.pricelist_id._is_available_on_website(self.website))

    def test_others_read_no_prices(self):
        """The shop lets its visitors read pricelists and their rules, but not those of agreements."""
        items = self.agreement.pricelist_id.item_ids
        for user, count in (
                (self.buyer, len(items)), (self.stranger, 0), (self.env.ref('base.public_user'), 0)):
            theirs = items.with_user(user).with_context(allowed_company_ids=self.company.ids)
            if theirs.has_access('read') or not count:
                found = theirs.search([('id', 'in', items.ids)]) if theirs.browse().has_access('read') else theirs.browse()
                self.assertEqual(len(found), count, user.login)
