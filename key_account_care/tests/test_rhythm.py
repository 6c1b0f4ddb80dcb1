from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median, median_low

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

from .common import TODAY, KeyAccountCommon
from .hypothesis_common import needs_hypothesis, run_examples, strategies


class TestRhythm(KeyAccountCommon):
    """How often a customer orders a product, when again, and what is made of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer("Harbor Works", contacts=("Ada",))
        cls.account = cls.env['key.account'].create({'partner_id': cls.customer.id, 'user_id': cls.salesperson.id})
        cls.chain = cls.create_product(name="Chain", list_price=7.0)
        cls.Rhythm = cls.env['key.account.rhythm']

    @classmethod
    def order(cls, *days_ago, quantity=1.0, product=None, partner=None, **vals):
        """Confirmed orders of one product so many days ago, at 10 each."""
        return cls.env['sale.order'].union(*(
            cls.create_order(partner or cls.customer, TODAY - timedelta(days=ago), 10.0 * quantity, quantity=quantity,
                             product=product, **vals) for ago in days_ago))

    def night(self, company=None):
        self.env['key.account'].sudo()._do_step(self.Rhythm.sudo()._refresh_rhythm, company or self.company, TODAY)

    def find(self, product=None, account=None):
        return self.Rhythm.search([
            ('account_id', '=', (account or self.account).id), ('product_id', '=', (product or self.product).id)])

    def stored(self):
        """All rows with where each of them is: a row that is written moves."""
        self.env.flush_all()
        return self.env.execute_query(SQL(
            "SELECT ctid::text, to_jsonb(t) FROM key_account_rhythm t WHERE company_id = %s ORDER BY account_id, product_id",
            self.company.id))

    # ------------------------------------------------------------
    # The figures
    # ------------------------------------------------------------

    def test_figures(self):
        """Intervals of 30, 40 and 30 days; a contact's order counts, two on a day are one, one odd quantity moves nothing."""
        self.order(130, 100, quantity=4.0)
        self.order(60, quantity=40.0)
        self.order(30, quantity=1.0)
        self.order(30, quantity=3.0, partner=self.customer.child_ids)
        self.night()
        self.assertRecordValues(self.find(), [{
            'interval_days': 30.0, 'spread_days': 0.0, 'usual_quantity': 4.0, 'usual_amount': 40.0, 'order_count': 4,
            'last_date': date(2025, 5, 31), 'next_date': TODAY, 'tolerated_until': date(2025, 7, 3),
            'lapsed_after': date(2025, 8, 29), 'confidence': 80, 'due_state': 'due', 'company_id': self.company.id,
            'currency_id': self.company.currency_id.id, 'uom_id': self.product.uom_id.id}])

    def test_confidence_falls_with_the_spread(self):
        self.order(90, 60, 30)
        self.order(90, 70, 30, product=self.chain)
        self.night()
        self.assertEqual(self.find().confidence, 75)
        # intervals of 20 and 40: median 30, each 10 away, 14.8 as standard deviation: 3/4 x (1 - 14.8/30)
        self.assertRecordValues(self.find(self.chain), [{'interval_days': 30.0, 'spread_days': 14.8, 'confidence': 38}])

    def test_needs_three_days(self):
        self.order(60, 30, 30)
        self.night()
        self.assertFalse(self.find())
        self.order(1)
        self.night()
        self.assertEqual(self.find().order_count, 3)

    def test_what_does_not_count(self):
        """Quotations, what was cancelled, what is older than the months of the company, and later than the day."""
        self.order(90, 60)
        self.order(30, confirm=False)
        self.order(20)._action_cancel()
        self.order(800)
        self.order(-1)
        self.night()
        self.assertFalse(self.find())
        self.company.key_account_rhythm_months = 30
        self.night()
        self.assertEqual(self.find().order_count, 3)

    def test_products_that_are_not_sold_again(self):
        for vals in ({'active': False}, {'sale_ok': False}, {'expense_policy': 'cost'}):
            product = self.create_product(name="Gone")
            self.order(90, 60, 30, product=product)
            product.write(vals)
        discount = self.create_product(name="Discount")
        self.company.sale_discount_product_id = discount
        self.order(90, 60, 30, product=discount)
        self.night()
        self.assertFalse(self.Rhythm.search([('account_id', '=', self.account.id)]))

    def test_other_units_and_currencies(self):
        """Two dozen for 240 dollars are 24 pieces for 120 euros."""
        for ago in (90, 60, 30):
            order = self.create_order(self.customer, TODAY - timedelta(days=ago), confirm=False)
            order.currency_id = self.dollar
            order.order_line.write({
                'product_uom_id': self.env.ref('uom.product_uom_dozen').id, 'product_uom_qty': 2.0, 'price_unit': 120.0})
            order.action_confirm()
            order.write({'date_order': TODAY - timedelta(days=ago)})
            self.env.flush_all()
            self.env.cr.execute(SQL("UPDATE sale_order SET currency_rate = 2 WHERE id = %s", order.id))
        self.env.invalidate_all()
        self.night()
        self.assertRecordValues(self.find(), [{'usual_quantity': 24.0, 'usual_amount': 120.0}])

    def test_day_in_the_time_zone_of_the_company(self):
        self.company.partner_id.tz = 'Asia/Tokyo'
        self.order(90, 60)
        order = self.order(30)
        order.date_order = '2025-05-31 16:00:00'  # the first of June there
        self.night()
        self.assertEqual(self.find().last_date, date(2025, 6, 1))

    def test_customer_whose_history_came_as_invoices(self):
        for ago in (90, 60, 30):
            self.create_invoice(self.customer, TODAY - timedelta(days=ago), 20.0, product=self.product, quantity=2.0)
        self.create_credit_note(self.customer, TODAY - timedelta(days=10), 20.0, product=self.product, quantity=2.0)
        self.night()
        self.assertRecordValues(self.find(), [{'interval_days': 30.0, 'usual_quantity': 2.0, 'usual_amount': 20.0}])
        self.order(5)
        self.night()
        self.assertFalse(self.find())

    # ------------------------------------------------------------
    # The nightly step
    # ------------------------------------------------------------

    def test_writes_only_what_changed(self):
        self.order(90, 60, 30)
        self.order(90, 60, 30, product=self.chain)
        self.night()
        before = dict(self.stored_by_product())
        self.night()
        self.assertEqual(dict(self.stored_by_product()), before)
        self.order(1)
        self.night()
        after = dict(self.stored_by_product())
        self.assertNotEqual(after[self.product.id], before[self.product.id])
        self.assertEqual(after[self.chain.id], before[self.chain.id])

    def stored_by_product(self):
        return [(row['product_id'], (place, row)) for place, row in self.stored()]

    def test_vanishes(self):
        orders = self.order(90, 60, 30)
        self.night()
        self.assertTrue(self.find())
        orders[0]._action_cancel()
        self.night()
        self.assertFalse(self.find())

    def test_archived_customer(self):
        self.order(90, 60, 30)
        self.night()
        self.customer.active = False
        self.night()
        self.assertFalse(self.find())

    def test_some_accounts(self):
        """Refresh now leaves the rows of others alone."""
        other = self.create_customer("Other")
        self.order(90, 60, 30, partner=other)
        self.refresh()
        theirs = self.get_account(other)
        self.assertTrue(self.find(account=theirs))
        self.order(90, 60, 30)
        self.order(1, partner=other)
        self.account.with_user(self.salesperson).action_refresh()
        self.assertTrue(self.find())
        self.assertEqual(self.find(account=theirs).order_count, 3)

    def test_other_company(self):
        other = self.create_company("Elsewhere", self.dollar)
        theirs = self.env['key.account'].create({'partner_id': self.customer.id, 'company_id': other.id})
        for ago in (90, 60, 30):
            self.create_order(self.customer, TODAY - timedelta(days=ago), company=other)
        self.night(company=other)
        self.night()
        self.assertFalse(self.find())
        self.assertEqual(self.find(account=theirs).currency_id, self.dollar)
        self.assertFalse(self.Rhythm.with_user(self.manager).search([('account_id', '=', theirs.id)]))

    def test_queries_do_not_grow(self):
        self.order(90, 60, 30)
        self.night()
        few = self.count_queries(self.night)
        for product in self.env['product.product'].union(*(self.create_product(name=f"P{number}") for number in range(4))):
            self.order(90, 60, 30, product=product)
        self.assertEqual(self.count_queries(self.night), few)
        self.assertEqual(len(self.account.rhythm_ids), 5)

    # ------------------------------------------------------------
    # Due
    # ------------------------------------------------------------

    def test_due_state(self):
        """Each state on its first and its last day, the same by search and by reading."""
        self.order(90, 60, 30)
        self.night()
        rhythm = self.find()
        for state, days in {'ahead': (-9, -1), 'due': (0, 3), 'overdue': (4, 60), 'lapsed': (61, 99)}.items():
            for late in days:
                with self.subTest(state=state, late=late), freeze_time(TODAY + timedelta(days=late)):
                    rhythm.invalidate_recordset(['due_state'])
                    self.assertEqual(rhythm.due_state, state)
                    self.assertEqual(self.Rhythm.search([('id', '=', rhythm.id), ('due_state', '=', state)]), rhythm)
                    self.assertFalse(self.Rhythm.search([('id', '=', rhythm.id), ('due_state', '!=', state)]))

    # ------------------------------------------------------------
    # Quotations
    # ------------------------------------------------------------

    def make_due(self):
        self.order(90, 60, 30, quantity=5.0)
        self.order(91, 61, 31, quantity=2.0, product=self.chain)
        self.night()

    def test_make_quotation(self):
        """By a salesperson, also of a colleague's customer; priced by Odoo; the same click again opens it."""
        self.make_due()
        self.customer.user_id = self.salesperson_2
        account = self.account.with_user(self.salesperson)
        self.assertEqual(account.due_count, 2)
        action = account.action_quote_due()
        order = self.env['sale.order'].browse(action['res_id'])
        self.assertRecordValues(order, [{'partner_id': self.customer.id, 'state': 'draft', 'user_id': self.salesperson.id}])
        self.assertEqual(
            {(line.product_id, line.product_uom_qty, line.price_unit) for line in order.order_line},
            {(self.product, 5.0, 50.0), (self.chain, 2.0, 3.5)})  # list prices are in dollars
        self.assertEqual(account.action_quote_due()['res_id'], order.id)
        self.assertEqual(self.find().action_make_quotation()['res_id'], order.id)
        order._action_cancel()
        self.assertNotEqual(account.action_quote_due()['res_id'], order.id)

    def test_quotation_of_one_customer(self):
        other = self.create_customer("Other")
        self.order(90, 60, 30, partner=other)
        self.make_due()
        self.refresh()
        with self.assertRaisesRegex(UserError, "Choose rows of one account"):
            self.Rhythm.search([('company_id', '=', self.company.id)]).action_make_quotation()

    def test_no_quotation_of_what_is_gone(self):
        self.make_due()
        self.product.sale_ok = False
        self.assertEqual(self.account.action_quote_due() and self.env['sale.order'].search(
            [('partner_id', '=', self.customer.id), ('state', '=', 'draft')]).order_line.product_id, self.chain)
        with self.assertRaisesRegex(UserError, "not sold any more"):
            self.find().action_make_quotation()

    def test_suggested_on_quotations(self):
        self.make_due()
        order = self.order(0, confirm=False, user_id=self.salesperson.id).with_user(self.salesperson)
        self.assertEqual(order.key_account_due_ids.product_id, self.chain)
        self.assertEqual(order.key_account_due_text, "Chain (2 Units)")
        order.action_add_due()
        self.assertEqual(
            [(line.product_id, line.product_uom_qty, line.price_unit) for line in order.order_line],
            [(self.product, 1.0, 10.0), (self.chain, 2.0, 3.5)])
        self.assertFalse(order.key_account_due_text)
        order.order_line[1].unlink()
        self.assertTrue(order.key_account_due_text)
        order.sudo().action_confirm()
        self.assertFalse(order.key_account_due_text)

    def test_suggested_while_a_quotation_is_typed(self):
        self.make_due()
        order = self.env['sale.order'].with_user(self.salesperson).new({'partner_id': self.customer.child_ids.id})
        self.assertEqual(order.key_account_due_ids.product_id, self.product + self.chain)

    def test_not_suggested(self):
        """What is not sure, to whom does not see the account, and what has lapsed."""
        self.make_due()
        order = self.order(0, confirm=False, product=self.create_product(name="Buoy"))
        self.account.user_id = self.salesperson_2
        order.user_id = self.salesperson
        self.assertFalse(order.with_user(self.salesperson).key_account_due_text)
        self.assertTrue(order.with_user(self.manager).key_account_due_text)
        self.company.key_account_rhythm_confidence = 76
        order.invalidate_recordset()
        self.assertFalse(order.key_account_due_text)
        self.company.key_account_rhythm_confidence = 75
        order.invalidate_recordset()
        self.assertTrue(order.key_account_due_text)
        with self.assertRaises(AccessError):
            self.Rhythm.with_user(self.employee).search([])

    def test_suggestions_take_no_query_per_order(self):
        self.make_due()
        orders = self.order(0, confirm=False)
        read = lambda: orders.mapped('key_account_due_text')  # noqa: E731
        read()
        few = self.count_queries(read)
        orders = self.order(0, 0, 0, 0, confirm=False)
        self.assertEqual(self.count_queries(read), few)

    # ------------------------------------------------------------
    # Recount
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_recount(self):
        """Whatever was ordered when, the figures are those that plain Python counts."""
        lines = strategies.lists(
            strategies.tuples(strategies.integers(0, 760), strategies.integers(-2, 9), strategies.booleans()),
            min_size=3, max_size=25)
        run_examples(self.play, lines, max_examples=25)

    def play(self, lines):
        with self.env.cr.savepoint() as world:
            self.env['sale.order'].create([{
                'partner_id': self.customer.id, 'date_order': TODAY - timedelta(days=ago), 'order_line': [Command.create({
                    'product_id': (self.chain if chain else self.product).id, 'product_uom_qty': quantity,
                    'price_unit': 3.0, 'tax_ids': False})],
            } for ago, quantity, chain in lines]).state = 'sale'
            self.night()
            for product, is_chain in ((self.product, False), (self.chain, True)):
                expected = self.recount([(ago, quantity) for ago, quantity, chain in lines if chain == is_chain])
                found = self.find(product)
                self.assertEqual(bool(found), bool(expected), lines)
                if expected:
                    self.assertRecordValues(found, [expected])
            world.rollback()
        self.env.invalidate_all()

    def recount(self, lines):
        """The definition again, in other words."""
        first = date(2023, 6, 30)
        days = {}
        for ago, quantity in lines:
            day = TODAY - timedelta(days=ago)
            if first < day:
                days[day] = days.get(day, 0) + quantity
        days = {day: quantity for day, quantity in days.items() if quantity > 0}
        if len(days) < 3:
            return None
        ordered = sorted(days)
        gaps = [Fraction((after - before).days) for before, after in zip(ordered, ordered[1:])]
        usual = median(gaps)
        interval = self.round(usual, '0.1')
        spread = self.round(Fraction('1.4826') * median(abs(gap - usual) for gap in gaps), '0.1')
        count = len(days)
        likeness = max(Fraction(0), 1 - Fraction(spread) / Fraction(interval))
        expected = ordered[-1] + timedelta(days=int(self.round(Fraction(interval), '1')))
        lapse = -(-Fraction(interval) * 2 // 1)
        return {
            'interval_days': float(interval), 'spread_days': float(spread), 'order_count': count,
            'usual_quantity': float(median_low(days.values())), 'usual_amount': 3.0 * median_low(days.values()),
            'last_date': ordered[-1], 'next_date': expected,
            'confidence': int(self.round(100 * Fraction(count, count + 1) * likeness, '1')),
            'lapsed_after': expected + timedelta(days=int(-(-Fraction(interval) * 2 // 1))),
            'tolerated_until': expected + timedelta(days=int(min(lapse, max(3, -(-Fraction(spread) // 1))))),
        }

    @staticmethod
    def round(number, digits):
        return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal(digits), ROUND_HALF_UP)
