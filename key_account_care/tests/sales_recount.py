"""Sales drawn at random, and the world in which they are played; what should be found is counted in plain Python."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from odoo.fields import Command

from .agreement_common import AgreementCommon
from .common import TODAY
from .hypothesis_common import draw, run_drawn
from .risk_common import RiskCommon

ZONE = 'Europe/Brussels'
YEAR_AGO = TODAY - relativedelta(years=1)  # the last day of the year before
DAY = timedelta(days=1)
HOURS = time(0), time(23, 59, 59)
STATES = *['sale'] * 6, 'sent', 'cancel'
MOSTLY = *[True] * 6, False
ANY = False, True
VARIANTS = 6  # two of each of three templates
SOLD, ANYBODY = range(3), range(4)  # customers with an account; that of the fourth is archived
OUTER, INNER = 'outer', 'inner'  # categories: that of the second template, and one within it, that of the first
PLACES = [('BE', None), ('DE', None), ('US', 'AL'), ('US', 'CA'), (None, None)]


class Line(NamedTuple):
    """What was ordered of a variant. Quantity and prices are per piece, in money of the company."""
    product: int
    quantity: int
    price: Fraction
    discount: int = 0
    pieces: int = 1  # in the unit of the line
    listed: Fraction = Fraction(0)  # what the pricelist said; None where nobody typed another price
    cost: int = 60

    @property
    def paid(self):
        return self.price * (100 - self.discount) / 100

    @property
    def amount(self):
        return self.paid * self.quantity


class Order(NamedTuple):
    """An order of somebody; the hour is that of the company."""
    customer: int
    day: date
    lines: list
    hour: time = time(12)
    state: str = 'sale'
    is_own: bool = True  # else another company's
    is_contact: bool = False
    rate: int = 1  # of its currency
    place: int = 0
    pricelist: int = 1

    @property
    def moment(self):
        return to_utc(self.day, self.hour)

    @property
    def counts(self):
        return self.is_own and self.state == 'sale' and self.day <= TODAY


def to_utc(day, hour):
    """:return: a moment by the clock of the company, as naive UTC"""
    return datetime.combine(day, hour, ZoneInfo(ZONE)).astimezone(timezone.utc).replace(tzinfo=None)


class Agreed(NamedTuple):
    """An agreement on one product or variant."""
    state: str
    start: int
    length: int
    is_whole: bool
    product: int

    @property
    def days(self):
        return TODAY + timedelta(days=self.start), TODAY + timedelta(days=self.start + self.length)

    @property
    def is_in_force(self):
        return self.state == 'signed' and self.days[0] <= TODAY <= self.days[1]

    def covers(self, product, is_whole):
        """Whether it names this variant, or its template where that counts as well."""
        if self.is_whole:
            return is_whole and self.product // 2 == product // 2
        return self.product == product


class SalesRecountCommon(RiskCommon, AgreementCommon):
    """Orders and agreements that take other values in each example, which is gone after it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'
        cls.company.partner_id.tz = ZONE
        cls.other_company = cls.create_company("Other", cls.company.currency_id)
        cls.customers = [cls.create_customer(name, contacts=[f"{name}'s contact"]) for name in ("Ada", "Bob", "Cleo", "Dan")]
        cls.accounts = [cls.create_account(customer) for customer in cls.customers]
        cls.accounts[-1].active = False
        cls.pricelists = [cls.pricelist.browse(), cls.pricelist]
        cls.create_products()
        cls.create_places()
        cls.orders = [cls.create_pooled_order() for __ in range(12)]
        cls.agreements = [
            cls.create_agreement({'product_id': cls.products[0].id, 'price_unit': 80.0}, customer=cls.customers[customer],
                                 sign=False) for customer in SOLD]
        cls.env.flush_all()

    @classmethod
    def create_products(cls):
        outer = cls.env['product.category'].create({'name': OUTER})
        inner = cls.env['product.category'].create({'name': INNER, 'parent_id': outer.id})
        cls.categories = {OUTER: outer, INNER: inner}
        attribute = cls.env['product.attribute'].create({
            'name': "Color", 'value_ids': [Command.create({'name': name}) for name in ("Red", "Blue")]})
        cls.templates = cls.env['product.template'].create([{
            'name': name, 'type': 'service', 'list_price': 100.0, 'taxes_id': False, 'uom_id': cls.product.uom_id.id,
            **({'categ_id': category.id} if category else {}),
            'attribute_line_ids': [Command.create({'attribute_id': attribute.id, 'value_ids': attribute.value_ids.ids})],
        } for name, category in (("Rope", inner), ("Knot", outer), ("Buoy", None))])
        cls.products = [product for template in cls.templates for product in template.product_variant_ids]
        for product in cls.products[1::2]:
            product.product_template_attribute_value_ids.price_extra = 5
        cls.successors = cls.env['product.template'].create([{'name': "Steel Rope"}, {'name': "Silk Rope"}])
        return cls.templates

    @classmethod
    def create_places(cls):
        cls.countries = {code: cls.env.ref(f'base.{code.lower()}') for code in ('BE', 'DE', 'US')}
        cls.states = {'AL': cls.env.ref('base.state_us_1'), 'CA': cls.env.ref('base.state_us_5')}
        cls.places = [cls.env['res.partner'].create({
            'name': "Site", 'country_id': country and cls.countries[country].id,
            'state_id': state and cls.states[state].id}) for country, state in PLACES]

    @classmethod
    def create_pooled_order(cls):
        """An order of two lines, which takes other values in each example."""
        order = cls.create_order(cls.customers[0], TODAY, product=cls.products[0], confirm=False)
        order.order_line.copy({'order_id': order.id})
        return order

    # ------------------------------------------------------------
    # Playing an example
    # ------------------------------------------------------------

    def run_random(self, check, max_examples, **choices):
        """Call a method with random examples, of each of which nothing is left behind."""
        run_drawn(lambda example: self.play(check, example), draw(dict, **choices), max_examples)

    def play(self, check, example):
        with self.env.cr.savepoint() as savepoint:
            self.drawn = example
            check(**example)
            savepoint.rollback()
        self.env.invalidate_all()

    def make_orders(self, orders):
        """The orders that are there take these values; what is left over is canceled."""
        for place, record in enumerate(self.orders):
            if place >= len(orders):
                self.update(record, state='cancel')
                continue
            order = orders[place]
            customer = self.customers[order.customer]
            self.update(
                record, partner_id=(customer.child_ids if order.is_contact else customer).id, state=order.state,
                company_id=(self.company if order.is_own else self.other_company).id, date_order=order.moment,
                currency_rate=order.rate, partner_shipping_id=self.places[order.place].id,
                pricelist_id=self.pricelists[order.pricelist].id or None)
            for line, record_line in zip([*order.lines, Line(0, 0, Fraction(0))], record.order_line):
                self.make_line(order, line, record_line)
        self.env.invalidate_all()

    def make_line(self, order, line, record):
        measure = line.pieces * order.rate
        self.update(
            record, product_id=self.products[line.product].id, product_uom_id=self.units[line.pieces].id,
            product_uom_qty=line.quantity // line.pieces, price_unit=float(line.price * measure), discount=line.discount,
            technical_price_unit=float((line.price if line.listed is None else line.listed) * measure),
            price_subtotal=float(line.amount * order.rate), margin=float((line.amount - line.cost * line.quantity) * order.rate))

    @property
    def units(self):
        return {1: self.product.uom_id, 12: self.env.ref('uom.product_uom_dozen')}

    def make_agreements(self, agreed):
        for record, terms in zip(self.agreements, agreed):
            start, end = terms.days
            self.update(record, state=terms.state, date_start=start, date_end=end, date_until=end)
            product = self.products[terms.product]
            self.update(
                record.line_ids, applied_on='1_product' if terms.is_whole else '0_product_variant',
                product_id=None if terms.is_whole else product.id,
                product_tmpl_id=product.product_tmpl_id.id if terms.is_whole else None)
        self.env.invalidate_all()

    @staticmethod
    def get_bought(orders):
        """:return: dict of revenue in 12 months by customer and variant; what was given back is none"""
        bought = defaultdict(lambda: [0, Fraction(0)])
        for order in orders:
            if order.counts and order.day > YEAR_AGO:
                for line in order.lines:
                    bought[order.customer, line.product][0] += line.quantity
                    bought[order.customer, line.product][1] += line.amount
        return {cause: revenue for cause, (quantity, revenue) in bought.items() if quantity > 0}

    def assertWarnings(self, rule, expected):
        """The open warnings of a rule are those of these accounts and sources, with these amounts."""
        risks = {(risk.account_id.id, risk.res_model, risk.res_id): risk for risk in self.get_risks(rule)}
        self.assertEqual(set(risks), set(expected), f"{rule.kind}: {self.drawn}")
        for cause, amount in expected.items():
            self.assertAlmostEqual(risks[cause].amount, max(float(amount), 0), delta=0.00501, msg=rule.kind)
        return risks
