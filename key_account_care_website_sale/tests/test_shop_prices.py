from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

PRODUCT = "Anchor of the Agreement"


@tagged('post_install', '-at_install')
class TestShopPrices(HttpCase):
    """The pages of the shop and its cart show one price: the agreed one for the customer, the normal one for others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref('base.group_user')._apply_group(cls.env.ref('product.group_product_pricelist'))
        cls.website = cls.env['website'].search([], limit=1)
        cls.company = cls.website.company_id
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids, 'tracking_disable': True})
        cls.website = cls.website.with_env(cls.env)
        cls.env['product.pricelist'].search([]).action_archive()
        cls.env['product.pricelist'].create({
            'name': "Normal", 'website_id': cls.website.id, 'company_id': cls.company.id,
            'currency_id': cls.company.currency_id.id})
        cls.today = cls.env['key.account.agreement']._get_day(cls.company)
        cls.product = cls.env['product.template'].create({
            'name': PRODUCT, 'list_price': 123.0, 'taxes_id': False, 'type': 'service', 'website_published': True})
        cls.customer = cls.env['res.partner'].create({'name': "Anchor Hotel", 'is_company': True})
        companies = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        cls.buyer, cls.stranger = (
            new_test_user(cls.env, login, 'base.group_portal', password=login, **companies)
            for login in ('ka_shop_buyer', 'ka_shop_stranger'))
        address = {'street': "Quay 1", 'city': "Ghent", 'zip': "9000", 'country_id': cls.env.ref('base.be').id, 'phone': "1"}
        cls.buyer.partner_id.write({'parent_id': cls.customer.id, **address})
        cls.customer.write(address)

    @classmethod
    def create_agreement(cls, sign=True, line=None, **vals):
        """An agreement of the customer since 30 days; the product costs 77.00 by it."""
        account = cls.env['key.account'].search([('partner_id', '=', cls.customer.id)]) or cls.env['key.account'].create({
            'partner_id': cls.customer.id, 'company_id': cls.company.id})
        agreement = cls.env['key.account.agreement'].create({
            'account_id': account.id, 'date_start': cls.today - timedelta(days=30),
            'currency_id': cls.company.currency_id.id,
            'line_ids': [Command.create({'product_tmpl_id': cls.product.id, 'price_unit': 77.0, **(line or {})})], **vals})
        if sign:
            agreement.action_sign()
        return agreement

    def add_to_cart(self, quantity):
        """:return: the cart of whoever is logged in, after a click"""
        self.make_jsonrpc_request('/shop/cart/add', {
            'product_template_id': self.product.id, 'product_id': self.product.product_variant_id.id,
            'quantity': quantity})
        return self.env['sale.order'].search([('order_line.product_id', '=', self.product.product_variant_id.id)], limit=1)

    def assertShop(self, price, quantity=2):
        """The list, the page of the product and the cart, which has some of it, show this price and not the other one."""
        other = {'77.00': '123.00', '123.00': '77.00'}[price]
        listed = self.url_open('/shop?search=Anchor+of+the', timeout=60).text
        self.assertIn(f'<span class="oe_currency_value">{price}</span>', listed)
        page = self.url_open(self.product.website_url, timeout=60).text
        self.assertTrue(price in page and other not in page, f"{price} on the page of the product")
        cart = self.url_open('/shop/cart', timeout=60).text
        price, other = (f'{float(each) * quantity:.2f}' for each in (price, other))
        self.assertTrue(price in cart and other not in cart, f"{price} in the cart")

    # ------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------

    def test_customer_sees_the_agreed_price(self):
        agreement = self.create_agreement()
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        line = self.add_to_cart(2).order_line
        self.assertShop('77.00')
        self.assertEqual((line.price_unit, line.product_uom_qty), (77.0, 2.0))
        self.assertEqual(line.key_account_agreement_line_id, agreement.line_ids)

    def test_stranger_sees_the_normal_price_and_cannot_choose_another(self):
        agreement = self.create_agreement()
        self.authenticate('ka_shop_stranger', 'ka_shop_stranger')
        self.url_open(f'/shop/change_pricelist/{agreement.pricelist_id.id}')
        line = self.add_to_cart(2).order_line
        self.assertShop('123.00')
        self.assertEqual(line.price_unit, 123.0)
        self.assertFalse(line.key_account_agreement_line_id)

    def test_visitor_sees_the_normal_price_until_they_log_in(self):
        self.create_agreement()
        self.authenticate(None, None)
        self.assertEqual(self.add_to_cart(2).order_line.price_unit, 123.0)
        self.assertShop('123.00')

    def test_open_cart_when_an_agreement_begins(self):
        """Neither a new session nor a new cart is needed, though the cart is older than the agreement."""
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        cart = self.add_to_cart(2)
        self.assertShop('123.00')
        cart.date_order -= timedelta(days=60)
        self.create_agreement()
        self.assertShop('77.00')
        self.assertTrue(cart.order_line.key_account_agreement_line_id)

    def test_open_cart_when_the_agreement_ends(self):
        agreement = self.create_agreement()
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        cart = self.add_to_cart(2)
        self.assertShop('77.00')
        agreement._close('terminated', last_day=self.today - timedelta(days=1))
        self.assertShop('123.00')
        self.assertEqual(cart.order_line.price_unit, 123.0)
        self.assertFalse(cart.order_line.key_account_agreement_line_id)

    def test_open_cart_when_the_agreed_price_changes(self):
        agreement = self.create_agreement()
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        cart = self.add_to_cart(2)
        cart.date_order -= timedelta(days=2)
        item = agreement.pricelist_id.item_ids.filtered('key_account_agreement_line_id').sudo()
        yesterday = fields.Datetime.now() - timedelta(days=1)
        item.copy({'date_start': yesterday, 'fixed_price': 80.0, 'key_account_agreement_line_id': agreement.line_ids.id})
        item.date_end = yesterday
        self.url_open('/shop/cart', timeout=60)
        self.assertEqual(cart.order_line.price_unit, 80.0)

    def test_chosen_pricelist_stays(self):
        """Who chooses one of the pricelists that the shop offers buys by it, agreement or not."""
        self.create_agreement()
        chosen = self.env['product.pricelist'].create({
            'name': "Chosen", 'selectable': True, 'website_id': self.website.id, 'company_id': self.company.id,
            'currency_id': self.company.currency_id.id,
            'item_ids': [Command.create({'compute_price': 'percentage', 'percent_price': 0, 'applied_on': '3_global'})]})
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        cart = self.add_to_cart(2)
        self.url_open(f'/shop/change_pricelist/{chosen.id}')
        self.assertShop('123.00')
        self.assertEqual(cart.pricelist_id, chosen)

    # ------------------------------------------------------------
    # Beyond the maximum
    # ------------------------------------------------------------

    def limited_cart(self, policy, quantity):
        """A cart of the customer of a product of which 10 are agreed."""
        self.create_agreement(line={
            'product_tmpl_id': False, 'product_id': self.product.product_variant_id.id,
            'commitment': 'quantity', 'commit_max': 10.0}, beyond_limit=policy)
        self.authenticate('ka_shop_buyer', 'ka_shop_buyer')
        return self.add_to_cart(quantity)

    def test_more_than_the_maximum_is_refused_before_it_is_paid(self):
        cart = self.limited_cart('block', 14)
        self.assertIn("10 are left", self.url_open('/shop/payment', timeout=60).text)
        answer = self.url_open(f'/shop/payment/transaction/{cart.id}', json={'params': {
            'access_token': cart._portal_ensure_token()}}, timeout=60).json()
        self.assertIn("10 are left", answer['error']['data']['message'])
        cart.order_line.product_uom_qty = 10.0
        self.assertNotIn("are left", self.url_open('/shop/payment', timeout=60).text)

    def test_more_than_the_maximum_is_split_before_it_is_paid(self):
        cart = self.limited_cart('split', 14)
        for __ in range(2):  # again and again, with one result
            self.url_open('/shop/payment', timeout=60)
            self.assertEqual(cart.order_line.mapped('price_unit'), [77.0, 123.0])
            self.assertEqual(cart.order_line.mapped('product_uom_qty'), [10.0, 4.0])

    # ------------------------------------------------------------
    # Who reads pricelists
    # ------------------------------------------------------------

    def test_pricelist_is_offered_to_nobody(self):
        pricelist = self.create_agreement().pricelist_id
        offered = pricelist.search(pricelist._get_website_pricelists_domain(self.website))
        self.assertNotIn(pricelist, offered)
        self.assertTrue(pricelist._is_available_on_website(self.website))

    def test_only_the_customer_reads_the_prices(self):
        """The shop lets its visitors read pricelists and their rules, but not those of agreements."""
        pricelist = self.create_agreement().pricelist_id
        for user, count in ((self.buyer, 2), (self.stranger, 0), (self.env.ref('base.public_user'), 0)):
            theirs = pricelist.with_user(user).with_context(allowed_company_ids=self.company.ids)
            self.assertEqual(len(theirs.item_ids.search([('pricelist_id', '=', pricelist.id)])), count, user.login)
            self.assertEqual(len(theirs.search([('id', '=', pricelist.id)])), bool(count), user.login)
