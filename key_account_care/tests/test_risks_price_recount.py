from collections import defaultdict
from datetime import date, datetime, time
from fractions import Fraction
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

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
    SOLD,
    STATES,
    VARIANTS,
    YEAR_AGO,
    Line,
    Order,
    SalesRecountCommon,
    to_utc,
)

LIST = 100, 105  # sales prices of the variants
NEW_RATE = TODAY - 4 * DAY  # from this day on a euro is worth 4 dollars, before 2
PRICES = [Fraction(price) for price in (
    '20.1', '20.11', '40.2', '40.21', '70', '70.35', '70.36', '80.4', '80.41', '100', '100.5', '100.51', '105.525', '105.53')]
SCOPES = [('variant', 0), ('variant', 3), ('product', 0), INNER, OUTER, 'everything']
MORE = Fraction('1.005')
# days in whose months costs are looked at, or not any more
MONTHS = [date(2023, 6, 30), date(2023, 7, 1), date(2023, 9, 30), date(2023, 10, 1), date(2024, 3, 31), date(2024, 6, 1),
          date(2024, 6, 30), date(2024, 7, 1), date(2024, 8, 31), date(2024, 9, 30), date(2025, 3, 31), date(2025, 4, 1), TODAY]


class Deal(NamedTuple):
    """A framework agreement. Its terms are tuples of what a piece costs, and from 10 on, by what they are about; None is a
    discount on the list."""
    is_signed: bool
    covers: bool  # the other customer
    start: int
    length: int
    signed: int
    stop: int  # days before its end
    is_foreign: bool
    terms: dict

    @property
    def until(self):
        return TODAY + max(self.start + self.length - self.stop, self.start) * DAY

    @property
    def moment(self):
        return datetime.combine(TODAY + self.signed * DAY, time(10))

    def holds(self, day, moment):
        return self.is_signed and TODAY + self.start * DAY <= day <= self.until and self.moment <= moment

    def get_price(self, product, quantity, day):
        """:return: the agreed price, of what is named most closely; None where it is no fixed one"""
        categories = {0: (INNER, OUTER), 1: (OUTER,), 2: ()}[product // 2]
        for scope in (('variant', product), ('product', product // 2), *categories, 'everything'):
            if scope in self.terms:
                price, many = self.terms[scope]
                if price is None:
                    return None
                rate = (4 if day >= NEW_RATE else 2) if self.is_foreign else 1
                return Fraction(many if many and quantity >= 10 else price, rate)
        return None


class Invoice(NamedTuple):
    """An invoice of one line; where it is for an order, that tells the customer, the product, the unit and the currency."""
    customer: int
    day: date
    line: Line
    order: int  # place of the order, or beyond them
    state: str
    move_type: str
    payment_state: str
    is_own: bool
    rate: int

    @property
    def counts(self):
        return self.is_own and self.day <= TODAY and (
            self.state, self.move_type) == ('posted', 'out_invoice') and self.payment_state != 'reversed'


class Term(NamedTuple):
    """A line of an agreement that runs for years, and whether its price was revised."""
    state: str
    price_type: str
    is_whole: bool
    product: int
    signed: date
    length: int
    revision: str
    revised: date
    is_revised: bool  # this line, too

    @property
    def day(self):
        """On which the price was made"""
        revised = self.is_revised and self.revision == 'announced' and self.revised <= TODAY
        return max(self.signed, self.revised) if revised else self.signed

    @property
    def products(self):
        return {self.product - self.product % 2, self.product | 1} if self.is_whole else {self.product}


@needs_hypothesis
class TestRisksPriceRecount(SalesRecountCommon):
    """What the rules about prices find in random documents equals a recount in plain Python; nothing of it is our SQL."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.currency.rate'].create({
            'currency_id': cls.dollar.id, 'company_id': cls.company.id, 'name': NEW_RATE, 'rate': 4.0})
        cls.moves = [cls.create_invoice(cls.customers[0], TODAY, 100.0, product=cls.products[0]) for __ in range(4)]
        cls.revisions = cls.env['key.account.price.revision'].create([{
            'agreement_id': agreement.id, 'date': TODAY, 'announce_on': date(2020, 1, 1), 'percent': -1,
            'line_ids': agreement.line_ids.ids} for agreement in cls.agreements])
        cls.env.flush_all()

    # ------------------------------------------------------------
    # More than agreed, more than by the list
    # ------------------------------------------------------------

    def test_overpaid(self):
        """Orders and invoices that are dearer than they should be."""
        self.rules = {kind: self.use_rule(kind) for kind in ('price_above_agreed', 'price_above_list')}
        days = [TODAY - ago * DAY for ago in (-1, 0, 0, 3, 4, 5, 6)]
        lines = (  # by the dozen or not, and around the quantity from which another price is agreed
            draw(Line, product=range(VARIANTS), quantity=(-12, 12, 12, 24), price=PRICES, discount=(0, 0, 0, 10), pieces=(1, 12),
                 listed=(None, Fraction(0), Fraction(80), Fraction(100))),
            draw(Line, product=range(VARIANTS), quantity=(1, 9, 10), price=PRICES, listed=(Fraction(80), Fraction(100))))
        order = draw(
            Order, customer=(0, 0, 1, 1, 2, 3), day=days, lines=many(lines, 2), hour=HOURS, state=STATES, is_own=MOSTLY,
            is_contact=ANY, rate=(1, 2), pricelist=range(3))
        invoice = draw(
            Invoice, customer=ANYBODY, day=days, line=lines, order=range(16), state=('posted', 'posted', 'posted', 'draft'),
            move_type=('out_invoice', 'out_invoice', 'out_invoice', 'out_refund'),
            payment_state=('not_paid', 'paid', 'reversed'), is_own=MOSTLY, rate=(1, 2))
        deal = draw(
            Deal, is_signed=MOSTLY, covers=ANY, start=(-5, -4, 0), length=(5, 30), signed=(-30, -30, -4, -3), stop=(0, 0, 1, 30),
            is_foreign=ANY, terms=lambda random: {
                scope: (random.choice((70, 80, 80, None)), random.choice((None, 70)))
                for scope in random.sample(SCOPES, random.randint(2, 4))})
        self.run_random(
            self.check_overpaid, max_examples=15, orders=many(order, 8), invoices=many(invoice, 4), deals=many(deal, 2),
            limit=(4, 5))

    def check_overpaid(self, orders, invoices, deals, limit):
        agreements = [self.make_deal(place, deal) for place, deal in enumerate(deals)]
        self.pricelists = [self.pricelist.browse(), self.pricelist, agreements[0].pricelist_id]
        self.make_orders(orders)
        invoices = [
            self.make_invoice(move, invoice, orders) for move, invoice in zip(self.moves, invoices)]
        self.Rule.union(*self.rules.values()).threshold = limit
        self.detect()
        for kind, rule in self.rules.items():
            overpaid = self.count_overpaid(orders, invoices, deals, limit, kind)
            found = self.assertWarnings(
                rule, {cause: sum(amount for amount, *__ in lines) for cause, lines in overpaid.items()})
            for cause, risk in found.items():
                worst = max(amount for amount, *__ in overpaid[cause])
                facts = [
                    (self.templates[line.product // 2].name, float(round(line.paid, 4)), float(round(due, 4)))
                    for amount, line, due in overpaid[cause] if amount == worst]
                self.assertIn((risk.facts['product'], risk.facts['paid_price'], risk.facts['due_price']), facts)

    def make_deal(self, place, deal):
        start, end = (TODAY + days * DAY for days in (deal.start, deal.start + deal.length))
        agreement = self.create_agreement(
            *[self.get_terms(scope, deal, *prices) for scope, prices in deal.terms.items()], customer=self.customers[place],
            sign=deal.is_signed, date_start=start, date_end=end,
            currency_id=(self.dollar if deal.is_foreign else self.company.currency_id).id,
            covered_partner_ids=self.customers[1].ids if deal.covers and place == 0 else [])
        if deal.is_signed and deal.stop:
            agreement._close('terminated', last_day=deal.until)
        self.env.flush_all()
        if deal.is_signed:
            self.update(agreement, signed_on=deal.moment)
        return agreement

    def get_terms(self, scope, deal, price, many):
        name, place = scope if isinstance(scope, tuple) else (scope, None)
        vals = {
            'variant': lambda: {'product_id': self.products[place].id},
            'product': lambda: {'product_tmpl_id': self.templates[place].id},
            'everything': lambda: {'applied_on': '3_global'},
        }.get(name, lambda: {'categ_id': self.categories[name].id})()
        if price is None:
            return {**vals, 'price_type': 'discount', 'discount': 10}
        return {**vals, 'price_unit': price,
                'step_ids': [(0, 0, {'min_quantity': 10, 'price_unit': many})] if many else []}

    def make_invoice(self, move, invoice, orders):
        """:return: the invoice as it is, given what it is for"""
        if invoice.order < len(orders):
            order = orders[invoice.order]
            line = order.lines[0]
            invoice = invoice._replace(
                customer=order.customer, rate=order.rate,
                line=invoice.line._replace(product=line.product, pieces=line.pieces, quantity=line.pieces * 2))
            move.invoice_line_ids.sale_line_ids = self.orders[invoice.order].order_line[0]
            self.env.flush_all()
        customer, line = self.customers[invoice.customer], invoice.line
        self.update(
            move, partner_id=customer.id, invoice_date=invoice.day, state=invoice.state, move_type=invoice.move_type,
            payment_state=invoice.payment_state, invoice_currency_rate=invoice.rate,
            company_id=(self.company if invoice.is_own else self.other_company).id)
        self.update(
            move.invoice_line_ids, product_id=self.products[line.product].id, product_uom_id=self.units[line.pieces].id,
            quantity=line.quantity // line.pieces, discount=line.discount,
            price_unit=float(line.price * line.pieces * invoice.rate))
        self.env.invalidate_all()
        return invoice

    def count_overpaid(self, orders, invoices, deals, limit, kind):
        """:return: dict of lists of (amount, line, due price) by account and document"""
        found = defaultdict(list)
        since = TODAY - limit * DAY
        sold = [
            (order.customer, record, order, line) for order, record in zip(orders, self.orders)
            if order.counts and order.day >= since for line in order.lines]
        sold += [
            (invoice.customer, move, invoice, invoice.line) for invoice, move in zip(invoices, self.moves)
            if invoice.counts and invoice.day >= since and not self.is_as_ordered(invoice, orders)]
        for customer, record, document, line in sold:
            if customer in SOLD and line.quantity > 0:
                due = (self.get_listed if kind == 'price_above_list' else self.get_agreed)(customer, document, line, deals)
                if due and line.paid > due * MORE:
                    found[self.accounts[customer].id, record._name, record.id].append(
                        ((line.paid - due) * line.quantity, line, due))
        return found

    def is_as_ordered(self, invoice, orders):
        """Whether it is not dearer than its order, which is looked at itself."""
        return invoice.order < len(orders) and invoice.line.paid <= orders[invoice.order].lines[0].paid * MORE

    def get_agreed(self, customer, document, line, deals):
        """The fixed price of the agreement of that day, a customer's own before one that covers it."""
        moment = document.moment if isinstance(document, Order) else datetime.combine(document.day, time(12))
        for place in {0: [0], 1: [1, 0]}.get(customer, []):
            if deals[place].holds(document.day, moment) and (place == customer or deals[place].covers):
                return deals[place].get_price(line.product, line.quantity, document.day)
        return None

    def get_listed(self, customer, document, line, deals):
        """What the pricelist said where somebody typed another price; without one, or with an agreement's, the sales price."""
        if isinstance(document, Order) and document.pricelist == 1:
            return None if line.listed is None or line.listed == line.price else line.listed
        return LIST[line.product % 2]

    # ------------------------------------------------------------
    # Not revised while the cost fell
    # ------------------------------------------------------------

    def test_not_revised(self):
        """Costs of the calendar months after a price was made, and of the last ones."""
        self.rule = self.use_rule('price_not_revised')
        order, later = (draw(
            Order, customer=SOLD, day=days, hour=HOURS, state=STATES, is_own=MOSTLY, rate=(1, 2), lines=many(draw(
                Line, product=(0, 0, 0, 0, 1), quantity=(-1, 1, 2, 2, 5, 5), price=[Fraction(80)], cost=costs), 2))
            for days, costs in ((MONTHS[:-3], (60, 60, 60, 57)), (MONTHS[-3:], (57, 57, 57, 58, 40))))
        term = draw(
            Term, state=(*['signed'] * 5, 'closed'), price_type=(*['fixed'] * 5, 'discount'),
            is_whole=ANY, product=(0, 0, 0, 1),
            signed=(date(2023, 5, 31), date(2024, 6, 1), date(2024, 6, 30), date(2024, 6, 30), date(2024, 7, 1)),
            length=(-1, 0, 0, 0, 90, 90, 90), revision=('draft', 'announced', 'cancelled'),
            revised=(date(2024, 6, 29), date(2024, 6, 30), date(2024, 7, 1), TODAY + DAY), is_revised=ANY)
        self.run_random(
            self.check_not_revised, max_examples=20, terms=many(term, 3), limit=(12, 12, 12, 13),
            orders=lambda random: many([order], 7)(random) + many([later], 5)(random))

    def check_not_revised(self, orders, terms, limit):
        self.make_orders(orders)
        for agreement, revision, term in zip(self.agreements, self.revisions, terms):
            self.make_term(agreement, revision, term)
        self.env.invalidate_all()
        self.rule.threshold = limit
        self.detect()
        stale = self.count_stale(orders, terms, limit)
        found = self.assertWarnings(
            self.rule, {cause: (before - now) * quantity for cause, (day, before, now, quantity) in stale.items()})
        for cause, risk in found.items():
            day, before, now, __ = stale[cause]
            self.assertEqual(risk.facts['since_date'], str(day))
            self.assertAlmostEqual(risk.facts['before_price'], float(before), delta=0.00501)
            self.assertAlmostEqual(risk.facts['now_price'], float(now), delta=0.00501)

    def make_term(self, agreement, revision, term):
        end = TODAY + term.length * DAY
        self.update(
            agreement, state=term.state, date_start=date(2023, 1, 1), date_end=end, date_until=end,
            signed_on=to_utc(term.signed, time(0, 30)))
        product = self.products[term.product]
        line = agreement.line_ids
        self.update(
            line, price_type=term.price_type, applied_on='1_product' if term.is_whole else '0_product_variant',
            product_id=None if term.is_whole else product.id,
            product_tmpl_id=product.product_tmpl_id.id if term.is_whole else None)
        self.update(revision, state=term.revision, date=term.revised)
        if not term.is_revised:
            self.env.cr.execute("DELETE FROM key_account_price_revision_line_rel WHERE revision_id = %s", [revision.id])

    def count_stale(self, orders, terms, limit):
        """:return: dict of day, cost then, cost now and what was bought in 12 months, by account and line"""
        sold = [(order, line) for order in orders if order.counts for line in order.lines]
        found = {}
        for customer, term in enumerate(terms):
            in_force = term.state == 'signed' and term.length >= 0
            if not in_force or term.price_type != 'fixed' or term.day > TODAY - relativedelta(months=limit):
                continue
            first = self.get_month(max(term.day, YEAR_AGO - relativedelta(years=1) + DAY))
            before = self.get_cost(sold, term, range(first, first + 3))
            last = self.get_month(TODAY)
            now = self.get_cost(sold, term, range(last - 2, last + 1))
            quantity = sum(line.quantity for order, line in sold
                           if order.customer == customer and order.day > YEAR_AGO and line.product in term.products)
            if before and now and quantity > 0 and now <= before * Fraction(95, 100):
                line = self.agreements[customer].line_ids
                found[self.accounts[customer].id, line._name, line.id] = (term.day, before, now, quantity)
        return found

    @staticmethod
    def get_month(day):
        return day.year * 12 + day.month

    def get_cost(self, sold, term, months):
        """:return: what a piece cost on average in these months of the last 24, whoever bought it; None without sales"""
        lines = [
            line for order, line in sold if order.day > YEAR_AGO - relativedelta(years=1)
            and self.get_month(order.day) in months and line.product in term.products and line.quantity > 0]
        quantity = sum(line.quantity for line in lines)
        return quantity and Fraction(sum(line.cost * line.quantity for line in lines), quantity)
