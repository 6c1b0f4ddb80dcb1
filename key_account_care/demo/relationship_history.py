"""What we and the people of four customers of the demo data say to each other, as tables. Days count back from today."""

from typing import NamedTuple

# In turn, what mails are about
SUBJECTS = (
    "Delivery dates of the next order", "Colors of the new chairs", "Drawings of the second floor", "Price of ten more desks",
    "Two drawers that jam", "Who assembles on Thursday?", "Samples of the acoustic panels", "Budget of next year",
    "Your visit last week",
)


class Exchange(NamedTuple):
    """What one of theirs and one of ours exchange."""

    contact: str
    user: str
    asked: tuple = ()  # ages in days of their mails
    waits: tuple = (3,)  # working hours until we answer, in turn; None: not at all
    told: tuple = ()  # ages of the mails that we begin
    calls: tuple = ()  # ages of our calls


EXCHANGES = (
    # well covered: several of ours, several of theirs, on all levels
    Exchange('aurora_purchasing', 'admin', range(9, 330, 17), (2, 1, 3, 2, 6), range(14, 300, 45), (20, 66, 130, 210)),
    Exchange('aurora_ceo', 'admin', range(25, 330, 60), (1, 2), (40, 150, 260), (33, 121)),
    Exchange('aurora_facilities', 'demo', range(4, 200, 13), (1, 3, 2), range(11, 180, 40), (16, 58, 95)),
    Exchange('aurora_finance', 'astrid', range(30, 250, 44), (3, 2), (60, 140), (48,)),
    Exchange('aurora_it', 'marko', range(20, 160, 28), (4, 2, 7), (75,)),
    Exchange('aurora_it', 'demo', (90, 155), (2,)),
    # all of it is one of ours and one of theirs
    Exchange('nyhavn_purchasing', 'demo', (2, *range(5, 340, 12)), (None, 5, 2, 9, 3, 14), range(8, 330, 70), (17, 45, 98, 160)),
    Exchange('nyhavn_plant', 'demo', (150, 240), (6,)),
    # the one who knows them is away just now
    Exchange('planica_operations', 'marko', range(75, 340, 15), (2, 4, 3), (15, 45), (110, 152)),
    Exchange('planica_ceo', 'marko', range(12, 300, 26), (1, 5), (70,), (21, 80)),
    Exchange('planica_purchasing', 'marko', range(6, 240, 16), (3, 6, 10), (), (29,)),
    Exchange('planica_purchasing', 'demo', (35, 70), (8,)),
    # one is silent, the others wait for us
    Exchange('saimaa_plant', 'admin', range(104, 190, 14), (2, 3), (96, 60, 27), (109,)),
    Exchange('saimaa_purchasing', 'admin', (5, *range(20, 300, 24)), (None, 12, 7, 21, 4), (120,), (6, 88)),
    Exchange('saimaa_purchasing', 'liv', range(10, 150, 33), (1, 2)),
    Exchange('saimaa_finance', 'demo', (2, 64, 140), (None, 11), (64,), (40,)),
)

# age, hours, what about, people of ours, people of theirs
MEETINGS = (
    (18, 2, "Yearly review", 'admin demo astrid', 'aurora_ceo aurora_purchasing aurora_finance'),
    (52, 1, "Mock-up of a ward", 'demo marko', 'aurora_facilities aurora_it'),
    (88, 1.5, "Plans of the new wing", 'admin demo', 'aurora_purchasing aurora_facilities'),
    (170, 2, "Half-year review", 'admin', 'aurora_ceo aurora_purchasing'),
    (31, 1, "Prices of lockers", 'demo', 'nyhavn_purchasing'),
    (115, 1, "Agreement for a year", 'demo', 'nyhavn_purchasing'),
    (24, 2, "Dispatch office in Koper", 'marko', 'planica_ceo planica_purchasing'),
    (118, 1.5, "Terminal walk-through", 'marko', 'planica_operations planica_ceo'),
    (14, 1, "Visit to the mill", 'admin liv', 'saimaa_purchasing saimaa_finance'),
    (125, 2, "Control room", 'admin', 'saimaa_plant'),
)

# People who write from the customer's domain and are no contacts of it: age, customer, name, address
STRANGERS = (
    (8, 'planica', "Luka Bizjak", 'luka.bizjak@planica.example.com'),
    (3, 'planica', "Luka Bizjak", 'luka.bizjak@planica.example.com'),
    (16, 'nyhavn', "Signe Dahl", 'signe.dahl@nyhavn.example.com'),
)

# Mail that came back: age, contact, one of ours
BOUNCES = ((15, 'planica_operations', 'marko'),)

# What people have said about a relationship: contact, user, desired level, own assessment
JUDGED = (
    ('aurora_ceo', 'admin', '60', '60'),
    ('aurora_purchasing', 'admin', '85', False),
    ('aurora_finance', 'astrid', '60', '30'),
    ('aurora_construction', 'marko', '30', False),
    ('nyhavn_ceo', 'admin', '60', False),
    ('nyhavn_plant', 'demo', '60', False),
    ('planica_ceo', 'demo', '60', False),
    ('saimaa_finance', 'demo', '60', False),
)
