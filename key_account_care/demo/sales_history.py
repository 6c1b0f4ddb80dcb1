"""What the customers of the demo data buy, as a table. Every day counts back from today, so the story never ages."""

from typing import NamedTuple

# Orders are a little larger or smaller, each time the same way
WAVE = (1.0, 1.05, 0.96, 1.03, 0.96)


class Pattern(NamedTuple):
    """How one customer orders: how often, for how much, and what."""

    customer: str
    orders: int  # a year
    revenue: tuple  # a year: this year, the year before, the year before that
    basket: str  # products, of which each order takes the next one or two
    price: float  # part of the list price that this customer pays
    last: int  # age of the newest order in days
    first: int = 1090  # no order is older
    buyer: str = 'purchasing'  # contact who orders

    def history(self):
        """All orders of this customer.

        :return: list of tuples: age in days, contact, lines as tuples (product, amount), price
        """
        count = (self.first - self.last) * self.orders // 365 + 1
        ages = [self.last + round(number * 365 / self.orders) for number in range(count)]
        return [
            (age, f'{self.customer}_{self.buyer}', self._lines(age, number), self.price)
            for number, age in enumerate(ages)
        ]

    def _lines(self, age, number):
        products = self.basket.split()
        first, second = products[number % len(products)], products[(number + 1) % len(products)]
        amount = self.revenue[age // 365] / self.orders * WAVE[number % len(WAVE)]
        return [(first, 0.6 * amount), (second, 0.4 * amount)] if number % 2 else [(first, amount)]


PATTERNS = (
    # Strategic: the hospitals as ever, the brewery more every year
    Pattern('aurora', 8, (384000, 362000, 350000), 'desk chair cabinet locker', 0.84, last=2),
    Pattern('nyhavn', 6, (310000, 215000, 140000), 'workbench locker chair stool', 0.88, last=21),
    # Key: the paper mill fell silent, the forwarder climbs, the architects follow
    Pattern('saimaa', 7, (255000, 275000, 330000), 'workbench locker stool', 0.82, last=112),
    Pattern('planica', 5, (204000, 162000, 62000), 'bench desk chair', 0.9, last=38),
    Pattern('lindgren', 4, (130000, 103000, 98000), 'desk visitor_chair panel booth', 0.92, last=47, buyer='interior'),
    # Its large refit leaves the twelve months these days: see PROJECTS
    Pattern('hansekontor', 4, (88000, 86000, 92000), 'chair cabinet panel', 0.93, last=66, buyer='projects'),
    # Growth
    Pattern('tulip', 4, (106000, 180000, 215000), 'desk chair panel', 0.86, last=12),
    Pattern('nyhavn_sverige', 3, (106000, 100000, 60000), 'locker stool chair', 0.9, last=80),
    Pattern('alpenblick', 3, (110000, 95000, 90000), 'visitor_chair panel cabinet', 0.95, last=52),
    Pattern('institute', 3, (60000, 70000, 88000), 'workbench cabinet desk', 1.04, last=101, buyer='procurement'),
    # New
    Pattern('geysir', 12, (200000,), 'workbench locker stool', 0.9, first=130, last=8),
    Pattern('campus', 10, (155000,), 'desk chair panel', 0.93, first=106, last=24),
    # Standard: a small one, and one that is gone
    Pattern('svalbard', 2, (15000, 14500, 14000), 'locker stool', 1.0, last=75, buyer='owner'),
    Pattern('kontor_kaffe', 4, (0, 66000, 85000), 'desk chair booth', 0.95, last=430, buyer='ceo'),
)

# Single orders: age in days, contact, lines as tuples (product, amount), price
PROJECTS = (
    (370, 'hansekontor_projects', [('bench', 52000), ('booth', 28000), ('panel', 15000)], 0.9),
    # small; of which the assembly is still to come; of what they have not bought again
    (100, 'hansekontor_projects', [('chair', 1950)], 0.93),
    (58, 'alpenblick_owner', [('panel', 1900), ('assembly', 900)], 0.95),
    (250, 'lindgren_interior', [('chair', 2200), ('stool', 970)], 0.92),
)

# Goods that came back: contact, age of the invoice in days at least, pieces of its first line, reason
RETURNS = (
    ('saimaa_purchasing', 300, 1, "One workbench too many"),
    ('saimaa_purchasing', 200, 2, "Two pieces without a key"),
    ('saimaa_purchasing', 120, 2, "Two pieces damaged in transport"),
    ('tulip_purchasing', 60, 8, "Seats that squeak"),
    ('tulip_purchasing', 230, 5, "Wrong color delivered"),
)
