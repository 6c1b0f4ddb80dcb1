from datetime import date, datetime, timedelta
from unittest.mock import patch

from lxml import html
from odoo.exceptions import UserError
from odoo.tests import tagged

from .agreement_common import AgreementCommon
from .common import TODAY

INTERNAL = (
    'margin', 'cost', 'leakage', 'coverage', 'strength', 'thread', 'who knows whom', 'internal', 'health', 'warning', 'risk',
    'at stake', 'comparable', 'expected a year', 'could buy', 'white space')


@tagged('post_install', '-at_install')
class TestReviewPack(AgreementCommon):
    """The pack of a review: the same figures for us and for the customer, who reads nothing that only we may know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = cls.salesperson
        cls.knot = cls.create_product(name="Knot", list_price=10.0, standard_price=7.77)
        cls.agreement = cls.create_agreement({'price_unit': 80.0}, {'product_id': cls.knot.id, 'price_unit': 9.0})
        for day, quantity in ((date(2025, 4, 10), 3.0), (date(2025, 6, 10), 2.0)):
            cls.sell(quantity, day)
        cls.sell(5.0, date(2025, 5, 20), cls.knot)
        cls.open_order = cls.order(quantity=4.0, day=date(2025, 6, 20), client_order_ref="PO 77")
        cls.open_order.commitment_date = TODAY - timedelta(days=3)
        cls.review = cls.create_review()

    @classmethod
    def sell(cls, quantity, day, product=None):
        """A confirmed order that was delivered and invoiced on a day."""
        order = cls.order(quantity=quantity, product=product, date_order=day)
        order.order_line.qty_delivered = quantity
        move = order._create_invoices()
        move.invoice_date = day
        move.action_post()
        return move

    @classmethod
    def create_review(cls, **vals):
        """A review of the second quarter of 2025."""
        return cls.env['key.account.review'].create({
            'account_id': cls.account.id, 'user_id': cls.salesperson.id, 'period_start': date(2025, 4, 1),
            'period_end': date(2025, 6, 30), **vals,
            'type_id': cls.env['key.account.review.type'].create({'name': "Quarterly Business Review"}).id})

    def read_pack(self, version, review=None):
        """:return: str, the words of a pack"""
        self.env.flush_all()
        content = (review or self.review)._render_pack(version)
        return " ".join(html.fromstring(f'<div>{content}</div>').text_content().split())

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def test_delivered_by_product_and_month(self):
        delivered = self.review._get_delivered()
        self.assertEqual(delivered['months'], {date(2025, 4, 1): 240.0, date(2025, 5, 1): 45.0, date(2025, 6, 1): 160.0})
        self.assertEqual(delivered['total'], 445.0)
        rope, knot = delivered['products']
        self.assertEqual((rope['product_id'], rope['quantity'], rope['amount']), (self.product.id, 5.0, 400.0))
        self.assertEqual((knot['quantity'], knot['months']), (5.0, {'2025-05-01': 45.0}))
        self.assertAlmostEqual(delivered['margin'], 400.0 - 5 * 60.0 + 45.0 - 5 * 7.77, 2)

    def test_quantities_in_the_unit_of_the_product(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self.order(quantity=2.0, date_order=date(2025, 6, 2), line={'product_uom_id': dozen.id})
        order.order_line.qty_delivered = 2.0
        move = order._create_invoices()
        move.invoice_date = date(2025, 6, 2)
        move.action_post()
        self.env.flush_all()
        self.assertEqual(self.review._get_delivered()['products'][0]['quantity'], 5.0 + 24.0)

    def test_nothing_of_other_periods_and_customers(self):
        other = self.create_customer("Other Hotel")
        self.create_account(other)
        self.order(partner=other, quantity=50.0)
        self.sell(9.0, date(2025, 3, 31))
        self.env.flush_all()
        self.assertEqual(self.review._get_delivered()['total'], 445.0)
        self.assertEqual(self.review._get_orders_in_progress()['count'], 1)

    def test_orders_in_progress_against_their_promise(self):
        found = self.review._get_orders_in_progress()
        self.assertEqual((found['count'], found['late_count']), (1, 1))
        self.assertEqual(
            {name: found['orders'][0][name] for name in ('id', 'reference', 'days_late', 'percent')},
            {'id': self.open_order.id, 'reference': "PO 77", 'days_late': 3, 'percent': 0})
        self.open_order.order_line.qty_delivered = 4.0
        self.env.flush_all()
        self.assertEqual(self.review._get_orders_in_progress()['count'], 0)

    def test_credit_notes(self):
        move = self.sell(1.0, date(2025, 6, 12))
        refund = move._reverse_moves([{'invoice_date': date(2025, 6, 15)}])
        refund.action_post()
        self.assertEqual(self.review._get_credits(), {'count': 1, 'amount': 80.0})

    def test_agreement_and_what_it_saved(self):
        figures = self.review._get_agreement_figures()
        self.assertEqual(figures['agreement'], self.agreement)
        self.assertEqual(figures['amount'], 445.0 + 320.0)
        self.assertEqual(figures['saved'], 9 * 20.0 + 5 * 1.0)

    def test_the_pack_asks_as_often_whatever_was_bought(self):
        self.open_doors()
        self.read_pack('internal')
        before = self.count_queries()
        for __ in range(4):
            self.sell(1.0, date(2025, 6, 3), self.create_product(list_price=10.0))
        self.open_doors(4)
        self.assertLessEqual(self.count_queries(), before)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.review.with_user(self.salesperson)._render_pack('internal')
        return self.env.cr.sql_log_count - before

    # ------------------------------------------------------------
    # Two versions
    # ------------------------------------------------------------

    def test_customer_reads_nothing_internal(self):
        self.open_doors()
        words = self.read_pack('customer').lower()
        doors = ("their buyer leaves", "4,321.00", "buoys", "777.00")
        for word in (*INTERNAL, *doors, "38.85", "100.00"):  # and no cost nor margin as a number
            self.assertNotIn(word, words)
        internal = self.read_pack('internal').lower()
        for word in ('margin', 'coverage', 'internal', 'health', '2 of 3', *doors):
            self.assertIn(word, internal)

    def open_doors(self, count=1):
        """A warning and white space, both with their money."""
        self.account.flush_recordset()
        self.env['key.account.risk'].create([
            {'name': "Their buyer leaves", 'account_id': self.account.id, 'amount': 4321.0, 'user_id': self.salesperson.id,
             'severity': '3'} for __ in range(count)])
        self.company.key_account_peer_buyers = 1
        category, *__ = categories = self.env['product.category'].create([{'name': "Buoys"} for __ in range(count)])
        self.env['key.account.peer'].sudo().create([
            {'company_id': self.company.id, 'peer_group': f'tier:{self.account.tier_id.id or 0}', 'customer_count': 3,
             'product_categ_id': each.id, 'buyer_count': 2, 'amount': 777.0} for each in categories])
        self.env['key.account.whitespace.verdict'].create({
            'account_id': self.account.id, 'product_categ_id': category.id, 'verdict': 'opportunity'})
        self.env.flush_all()
        self.env['key.account']._refresh_health(self.company, TODAY, self.env['key.account'])
        self.env.invalidate_all()

    def test_doors_are_on_the_agenda_for_us_only(self):
        self.open_doors()
        old = self.env['key.account.risk'].create({
            'name': "Old news", 'account_id': self.account.id, 'opened_on': date(2025, 5, 1)})
        met = self.create_review(date=datetime(2025, 5, 2, 9))
        met.sudo().with_context(key_account_review_step=True).state = 'held'
        self.env.invalidate_all()
        found = {vals['name']: vals for vals in self.review.with_user(self.salesperson)._get_agenda_suggestions()}
        offer = next(name for name in found if name.startswith("Offer Buoys"))
        self.assertIn("777.00", offer)
        self.assertTrue(all(found[name]['is_internal'] for name in (offer, "Their buyer leaves")))
        self.assertNotIn(old.name, found)
        met.unlink()
        self.assertIn(old.name, {vals['name'] for vals in self.review._get_agenda_suggestions()})

    def test_figures_of_the_customer_know_no_margin(self):
        def names(value):
            if isinstance(value, dict):
                return {str(name) for name in value}.union(*map(names, value.values()))
            return set().union(*map(names, value)) if isinstance(value, (list, tuple)) else set()
        found = names(self.review._get_customer_pack())
        self.assertIn('products', found)
        self.assertFalse([name for name in found if any(word in name for word in INTERNAL)])

    def test_language_of_the_reader(self):
        """Ours is in the language of whoever reads it, also on the page, which Odoo opens in that of the website."""
        self.env['res.lang']._activate_lang('sl_SI')
        self.salesperson.lang = 'sl_SI'
        review = self.review.with_user(self.salesperson).with_context(lang='en_US')
        self.assertEqual(review._get_pack_lang('internal'), 'sl_SI')

    def test_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('sl_SI')
        self.customer.lang = 'sl_SI'
        self.assertEqual(self.review._get_pack_lang('customer'), 'sl_SI')
        self.knot.with_context(lang='sl_SI').name = "Vozel"
        self.assertIn("Vozel", self.read_pack('customer'))
        self.assertNotIn("Vozel", self.read_pack('internal'))

    def test_markup_in_names_is_text(self):
        self.knot.name = "<script>alert(1)</script>"
        self.env.flush_all()
        self.assertIn("&lt;script&gt;", self.review._render_pack('customer'))

    def test_what_both_sides_promised_agreed_and_said(self):
        promise, __ = self.env['key.account.promise'].create([
            {'name': name, 'account_id': self.account.id, 'direction': direction, 'user_id': self.salesperson.id,
             'contact_id': self.contact.id, 'date_due': TODAY + timedelta(days=5)}
            for name, direction in (("New drawings", 'we'), ("A forecast", 'they'))])
        self.env['key.account.objective'].create(
            {'name': "Twice the turnover", 'account_id': self.account.id, 'year': 2025, 'target_value': 890.0})
        self.env['key.account.objective'].create({
            'name': "A goal of ours", 'account_id': self.account.id, 'year': 2025, 'target_value': 1.0, 'is_shared': False})
        self.env['key.account.feedback'].create([
            {'kind': 'interview', 'account_id': self.account.id, 'date': date(2025, 6, 2), 'score': '08'},
            {'kind': 'help', 'account_id': self.account.id, 'date': date(2025, 6, 3), 'text': "Lent a crane"},
            {'kind': 'complaint', 'account_id': self.account.id, 'date': date(2025, 1, 3), 'text': "Of another period"}])
        words = self.read_pack('customer')
        for text in ("We: New drawings", "You: A forecast", "Twice the turnover", "8.0 of 10 (1 answers)", "Lent a crane"):
            self.assertIn(text, words)
        for text in ("A goal of ours", "complaints"):
            self.assertNotIn(text, words)
        promise.date_due = date(2025, 6, 1)
        self.assertEqual(self.review._get_kept_promises()['we'], {'count': 1, 'kept': 0.0})

    # ------------------------------------------------------------
    # Frozen, and what can go wrong
    # ------------------------------------------------------------

    def test_sent_packs_do_not_change(self):
        packs = {version: self.review._render_pack(version) for version in ('customer', 'internal')}
        self.review.with_user(self.salesperson)._freeze_pack()
        self.sell(7.0, date(2025, 6, 25))
        self.knot.name = "Another Name"
        self.env.flush_all()
        self.review.invalidate_recordset()
        for version, pack in packs.items():
            self.assertEqual(self.review.with_user(self.salesperson)._render_pack(version), pack)
        sent = self.review.pack_date
        self.review._freeze_pack()
        self.assertEqual(self.review.pack_date, sent)
        self.assertIn("Another Name", self.read_pack('customer', self.create_review()))

    def test_nobody_writes_what_was_sent(self):
        with self.assertRaises(UserError):
            self.review.with_user(self.salesperson).pack_customer = "<p>All is well</p>"

    def test_a_pack_needs_a_period(self):
        for vals in ({'period_start': False}, {'period_end': date(2025, 3, 1)}):
            with self.assertRaisesRegex(UserError, "first and the last day"):
                self.create_review(**vals)._render_pack('customer')

    def test_without_what_makes_pdfs(self):
        Report = self.registry['ir.actions.report']
        with patch.object(Report, 'get_wkhtmltopdf_state', lambda report: 'install'):
            with self.assertRaisesRegex(UserError, "web page"):
                self.review.action_print_pack()
            page = self.env['ir.actions.report']._render_qweb_html('key_account_care.report_review_customer', self.review.ids)
            self.assertIn(b"cannot make PDFs", page[0])
            self.assertIn(b"Knot", page[0])

    def test_nothing_bought(self):
        self.review.write({'period_start': date(2024, 1, 1), 'period_end': date(2024, 3, 31)})
        self.assertIn("Nothing was delivered in this period.", self.read_pack('customer'))
        self.assertIn("Nothing was delivered in this period.", self.read_pack('internal'))
