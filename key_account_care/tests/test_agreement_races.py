from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import execute_cr
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger

CUSTOMERS = ("Race Anchor", "Race Bay", "Race Cove", "Race Dock")


@tagged('post_install', '-at_install')
class TestAgreementRaces(TransactionCase):
    """Two at once, each in a transaction of its own as two requests are; what is committed for it is deleted after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(
            cls.registry['res.groups'], '_is_feature_enabled',
            lambda groups, feature: feature == 'product.group_product_pricelist'))
        cls.startClassPatcher(patch.object(
            cls.registry['key.account.agreement'], '_render_document', lambda agreement, tell=True: False))
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True})
        cls.addClassCleanup(cls.commit, cls._delete_world)
        cls.commit(cls._create_world)

    @classmethod
    def _create_world(cls, env):
        """A customer with a signed agreement over at most 10 pieces of rope, one with two drafts, and one with another.

        The last two have a subsidiary in common.
        """
        cls.anchor, cls.bay, cls.cove, cls.dock = env['res.partner'].create([
            {'name': name, 'is_company': True} for name in CUSTOMERS]).ids
        cls.rope, cls.knot = env['product.product'].create([
            {'name': name, 'list_price': 100.0, 'taxes_id': False, 'type': 'service'}
            for name in ("Race Rope", "Race Knot")]).ids
        accounts = env['key.account'].create([
            {'partner_id': customer, 'company_id': env.company.id} for customer in (cls.anchor, cls.bay, cls.cove)])
        year = date.today().year
        cls.signed, *cls.drafts, cls.other_draft = env['key.account.agreement'].create([
            {'account_id': account.id, 'date_start': date(year, 1, 1), 'date_end': date(year, 12, 31), 'line_ids': [
                Command.create({'product_id': cls.rope, 'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}),
                Command.create({'product_id': cls.knot, 'price_unit': 40.0})]}
            for account in accounts[0] + accounts[1] + accounts[1] + accounts[2]]).ids
        for draft in (cls.drafts[0], cls.other_draft):
            env['key.account.agreement'].browse(draft).covered_partner_ids = [Command.set([cls.dock])]
        env['key.account.agreement'].browse(cls.signed).action_sign()

    @classmethod
    def _delete_world(cls, env):
        customers = env['res.partner'].search([('name', 'in', CUSTOMERS)])
        orders = env['sale.order'].search([('partner_id', 'in', customers.ids)])
        orders._action_cancel()
        orders.unlink()
        agreements = env['key.account.agreement'].search([('partner_id', 'in', customers.ids)])
        agreements.pricelist_id.unlink()
        agreements.state = 'draft'
        agreements.unlink()
        env['key.account'].search([('partner_id', 'in', customers.ids)]).unlink()
        customers.unlink()
        env['product.template'].search([('name', 'in', ("Race Rope", "Race Knot"))]).unlink()

    # ------------------------------------------------------------
    # Transactions
    # ------------------------------------------------------------

    @classmethod
    def commit(cls, function):
        """Do something in a transaction of its own.

        :return: what the function returns
        """
        with cls.registry.cursor() as cursor:
            cursor.execute(SQL("SET LOCAL lock_timeout = '20s'"))  # a test that waits for itself fails
            return function(cls.env(cr=cursor))

    def begin(self):
        """:return: an environment whose transaction sees nothing of what others commit from now on"""
        cursor = self.registry.cursor()
        self.addCleanup(cursor.close)
        cursor.execute(SQL("SELECT 1"))
        return self.env(cr=cursor)

    def request(self, env, model, method, record_id, *args, wait=None):
        """Call a method as a request does, and count its tries in ``self.tries``.

        :param wait: what happens while Odoo waits before it tries again; by default nothing
        """
        with patch('odoo.service.model.time.sleep', side_effect=wait) as sleep, mute_logger('odoo.sql_db'):
            try:
                execute_cr(env.cr, env.uid, model, method, [[record_id], *args], {})
            finally:
                self.tries = 1 + sleep.call_count

    def quote(self, env, quantity, product=None, customer=None):
        """:return: a quotation of one line"""
        return env['sale.order'].create({
            'partner_id': customer or self.anchor,
            'order_line': [Command.create({'product_id': product or self.rope, 'product_uom_qty': quantity})]})

    def make_quotes(self, *quantities, policy='block', **options):
        """:return: ids of quotations under an agreement with this policy, which everybody sees"""
        def make(env):
            env['key.account.agreement'].browse(self.signed).write({'beyond_limit': policy, 'commit_max': 0.0})
            return [self.quote(env, quantity, **options).id for quantity in quantities]
        ids = self.commit(make)
        self.addCleanup(self.commit, lambda env: env['sale.order'].browse(ids)._action_cancel())
        return ids

    def confirm(self, order_id):
        self.commit(lambda env: env['sale.order'].browse(order_id).action_confirm())

    def read_lines(self, order_id):
        """:return: list of quantity, price and whether it is a call-off"""
        return self.commit(lambda env: [
            (line.product_uom_qty, line.price_unit, bool(line.key_account_agreement_line_id))
            for line in env['sale.order'].browse(order_id).order_line])

    def get_called_off(self):
        return self.commit(lambda env: env['key.account.agreement'].browse(self.signed).line_ids[0].called_off)

    # ------------------------------------------------------------
    # Two orders
    # ------------------------------------------------------------

    def test_loser_is_refused(self):
        """Of two orders for the last pieces the second one sees the first one, although it began before it."""
        first, second = self.make_quotes(6.0, 6.0)
        late = self.begin()
        self.confirm(first)
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.request(late, 'sale.order', 'action_confirm', second)
        self.assertEqual(self.tries, 2)
        self.assertEqual(self.get_called_off(), 6.0)
        self.assertEqual(self.commit(lambda env: env['sale.order'].browse(second).state), 'draft')

    def test_loser_is_split(self):
        first, second = self.make_quotes(6.0, 6.0, policy='split')
        late = self.begin()
        self.confirm(first)
        self.request(late, 'sale.order', 'action_confirm', second)
        self.assertEqual(self.tries, 2)
        self.assertEqual(self.read_lines(second), [(4.0, 80.0, True), (2.0, 100.0, False)])
        self.assertEqual(self.get_called_off(), 10.0)

    def test_second_waits_for_the_first(self):
        """While the first one is at work, the second one cannot take anything."""
        first, second = self.make_quotes(6.0, 4.0)
        early, late = self.begin(), self.begin()
        early['sale.order'].browse(first).action_confirm()
        early.flush_all()
        late.cr.execute(SQL("SET LOCAL lock_timeout = '1ms'"))
        self.request(late, 'sale.order', 'action_confirm', second, wait=lambda seconds: early.cr.commit())
        self.assertEqual(self.tries, 2)
        self.assertEqual(self.read_lines(second), [(4.0, 80.0, True)])
        self.assertEqual(self.get_called_off(), 10.0)

    def test_maximum_of_the_whole_agreement(self):
        first, second = self.make_quotes(6.0, 6.0, product=self.knot)
        self.commit(lambda env: env['key.account.agreement'].browse(self.signed).write(
            {'commitment': True, 'commit_max': 400.0}))
        late = self.begin()
        self.confirm(first)
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.request(late, 'sale.order', 'action_confirm', second)
        self.assertEqual(self.tries, 2)

    def test_two_confirmed_orders_grow(self):
        first, second = self.make_quotes(4.0, 4.0)
        for order in (first, second):
            self.confirm(order)
        lines = self.commit(lambda env: env['sale.order'].browse([first, second]).order_line.ids)
        late = self.begin()
        self.commit(lambda env: env['sale.order.line'].browse(lines[0]).write({'product_uom_qty': 6.0}))
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.request(late, 'sale.order.line', 'write', lines[1], {'product_uom_qty': 6.0})
        self.assertEqual(self.tries, 2)
        self.assertEqual(self.get_called_off(), 10.0)

    def test_lines_without_maximum_do_not_wait(self):
        first, second = self.make_quotes(6.0, 6.0, product=self.knot)
        early, late = self.begin(), self.begin()
        early['sale.order'].browse(first).action_confirm()
        early.flush_all()
        late.cr.execute(SQL("SET LOCAL lock_timeout = '1ms'"))
        self.request(late, 'sale.order', 'action_confirm', second)
        self.assertEqual(self.tries, 1)
        early.cr.commit()
        self.assertEqual(self.read_lines(first), self.read_lines(second))

    # ------------------------------------------------------------
    # Signing meanwhile
    # ------------------------------------------------------------

    def sign(self, agreement_id):
        """Sign for everybody to see; it is a draft again after the test."""
        self.addCleanup(self.commit, self._take_back)
        self.commit(lambda env: env['key.account.agreement'].browse(agreement_id).action_sign())

    def _take_back(self, env):
        agreements = env['key.account.agreement'].browse([*self.drafts, self.other_draft])
        agreements.pricelist_id.unlink()
        agreements.state = 'draft'

    def test_quotation_made_while_the_agreement_is_signed(self):
        """It cannot know the price yet, but says so, and one button puts it right."""
        late = self.begin()
        self.sign(self.drafts[0])
        order = self.quote(late, 6.0, customer=self.bay)
        late.cr.commit()
        late.invalidate_all()
        self.assertEqual((order.order_line.price_unit, order.order_line.key_account_agreement_mark), (100.0, 'covered'))
        self.assertTrue(order.key_account_agreement_to_apply)
        order.action_apply_agreement_prices()
        self.assertEqual((order.order_line.price_unit, order.order_line.key_account_agreement_mark), (80.0, 'agreed'))
        late.cr.commit()

    def test_two_agreements_signed_for_the_same_days(self):
        late = self.begin()
        self.sign(self.drafts[0])
        with self.assertRaisesRegex(ValidationError, "signed agreement for some of these days"):
            self.request(late, 'key.account.agreement', 'action_sign', self.drafts[1])
        self.commit(lambda env: self.assertRecordValues(
            env['key.account.agreement'].browse(self.drafts), [
                {'state': 'signed'}, {'state': 'draft'}]))
        self.assertFalse(self.commit(lambda env: env['key.account.agreement'].browse(self.drafts[1]).pricelist_id.ids))

    def test_two_parents_sign_for_a_subsidiary(self):
        late = self.begin()
        self.sign(self.drafts[0])
        with self.assertRaisesRegex(UserError, "one agreement at a time"):
            self.request(late, 'key.account.agreement', 'action_sign', self.other_draft)
        late.cr.rollback()
        self.assertEqual(self.tries, 2)
        self.assertEqual(self.commit(lambda env: env['key.account.agreement'].browse(self.other_draft).state), 'draft')
