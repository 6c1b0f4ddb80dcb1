from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tools import SQL

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon

# on which the rules look, and a year before; 366 days lie between where a leap day does
YEARS = {TODAY: date(2024, 6, 30), date(2024, 2, 29): date(2023, 2, 28), date(2025, 2, 28): date(2024, 2, 28)}
ZONES = ('UTC', 'Asia/Tokyo', 'America/New_York')
# a day ends at the fourth or fifth hour in New York, at the fifteenth in Tokyo
TIMES = (time(0), time(3, 59, 59), time(4), time(4, 59, 59), time(5), time(14, 59, 59), time(15), time(23, 59, 59))
SHARES = {'1': Fraction(5, 100), '2': Fraction(10, 100), '3': Fraction(25, 100)}
GOODS, HOURS, SERVICE = range(3)
FIRST, SECOND, ARCHIVED, ELSEWHERE = range(4)


class Line(NamedTuple):
    product: int
    quantity: int
    delivered: int
    longer: int  # days that it takes longer than the lead time of the order
    price: int
    kind: str

    def is_service(self):
        return self.product != GOODS


class Ordered(NamedTuple):
    """An order as hypothesis draws it; days are counted from the day on which the rules look."""
    buyer: int
    ours: bool
    state: str
    rate: int
    expected: tuple  # the moment that the lead time says
    lead: int
    promised: tuple
    lines: list
    transfers: list

    def get_ordered(self):
        return self.expected[0] - self.lead, self.expected[1]

    def get_lines(self):
        return [line for line in self.lines if line.kind == 'line' and line.quantity]

    def get_goods(self):
        return [line for line in self.get_lines() if not line.is_service()]

    def is_delivered(self):
        """Goods are waited for, services only where there are none; None where nothing is."""
        lines = self.get_goods() or self.get_lines()
        return all(line.delivered >= line.quantity for line in lines) if lines else None

    def get_value(self):
        return Fraction(sum(line.price * line.quantity for line in self.lines if line.kind != 'line_section'), self.rate)

    def counts(self):
        return self.state == 'sale' and self.ours and self.buyer != ARCHIVED


class Told(NamedTuple):
    """A complaint, or something else that somebody told."""
    account: int
    kind: str
    state: str
    severity: str
    owner: int
    due: tuple
    area: int
    day: int

    def waits(self):
        return self.state in ('new', 'in_work') and self.account in (FIRST, SECOND)


