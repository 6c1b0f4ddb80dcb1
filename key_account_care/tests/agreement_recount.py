"""Consumption of an agreement counted anew in plain Python, from a log of what people did; nothing of it is our SQL."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

NORMAL = {'rope': 100, 'knot': 50}  # what a piece costs without the agreement


class Refused(Exception):
    """Odoo must refuse it, too."""


@dataclass(eq=False)
class Order:
    """What somebody ordered, and by which revision it was priced."""
    revision: int
    state: str = 'draft'
    parts: list = field(default_factory=list)


@dataclass(eq=False)
class Bill:
    """An invoice, or the credit note of one."""
    order: Order
    quantities: dict  # by part
    credit_note: 'Bill' = None
    posted: bool = True


@dataclass(eq=False)
class Part:
    """A line of an order. Its quantity is in its own unit, which is so many pieces: 12 for a dozen."""
    order: Order
    product: str
    pieces: int
    quantity: Fraction
    price: int = 0  # of a piece
    agreed: bool = True
    delivered: int = 0
    bills: list = field(default_factory=list)  # of (bill, quantity), negative where it is credited

    @property
    def invoiced(self):
        """What was invoiced and not credited."""
        return sum(quantity for bill, quantity in self.bills if bill.posted)

    @property
    def given_back(self):
        """What was credited and has not been invoiced again."""
        reached = back = 0
        for bill, quantity in self.bills:
            if bill.posted and quantity > 0:
                first_time = max(0, min(quantity, self.quantity - reached))
                reached += first_time
                back -= quantity - first_time
            elif bill.posted:
                back -= quantity
        return max(back, 0)

    @property
    def called_off(self):
        """What counts, in pieces."""
        return (self.quantity - self.given_back) * self.pieces

    @property
    def amount(self):
        """What counts, in money."""
        return self.called_off * self.price


class Recount:
    """The log: who ordered what, and the prices and maxima that were agreed last."""

    def __init__(self, policy, prices, limits):
        self.policy, self.prices, self.limits = policy, prices, limits
        self.revision, self.orders, self.bills = 0, [], []

    # What people do

    def price(self, order):
        """Price a quotation by the agreement of now. What is invoiced keeps its price."""
        order.revision = self.revision
        for part in order.parts:
            if part.invoiced <= 0:
                part.price = self.prices[part.product]
            part.agreed = part.price == self.prices[part.product]

    def confirm(self, order):
        """:raise Refused: when it is beyond a maximum that must not be exceeded"""
        self._fit([part for part in order.parts if part.agreed])
        order.state = 'sale'

    def change(self, part, quantity):
        """Order more or less of a confirmed line; only more has to fit.

        :raise Refused: see :meth:`confirm`
        """
        before, part.quantity = part.quantity, quantity
        try:
            if part.agreed and quantity > before:
                self._fit([part])
        except Refused:
            part.quantity = before
            raise

    def bill(self, order, quantities):
        """:return: an invoice of so much of each line"""
        bill = Bill(order, quantities)
        self.bills.append(bill)
        for part, quantity in quantities.items():
            part.bills.append((bill, quantity))
        return bill

    def credit(self, bill, quantities):
        """:return: the credit note of an invoice"""
        bill.credit_note = Bill(bill.order, quantities)
        for part, quantity in quantities.items():
            part.bills.append((bill.credit_note, -quantity))
        return bill.credit_note

    # Maxima

    def _fit(self, parts):
        """Hold parts that are about to count against what the others leave of each maximum."""
        left = {
            limit: maximum - sum(self._measure(part, limit) for part in self.get_parts() if part not in parts)
            for limit, maximum in self.limits.items() if maximum}
        before = [(part, part.quantity, part.price, part.agreed, len(part.order.parts)) for part in parts]
        try:
            for part in parts:
                if part.quantity > 0:
                    self._fit_part(part, left)
        except Refused:
            for part, part.quantity, part.price, part.agreed, count in before:
                del part.order.parts[count:]
            raise

    def _measure(self, part, limit):
        """:return: what a part takes of a maximum: pieces of rope, money for knots and for everything"""
        if limit not in (part.product, 'all'):
            return 0
        return part.called_off if limit == 'rope' else part.amount

    def _fit_part(self, part, left):
        asked = {limit: self._measure(part, limit) for limit in left}
        share = min([Fraction(1), *(
            Fraction(max(left[limit], 0)) / need for limit, need in asked.items() if need)])
        if share < 1 and self.policy in ('block', 'split'):
            fits = part.given_back + (part.quantity - part.given_back) * share
            self._go_beyond(part, floor(fits * 100) / Fraction(100))
        if part.agreed:
            for limit in left:
                left[limit] -= self._measure(part, limit)

    def _go_beyond(self, part, fits):
        if self.policy == 'block' or fits < part.invoiced:
            raise Refused
        if fits <= 0:
            part.agreed, part.price = False, NORMAL[part.product]
        else:
            part.order.parts.append(Part(
                part.order, part.product, part.pieces, part.quantity - fits, NORMAL[part.product], agreed=False))
            part.quantity = fits

    # The numbers

    def get_parts(self, product=None):
        """:return: list of the call-offs"""
        return [
            part for order in self.orders if order.state == 'sale' for part in order.parts
            if part.agreed and product in (None, part.product)]

    def get_line_numbers(self, product):
        """:return: dict of what a line of the agreement must show"""
        parts = self.get_parts(product)
        amount, pieces = sum(part.amount for part in parts), sum(part.called_off for part in parts)
        maximum = self.limits[product]
        return {
            'ordered': sum(part.quantity * part.pieces for part in parts),
            'delivered': sum(part.delivered * part.pieces for part in parts),
            'invoiced': sum(part.invoiced * part.pieces for part in parts),
            'called_off': pieces,
            'called_off_amount': amount,
            'amount_invoiced': sum(part.invoiced * part.pieces * part.price for part in parts),
            'remaining': maximum and maximum - (pieces if product == 'rope' else amount),
        }

    def get_agreement_numbers(self):
        """:return: dict of what the agreement must show"""
        parts = self.get_parts()
        return {
            'called_off_amount': sum(part.amount for part in parts),
            'amount_invoiced': sum(part.invoiced * part.pieces * part.price for part in parts),
            'calloff_count': len(parts),
        }
