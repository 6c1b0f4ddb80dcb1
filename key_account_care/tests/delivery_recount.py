"""Orders that are to be delivered, drawn at random; which of them are late is counted in plain Python."""

from collections import defaultdict
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from odoo.fields import Command

from .common import TODAY
from .hypothesis_common import draw, many, run_drawn
from .risk_common import RiskCommon

# on which the rules look, and a year before; 366 days lie between where a leap day does
YEARS = {TODAY: date(2024, 6, 30), date(2024, 2, 29): date(2023, 2, 28), date(2025, 2, 28): date(2024, 2, 28)}
ZONES = ('UTC', 'Asia/Tokyo', 'America/New_York')
# a day ends at the fourth or fifth hour in New York, at the fifteenth in Tokyo
TIMES = (time(0), time(3, 59, 59), time(4), time(4, 59, 59), time(5), time(14, 59, 59), time(15), time(23, 59, 59))
GOODS, HOURS, SERVICE = range(3)
NOON = time(12)
FIRST, SECOND, ARCHIVED, ELSEWHERE = range(4)


def draw_moment(*days):
    """:return: function that makes a moment on one of these days, which are counted from another one"""
    return lambda random: (random.choice(days), random.choice(TIMES))


class Limits(NamedTuple):
    """The limits of the rules."""
    overdue: int
    repeated: int
    service: int


class Line(NamedTuple):
    """A line of an order; some kinds of lines are nothing to deliver."""
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
    is_at_once: bool  # all of it is sent together, as late as the last of it
    transfers: list

    def get_ordered(self):
        return self.expected[0] - self.lead, self.expected[1]

    def get_lines(self):
        return [line for line in self.lines if line.kind == 'line' and line.quantity]

    def get_goods(self):
        return [line for line in self.get_lines() if not line.is_service()]

    def get_lead(self):
        days = [self.lead + line.longer for line in self.get_goods()]
        return (max if self.is_at_once else min)(days, default=0)

    def is_delivered(self):
        """Goods are waited for, services only where there are none; None where nothing is."""
        lines = self.get_goods() or self.get_lines()
        return all(line.delivered >= line.quantity for line in lines) if lines else None

    def get_value(self):
        return Fraction(sum(line.price * line.quantity for line in self.lines if line.kind != 'line_section'), self.rate)

    def counts(self):
        return self.state == 'sale' and self.ours and self.buyer != ARCHIVED


class Transfer(NamedTuple):
    """Some of an order on its way: to the customer, within our walls, or back."""
    state: str
    moment: tuple
    way: str

    def move(self, moment):
        """:return: the same, its days counted from a moment, and today where that is still to come"""
        return self._replace(moment=(min(self.moment[0] + moment[0], 0), self.moment[1]))

    def is_waited_for(self):
        return self.way == 'out' and self.state != 'cancel'


class DeliveryRecountCommon(RiskCommon):
    """A world in which orders are late, on any day and in any time zone."""
    maxDiff = None
    kinds = *['line'] * 8, 'line_section', 'down'  # all others are nothing to deliver
    delivered = 0, 0, 0, 0, 1, 3
    longer = 0, 0, 1
    at_once = False,

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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
        cls.overdue, cls.repeated, cls.service = (
            cls.use_rule(kind) for kind in ('delivery_overdue', 'delivery_repeated', 'service_undelivered'))

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
        return moment and moment.replace(tzinfo=timezone.utc).astimezone(self.zone).date()

    def get_found(self, rule, *names):
        return {
            (risk.account_id, risk.res_model, risk.res_id): (risk.amount, risk.facts, *(risk[name] for name in names))
            for risk in self.get_risks(rule)}

    def assertCounted(self, rule, expected, *names):
        self.assertEqual(self.get_found(rule, *names), expected, f"{rule.kind}, {rule.threshold:g}, {self.today}, {self.zone}")

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def run_orders(self, max_examples):
        """Orders past their promised day, how often that was, and services that are waited for."""
        some = [many(self.draw_order(), count) for count in range(10, 15)]
        self.run_days(
            self.recount_orders, max_examples, orders=some,
            known=[{'today': TODAY, 'zone': 'UTC', 'limits': (0, 1, 30), 'orders': self.get_known()}])

    def run_days(self, check, max_examples, known=(), **choices):
        """Call a method with a day, a time zone, the limits of the rules, and what is drawn at random beside."""
        limits = draw(Limits, overdue=(0, 1, 5), repeated=(1, 2, 3), service=(0, 1, 30))
        make = draw(dict, today=list(YEARS), zone=ZONES, limits=limits, **choices)
        run_drawn(lambda example: check(**example), make, max_examples, known)

    def draw_order(self):
        line = draw(
            Line, product=(GOODS, HOURS, SERVICE), quantity=(1, 2, 2, 3, 0), delivered=self.delivered, longer=self.longer,
            price=(10, 70, 70, 0), kind=self.kinds)
        days = 0, -1, -2, -5, -6, -30, -31, -100, -364, -365, -366
        promised = draw_moment(1, *days)
        return draw(
            Ordered, buyer=(*[FIRST] * 6, SECOND, SECOND, ARCHIVED), ours=(*[True] * 8, False),
            state=(*['sale'] * 9, 'draft', 'sent', 'cancel'), rate=(1, 1, 2), expected=draw_moment(*days),
            lead=(0, 0, 1, 30, 364), promised=(lambda random: None, promised),
            lines=[many(line, count) for count in (1, 2, 3)], is_at_once=self.at_once, transfers=self.draw_transfers())

    def draw_transfers(self):
        return many((), 0)

    def get_known(self):
        """:return: list of orders that every run plays: what was expected a year ago"""
        return [Ordered(FIRST, True, 'sale', 1, (-365, NOON), 30, None, [Line(GOODS, 1, 0, 0, 70, 'line')], False, [])]

    def recount_orders(self, today, zone, limits, orders):
        with self.play(today, zone):
            self.check_orders(orders, self.make_orders(orders), limits)

    def check_orders(self, orders, records, limits):
        for rule, limit in zip((self.overdue, self.repeated, self.service), limits):
            rule.threshold = limit
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
            self.update(record, state=order.state)
            for line, made in zip(order.lines, record.order_line):
                self.update(made, state=order.state, qty_delivered=line.delivered if line.kind == 'line' else 0)
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
        """Only where Odoo's inventory is installed."""

    def get_due_day(self, order):
        """The promised day; else as many days after the order as the shortest lead time of goods says, where it says some."""
        lead = order.get_lead()
        moment = self.get_moment(order.promised) or lead and self.get_moment(order.get_ordered()) + timedelta(days=lead)
        return self.get_day(moment) if moment else None

    def get_delivery(self, order):
        """:return: tuple of whether all was delivered, and the day, where something tells it"""
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