@needs_hypothesis
class TestRisksProblemRecount(RiskCommon):
    """What is late in random orders, and open in random feedback, equals a recount in plain Python."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.has_transfers = cls.env['ir.module.module']._get('sale_stock').state == 'installed'
        other = cls.create_company("Other", cls.company.currency_id)
        second, gone = (cls.create_customer(name, contacts=["Bea"]) for name in ("Anchor Hotel", "Lost Ferry"))
        cls.accounts = [cls.account, cls.create_account(second), cls.create_account(gone), cls.create_account(
            cls.customer, company_id=other.id, user_id=cls.env.uid)]
        cls.buyers = [cls.customer.child_ids, second, gone.child_ids]
        gone.active = cls.employee.active = False
        cls.products = [
            cls.create_product(name="Net", type='consu'), cls.create_product(name="Splicing", invoice_policy='delivery'),
            cls.product]
        cls.companies = [other, cls.company]
        dollars = cls.env['product.pricelist'].create({'name': "Dollars", 'currency_id': cls.dollar.id, 'company_id': False})
        cls.pricelists = {1: False, 2: dollars.id}

    @contextmanager
    def play(self, today, zone):
        """A world of its own for an example, on a day, in the zone where the company is."""
        with self.env.cr.savepoint() as world:
            self.today, self.zone = today, ZoneInfo(zone)
            self.company.partner_id.tz = zone
            yield
            world.rollback()
        self.env.invalidate_all()

    def get_moment(self, drawn):
        return drawn and datetime.combine(self.today + timedelta(days=drawn[0]), drawn[1])

    def get_day(self, moment):
        return moment and moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def get_found(self, rule, *names):
        return {
            (risk.account_id, risk.res_model, risk.res_id): (risk.amount, risk.facts, *(risk[name] for name in names))
            for risk in self.get_risks(rule)}

    @staticmethod
    def draw_moments(*days):
        return strategies.tuples(strategies.sampled_from(days), strategies.sampled_from(TIMES))

    def assertCounted(self, rule, expected, *names):
        self.assertEqual(self.get_found(rule, *names), expected, f"{rule.kind}, {rule.threshold:g}, {self.today}, {self.zone}")

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def test_orders(self):
        """Orders past their promised day, how often that was, and services that are waited for."""
        self.overdue, self.repeated, self.service = (
            self.use_rule(kind) for kind in ('delivery_overdue', 'delivery_repeated', 'service_undelivered'))
        sampled = strategies.sampled_from
        line = strategies.builds(
            Line, sampled((GOODS, HOURS, SERVICE)), sampled((1, 2, 2, 3, 0)), sampled((0, 0, 0, 0, 1, 3)),
            sampled((0, 0, 1)), sampled((10, 70, 70, 0)), sampled(('line',) * 8 + ('line_section', 'down')))
        days = (0, -1, -2, -5, -6, -30, -31, -100, -364, -365, -366)
        transfer = strategies.tuples(
            sampled(('done', 'done', 'done', 'assigned', 'cancel')), self.draw_moments(0, -1, -4, -5, -99, -363),
            sampled((True, True, False)))
        order = strategies.builds(
            Ordered, sampled((FIRST,) * 6 + (SECOND, SECOND, ARCHIVED)), sampled((True,) * 8 + (False,)),
            sampled(('sale',) * 9 + ('draft', 'sent', 'cancel')), sampled((1, 1, 2)),
            self.draw_moments(*days), sampled((0, 0, 1, 30, 364)),
            strategies.one_of(strategies.none(), self.draw_moments(1, *days)), strategies.lists(line, min_size=1, max_size=3),
            strategies.lists(transfer, max_size=2))
        noon = time(12)
        expected_a_year_ago = Ordered(FIRST, True, 'sale', 1, (-365, noon), 30, None, [Line(GOODS, 1, 0, 0, 70, 'line')], [])
        came_late = Ordered(
            FIRST, True, 'sale', 1, (-100, noon), 0, (-5, noon), [Line(GOODS, 1, 1, 0, 70, 'line')], [('done', (-4, noon), True)])
        run_examples(
            self.recount_orders, sampled(list(YEARS)), sampled(ZONES),
            strategies.lists(order, min_size=10, max_size=14),
            strategies.tuples(sampled((0, 1, 5)), sampled((1, 2, 3)), sampled((0, 1, 30))), max_examples=16, shrink=False,
            known=[(TODAY, 'UTC', [expected_a_year_ago, came_late], (0, 1, 30))])

    def recount_orders(self, today, zone, orders, limits):
        with self.play(today, zone):
            for rule, limit in zip((self.overdue, self.repeated, self.service), limits):
                rule.threshold = limit
            self.check_orders(orders, self.make_orders(orders), limits)

    def check_orders(self, orders, records, limits):
        counted = [(order, record, self.accounts[order.buyer]) for order, record in zip(orders, records) if order.counts()]
        self.detect(self.today)
        self.assertCounted(self.overdue, self.count_overdue(counted, limits[0]))
        self.assertCounted(self.repeated, self.count_repeated(counted, limits[1]))
        self.assertCounted(self.service, self.count_services(orders, counted, limits[2]))

    def make_orders(self, orders):
        """As drafts, which then become what they are: by the way of users it takes much longer, and changes their days."""
        records = self.env['sale.order'].create([self.prepare_order(order) for order in orders])
        self.env.flush_all()
        for order, record in zip(orders, records):
            self.env.cr.execute(SQL("UPDATE sale_order SET state = %s WHERE id = %s", order.state, record.id))
            for line, made in zip(order.lines, record.order_line):
                self.env.cr.execute(SQL(
                    "UPDATE sale_order_line SET state = %s, qty_delivered = %s WHERE id = %s", order.state,
                    line.delivered if line.kind == 'line' else 0, made.id))
            if self.has_transfers:
                self.make_transfers(order, record)
        self.env.invalidate_all()
        return records

    def prepare_order(self, order):
        return {
            'partner_id': self.buyers[order.buyer].id, 'company_id': self.companies[order.ours].id,
            'pricelist_id': self.pricelists[order.rate], 'date_order': self.get_moment(order.get_ordered()),
            'commitment_date': self.get_moment(order.promised),
            'order_line': [
                Command.create({'sequence': place, **self.prepare_line(order, line)}) for place, line in enumerate(order.lines)]}

    def prepare_line(self, order, line):
        if line.kind == 'line_section':
            return {'name': "Section", 'display_type': 'line_section'}
        return {
            'product_id': self.products[line.product].id, 'product_uom_qty': line.quantity, 'price_unit': line.price,
            'discount': 0, 'customer_lead': order.lead + line.longer, 'tax_ids': False, 'is_downpayment': line.kind == 'down'}

    def make_transfers(self, order, record):
        kind = self.env['stock.picking.type'].search(
            [('code', '=', 'outgoing'), ('company_id', '=', record.company_id.id)], limit=1)
        for state, moment, to_customer in order.transfers:
            place = self.env.ref('stock.stock_location_customers') if to_customer else kind.default_location_src_id
            picking = self.env['stock.picking'].with_company(record.company_id).create({
                'picking_type_id': kind.id, 'location_id': kind.default_location_src_id.id, 'location_dest_id': place.id})
            self.env.flush_all()
            self.env.cr.execute(SQL(
                "UPDATE stock_picking SET sale_id = %s, state = %s, date_done = %s WHERE id = %s", record.id, state,
                self.get_moment(moment) if state == 'done' else None, picking.id))

    def get_due_day(self, order):
        """The promised day; else as many days after the order as the shortest lead time of goods says, where it says some."""
        lead = min((order.lead + line.longer for line in order.get_goods()), default=0)
        moment = self.get_moment(order.promised) or lead and self.get_moment(order.get_ordered()) + timedelta(days=lead)
        return self.get_day(moment) if moment else None

    def get_delivery(self, order):
        """:return: tuple of whether all was delivered, and the day, where transfers to the customer tell"""
        moves = [(state, moment) for state, moment, to_customer in order.transfers if to_customer and state != 'cancel']
        if self.has_transfers and moves:
            is_done = all(state == 'done' for state, __ in moves)
            return is_done, max(self.get_day(self.get_moment(moment)) for __, moment in moves) if is_done else None
        return order.is_delivered(), None

    def get_late(self, orders):
        """:return: list of (order, record, account, day, whether it is delivered by now) of the last 12 months"""
        late = []
        for order, record, account in orders:
            day, (is_done, done) = self.get_due_day(order), self.get_delivery(order)
            if order.is_delivered() is None or not day or day <= YEARS[self.today]:
                continue
            if done and done > day if is_done else day < self.today:
                late.append((order, record, account, day, is_done))
        return late

    def count_overdue(self, orders, limit):
        return {
            (account, 'sale.order', record.id): (round(float(order.get_value()), 2), {'due_date': str(day)})
            for order, record, account, day, is_done in self.get_late(orders)
            if not is_done and (self.today - day).days > limit}

    def count_repeated(self, orders, limit):
        late = defaultdict(list)
        for order, __, account, day, __ in self.get_late(orders):
            late[account].append((day, order.get_value()))
        return {
            (account, 'key.account', account.id): (
                round(float(sum(value for __, value in found)), 2),
                {'times': len(found), 'last_date': str(max(day for day, __ in found))})
            for account, found in late.items() if len(found) >= limit}

    def count_services(self, orders, counted, limit):
        """Of those whose delivery is noted: it makes their invoices, or was noted before."""
        noted = {HOURS} | {line.product for order in orders for line in order.lines if line.kind == 'line' and line.delivered}
        found = {}
        for order, record, account in counted:
            ordered, promised = (self.get_day(self.get_moment(drawn)) for drawn in (order.get_ordered(), order.promised))
            missing = sum(
                Fraction(line.price * (line.quantity - line.delivered), order.rate) for line in order.get_lines()
                if line.is_service() and line.product in noted and line.delivered < line.quantity)
            if (missing and ordered > YEARS[self.today] and ((promised or ordered) <= self.today - timedelta(days=limit))
                    and (not promised or order.get_goods())):
                found[account, 'sale.order', record.id] = (
                    round(float(missing), 2), {'since_date': str(promised or ordered)})
        return found

    # ------------------------------------------------------------
    # Feedback
    # ------------------------------------------------------------

    def test_feedback(self):
        """What waits for an answer, what waits too long, and what is heard again and again."""
        self.waiting, self.late, self.again = (
            self.use_rule(kind) for kind in ('feedback_open', 'feedback_late', 'complaint_repeated'))
        self.areas = self.env['key.account.area'].create([{'name': "Ropes"}, {'name': "Ships"}])
        self.owners = [self.env['res.users'], self.salesperson_2, self.employee]
        self.records = self.env['key.account.feedback'].create(
            [{'kind': 'praise', 'account_id': self.account.id} for __ in range(24)])
        sampled = strategies.sampled_from
        told = strategies.builds(
            Told, sampled((FIRST,) * 6 + (SECOND, SECOND, ARCHIVED, ELSEWHERE)),
            sampled(('complaint',) * 6 + ('interview', 'praise')),
            sampled(('new', 'in_work', 'told', 'closed', None)), sampled(list(SHARES)), sampled((0, 1, 2)),
            strategies.one_of(strategies.none(), self.draw_moments(1, 0, -1, -2, -3, -4)), sampled((0, 0, 0, 1, None)),
            sampled((1, 0, -1, -30, -31, -200, -364, -365, -366, -367)))
        revenue = sampled((-50, 0, 6, 1000, 1234))
        run_examples(
            self.recount_feedback, sampled(list(YEARS)), sampled(ZONES),
            strategies.lists(told, min_size=16, max_size=24), strategies.tuples(*[revenue] * 4),
            strategies.tuples(sampled((0, 1, 2)), sampled((1, 2, 3))), max_examples=15, shrink=False)

    def recount_feedback(self, today, zone, feedback, revenues, limits):
        with self.play(today, zone):
            self.late.threshold, self.again.threshold = limits
            self.make_feedback(feedback, revenues)
            revenue = {account: Fraction(max(0, amount)) for account, amount in zip(self.accounts, revenues)}
            waiting, late = self.count_waiting(feedback, revenue, limits[0])
            self.detect(self.today)
            self.assertCounted(self.waiting, waiting, 'severity', 'user_id', 'deadline')
            self.assertCounted(self.late, late, 'severity', 'user_id')
            self.assertCounted(self.again, self.count_repeated_complaints(feedback, revenue, limits[1]))

    def count_waiting(self, feedback, revenue, limit):
        """:return: tuple of what waits for an answer, and what of it waits for more days than the limit after its time"""
        waiting, late = {}, {}
        for told, record in zip(feedback, self.records):
            if told.waits():
                account, due = self.accounts[told.account], self.get_day(self.get_moment(told.due))
                cause, facts = (account, 'key.account.feedback', record.id), {'due_date': due and str(due)}
                owner = self.salesperson_2 if told.owner == 1 else self.salesperson
                waiting[cause] = (
                    self.get_share(revenue[account], told.severity), facts, told.severity, owner,
                    due or self.today + timedelta(days=7))
                if due and (self.today - due).days > limit:
                    late[cause] = (0, facts, str(min(int(told.severity) + 1, 3)), owner)
        return waiting, late

    def make_feedback(self, feedback, revenues):
        """The records that are there become what was drawn; those that are left over are praise."""
        self.env.flush_all()
        for account, amount in zip(self.accounts, revenues):
            self.env.cr.execute(SQL("UPDATE key_account SET revenue = %s WHERE id = %s", amount, account.id))
        for told, record in zip(feedback, self.records):
            account = self.accounts[told.account]
            self.env.cr.execute(SQL(
                """
                UPDATE key_account_feedback
                   SET account_id = %s, company_id = %s, kind = %s, state = %s, severity = %s, owner_id = %s, answer_due = %s,
                       area_id = %s, date = %s
                 WHERE id = %s
                """, account.id, account.company_id.id, told.kind, told.state, told.severity, self.owners[told.owner].id or None,
                self.get_moment(told.due), None if told.area is None else self.areas[told.area].id,
                self.today + timedelta(days=told.day), record.id))
        self.env.invalidate_all()

    @staticmethod
    def get_share(revenue, severity):
        return round(float(revenue * SHARES[severity]), 2)

    def count_repeated_complaints(self, feedback, revenue, limit):
        """Complaints of 12 months about one area, whatever became of them."""
        heard = defaultdict(list)
        for told in feedback:
            day = self.today + timedelta(days=told.day)
            if (told.kind == 'complaint' and told.area is not None and told.account in (FIRST, SECOND)
                    and YEARS[self.today] < day <= self.today):
                heard[self.accounts[told.account], 'key.account.area', self.areas[told.area].id].append(day)
        return {
            cause: (self.get_share(revenue[cause[0]], '3'), {'times': len(days), 'last_date': str(max(days))})
            for cause, days in heard.items() if len(days) >= limit}
