from collections import defaultdict
from fractions import Fraction
from typing import NamedTuple

from .common import TODAY
from .hypothesis_common import draw, many, needs_hypothesis
from .sales_recount import (
    ANY,
    ANYBODY,
    DAY,
    HOURS,
    INNER,
    MOSTLY,
    OUTER,
    PLACES,
    SOLD,
    STATES,
    VARIANTS,
    YEAR_AGO,
    Agreed,
    Line,
    Order,
    SalesRecountCommon,
)


class Promise(NamedTuple):
    """What was promised to one customer only."""
    customer: int
    scope: object  # a template or a category
    start: int
    length: int
    countries: set
    states: set
    active: bool

    def is_broken(self, order, line):
        country, state = PLACES[order.place]
        until = self.start + self.length if self.length >= 0 else 10000
        return (
            self.active and order.customer != self.customer and line.quantity > 0
            and TODAY + self.start * DAY <= order.day <= TODAY + until * DAY
            and self.scope in {0: (0, INNER, OUTER), 1: (1, OUTER), 2: (2,)}[line.product // 2]
            and (not self.countries | self.states or country in self.countries or state in self.states))


class Told(NamedTuple):
    """Who was told of which successor."""
    customer: int
    template: int
    successor: int


@needs_hypothesis
class TestRisksProductRecount(SalesRecountCommon):
    """What the rules about products find in random sales equals a recount in plain Python; nothing of it is our SQL."""

    # ------------------------------------------------------------
    # Products that are not what they were
    # ------------------------------------------------------------

    def test_products(self):
        """Superseded and archived products."""
        self.rules = {kind: self.use_rule(kind) for kind in ('product_superseded', 'product_archived')}
        line = draw(Line, product=range(VARIANTS), quantity=(-2, -1, 1, 2, 3), price=(Fraction(50), Fraction(80)))
        order = draw(
            Order, customer=ANYBODY, day=(TODAY, YEAR_AGO, YEAR_AGO + DAY, TODAY + DAY), lines=many(line, 2), hour=HOURS,
            state=STATES, is_own=MOSTLY, is_contact=ANY, rate=(1, 2))
        agreed = draw(
            Agreed, state=('signed', 'signed', 'draft', 'closed'), start=(-30, 0, 1), length=(0, 29, 30, 90), is_whole=ANY,
            product=range(VARIANTS))
        self.run_random(
            self.check_products, max_examples=15, orders=many(order, 8), agreed=many(agreed, 3),
            successors=many((None, None, 0, 1), 3), variants=many(ANY, VARIANTS), templates=many(ANY, 3),
            told=many(draw(Told, customer=SOLD, template=range(3), successor=range(2)), 6))

    def check_products(self, orders, agreed, successors, variants, templates, told):
        self.make_orders(orders)
        self.make_agreements(agreed)
        for template, successor, active in zip(self.templates, successors, templates):
            self.update(template, active=active,
                        key_account_successor_id=None if successor is None else self.successors[successor].id)
        active = [variants[place] and templates[place // 2] for place in range(VARIANTS)]  # variants go with their template
        for product, value in zip(self.products, active):
            self.update(product, active=value)
        self.env['key.account.product.told'].create([
            {'account_id': self.accounts[customer].id, 'product_tmpl_id': self.templates[template].id,
             'successor_id': self.successors[successor].id} for customer, template, successor in told])
        self.env.invalidate_all()
        self.detect()
        found = self.assertWarnings(
            self.rules['product_superseded'], self.count_superseded(orders, agreed, successors, told))
        for (__, __, template), risk in found.items():
            successor = self.templates.browse(template).key_account_successor_id
            self.assertEqual(risk.facts, {'successor': successor.name})
        self.assertWarnings(
            self.rules['product_archived'], self.count_archived(orders, agreed, successors, active, templates))

    def get_used(self, orders, agreed, product, is_whole):
        """:return: dict of revenue by customer who bought a variant or has agreed on it"""
        used = {customer: Fraction(0) for customer, terms in enumerate(agreed)
                if terms.is_in_force and terms.covers(product, is_whole)}
        for (customer, variant), revenue in self.get_bought(orders).items():
            if variant == product and customer in SOLD:
                used[customer] = revenue
        return used

    def count_superseded(self, orders, agreed, successors, told):
        found = defaultdict(Fraction)
        for product in range(VARIANTS):
            template = product // 2
            for customer, revenue in self.get_used(orders, agreed, product, is_whole=True).items():
                if successors[template] is not None and (customer, template, successors[template]) not in told:
                    found[self.accounts[customer].id, 'product.template', self.templates[template].id] += revenue
        return found

    def count_archived(self, orders, agreed, successors, active, templates):
        found = defaultdict(Fraction)
        for product in range(VARIANTS):
            template = product // 2
            if active[product] or successors[template] is not None:
                continue
            source = self.products[product] if templates[template] else self.templates[template]
            for customer, revenue in self.get_used(orders, agreed, product, is_whole=not templates[template]).items():
                found[self.accounts[customer].id, source._name, source.id] += revenue
        return found

    # ------------------------------------------------------------
    # Exclusivity
    # ------------------------------------------------------------

    def test_exclusivity(self):
        """What one customer alone should get."""
        self.rule = self.use_rule('exclusivity_broken')
        line = draw(
            Line, product=range(VARIANTS), quantity=(-12, 12, 24), price=(Fraction(50), Fraction(80)), discount=(0, 10, 100),
            pieces=(1, 12))
        order = draw(
            Order, customer=ANYBODY, day=[TODAY - ago * DAY for ago in (-1, 0, 1, 4, 5, 6)], lines=many(line, 2), hour=HOURS,
            state=STATES, is_own=MOSTLY, is_contact=ANY, rate=(1, 2), place=(0, 0, *range(len(PLACES))))
        promise = draw(
            Promise, customer=(0, 0, 1, 2, 3), scope=(0, 1, 2, INNER, OUTER), start=(-5, -1), length=(-1, 0, 1, 4),
            countries=(set(), set(), set(), {'BE'}, {'US'}), states=(set(), set(), set(), {'AL'}, {'AL', 'CA'}), active=MOSTLY)
        self.run_random(
            self.check_exclusivity, max_examples=15, orders=many(order, 8), promises=many(promise, 6), limit=(4, 5))

    def check_exclusivity(self, orders, promises, limit):
        promises = list({promise.scope: promise for promise in promises}.values())  # a thing is promised to one of them
        self.make_orders(orders)
        self.env['key.account.exclusivity'].create([{
            'account_id': self.accounts[promise.customer].id, 'active': promise.active,
            'product_tmpl_id': self.templates[promise.scope].id if isinstance(promise.scope, int) else False,
            'categ_id': not isinstance(promise.scope, int) and self.categories[promise.scope].id,
            'date_from': self.days(promise.start),
            'date_until': promise.length >= 0 and self.days(promise.start + promise.length),
            'country_ids': [self.countries[code].id for code in promise.countries],
            'state_ids': [self.states[code].id for code in promise.states],
        } for promise in promises])
        self.rule.threshold = limit
        self.detect()
        broken = self.count_broken(orders, promises, limit)
        found = self.assertWarnings(
            self.rule, {cause: sum(line.amount for __, line in lines) for cause, lines in broken.items()})
        for cause, risk in found.items():
            order, line = min(broken[cause], key=lambda sold: (-sold[1].amount, self.products[sold[1].product].id))
            country, state = PLACES[order.place]
            self.assertEqual(risk.facts, {
                'order_date': str(order.day), 'product': self.templates[line.product // 2].name,
                'region': self.states[state].name if state else country and self.countries[country].name})

    def count_broken(self, orders, promises, limit):
        """:return: dict of lists of (order, line) by the account to whom it was promised and the order"""
        found = {}
        for order, record in zip(orders, self.orders):
            if not order.counts or order.day < TODAY - limit * DAY:
                continue
            for customer in SOLD:
                lines = [(order, line) for line in order.lines if any(
                    promise.customer == customer and promise.is_broken(order, line) for promise in promises)]
                if lines:
                    found[self.accounts[customer].id, 'sale.order', record.id] = lines
        return found
