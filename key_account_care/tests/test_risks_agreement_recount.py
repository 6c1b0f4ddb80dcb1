from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from .common import TODAY
from .hypothesis_common import draw, many, needs_hypothesis
from .sales_recount import (
    ANY,
    ANYBODY,
    DAY,
    HOURS,
    MOSTLY,
    SOLD,
    STATES,
    VARIANTS,
    YEAR_AGO,
    Line,
    Order,
    SalesRecountCommon,
)

VERSIONS = range(3)  # of each customer
RATES = {  # dollars for a euro, from a day on
    date(2020, 1, 1): 2, YEAR_AGO + 30 * DAY: 4, TODAY: 5, TODAY + DAY: 8}
LIVES = [
    *[('signed', None)] * 8, ('signed', 'ended'), ('signed', 'terminated'), ('closed', 'terminated'), ('closed', 'renewed'),
    *[('closed', 'declined')] * 2, *[('draft', None)] * 2, *[('sent', None)] * 2]


class Version(NamedTuple):
    """An agreement of a customer, the first one or what comes after the one before. Days are counted from today."""
    life: tuple  # its state, and why it is closed, or will be
    end: int  # of the first; another one begins so many days after the one before
    gap: int
    length: int
    stop: int  # days before its end; None where nobody stops it; 'start' where it never began
    notice: int
    is_revision: bool
    is_foreign: bool
    first: date = None
    last: date = None

    @property
    def state(self):
        return self.life[0]

    @property
    def reason(self):
        return self.life[1]

    @property
    def until(self):
        if self.stop == 'start':
            return self.first - DAY
        return self.last - (self.stop or 0) * DAY

    @property
    def notice_date(self):
        return self.last - self.notice * DAY

    def place(self, before):
        """:return: the same with its days, after the versions before"""
        first = before[-1].until + self.gap * DAY if before else TODAY + (self.end - self.length) * DAY
        version = self._replace(first=first, last=first + self.length * DAY)
        if version.until < first:
            return version._replace(life=('closed', 'terminated'))
        if version.state == 'signed' and any(
                other.state == 'signed' and first <= other.until and other.first <= version.until for other in before):
            return version._replace(life=('draft', None))  # only one of them is in force
        return version

    def follows(self, other):
        """Whether it was concluded for the time after another one."""
        is_concluded = self.state == 'signed' or self.state == 'closed' and self.reason != 'declined'
        return is_concluded and self.first > other.until and self.first <= self.until

    def is_near(self, limit):
        """The last day to say no is so near, or the last day that and 30 days more."""
        return (
            self.state == 'signed' and not self.reason and self.until >= TODAY
            and (self.notice_date <= TODAY + limit * DAY or self.until <= TODAY + (limit + 30) * DAY))


class Under(NamedTuple):
    """The version that an order is a call-off of; of its lines all are, or only the first."""
    customer: int
    version: int
    is_whole: bool


@needs_hypothesis
class TestRisksAgreementRecount(SalesRecountCommon):
    """Which agreements end, by random versions and call-offs, equals a recount in plain Python; nothing of it is our SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.use_rule('agreement_end')
        cls.currencies = cls.company.currency_id, cls.dollar
        cls.versions = [[
            cls.create_agreement({'product_id': cls.products[0].id, 'price_unit': 80.0}, customer=customer, sign=False)
            for __ in VERSIONS] for customer in cls.customers]
        cls.env['res.currency.rate'].search([('company_id', '=', cls.company.id)]).unlink()
        cls.env['res.currency.rate'].create([
            {'currency_id': cls.dollar.id, 'company_id': cls.company.id, 'name': day, 'rate': rate}
            for day, rate in RATES.items()])
        cls.env.flush_all()

    def test_end(self):
        """Near the last day or the one to say no, and nothing decided; with what was called off in 12 months."""
        self.run_random(self.check_end, max_examples=40, **self.get_choices())

    def get_choices(self):
        version = draw(
            Version, life=LIVES, end=(-1, 0, 1, 30, 30, 31, 59, 60, 60, 61, 90), gap=(-3, 0, 1, 1, 1, 2),
            length=(0, 29, 30, 89, 364), stop=(None, None, None, None, 0, 1, 30, 'start', 'start'),
            notice=(0, 0, 0, 30, 31, 60, 61, 90, 400), is_revision=MOSTLY, is_foreign=ANY)
        line = draw(
            Line, product=range(VARIANTS), quantity=(-2, 1, 2, 3), price=(Fraction(50), Fraction(80)), discount=(0, 0, 10))
        order = draw(
            Order, customer=ANYBODY, day=(TODAY, TODAY - DAY, YEAR_AGO, YEAR_AGO + DAY, YEAR_AGO + 30 * DAY), hour=HOURS,
            lines=many(line, 2), state=STATES, rate=(1, 3))
        some = [many(version, count) for count in (1, 2, 2, 2, 3)]
        return {
            'limit': (0, 30), 'versions': many(some, len(ANYBODY)),
            'orders': many(order, 12), 'under': many(draw(Under, customer=ANYBODY, version=VERSIONS, is_whole=MOSTLY), 12)}

    def check_end(self, limit, versions, orders, under, **more):
        versions = [self.place(drawn) for drawn in versions]
        under = [terms._replace(version=terms.version % len(versions[terms.customer])) for terms in under]
        self.make_versions(versions)
        self.make_orders(orders)
        self.make_calloffs(orders, under)
        self.assertEnds(limit, versions, self.count_called_off(versions, orders, under))

    def assertEnds(self, limit, versions, called_off):
        self.rule.threshold = limit
        self.detect()
        near = self.count_near(limit, versions)
        found = self.assertWarnings(self.rule, {
            cause: called_off[customer, self.get_origin(versions[customer], place)] / RATES[TODAY] ** version.is_foreign
            for cause, (customer, place, version) in near.items()})
        for cause, (__, __, version) in near.items():
            self.assertEqual(
                found[cause].facts, {'notice_date': str(version.notice_date), 'end_date': str(version.until)})

    # ------------------------------------------------------------
    # Playing an example
    # ------------------------------------------------------------

    @staticmethod
    def place(drawn):
        """:return: list of the versions of a customer, one after the other"""
        placed = []
        for version in drawn:
            placed.append(version.place(placed))
        return placed

    def make_versions(self, versions):
        for drawn, records in zip(versions, self.versions):
            for record in records:
                self.update(record, state='draft', origin_id=None)
            for place, (version, record) in enumerate(zip(drawn, records)):
                origin = self.get_origin(drawn, place)
                self.update(
                    record, state=version.state, close_reason=version.reason, date_start=version.first, date_end=version.last,
                    date_until=version.until, notice_date=version.notice_date, notice_days=version.notice,
                    origin_id=None if origin == place else records[origin].id,
                    currency_id=self.currencies[version.is_foreign].id)

    def make_calloffs(self, orders, under):
        """What is foreign is in dollars."""
        for order, terms, record in zip(orders, under, self.orders):
            agreement_line = self.versions[terms.customer][terms.version].line_ids
            for place, line in enumerate(record.order_line):
                self.update(
                    line, currency_id=self.currencies[order.rate != 1].id,
                    key_account_agreement_line_id=agreement_line.id if terms.is_whole or not place else None)
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Counting it anew
    # ------------------------------------------------------------

    @staticmethod
    def get_origin(versions, place):
        """:return: the place of the first revision"""
        while place and versions[place].is_revision:
            place -= 1
        return place

    def count_near(self, limit, versions):
        """:return: dict of (customer, place, version) by the cause of a warning"""
        return {
            (self.accounts[customer].id, 'key.account.agreement', self.versions[customer][place].id): (customer, place, version)
            for customer in SOLD for place, version in enumerate(versions[customer])
            if version.is_near(limit) and not any(other.follows(version) for other in versions[customer])}

    def count_called_off(self, versions, orders, under):
        """:return: dict of what was called off in 12 months, in money of the agreement, by customer and first revision"""
        called_off = defaultdict(Fraction)
        for place, (order, terms) in enumerate(zip(orders, under)):
            if not order.counts or order.day <= YEAR_AGO:
                continue
            version = versions[terms.customer][terms.version]
            origin = self.get_origin(versions[terms.customer], terms.version)
            for line_place, line in enumerate(order.lines if terms.is_whole else order.lines[:1]):
                called_off[terms.customer, origin] += (
                    line.amount * self.get_rate(order, version) * self.get_kept(place, line_place))
        return called_off

    @staticmethod
    def get_rate(order, version):
        """:return: the factor from money of the company, by the order's own rate where it is in money of the agreement"""
        if not version.is_foreign:
            return 1
        if order.rate != 1:
            return order.rate
        return RATES[max(day for day in RATES if day <= order.moment.date())]  # Odoo's rates have the day of UTC

    def get_kept(self, order, line):
        """:return: the share of an order line that did not come back, by their places"""
        return 1
