"""What is promised, agreed and said in and between the reviews of the demo data, as tables. Days count back from today."""

from typing import NamedTuple


class Promise(NamedTuple):
    """Somebody gave somebody else a word."""

    contact: str
    direction: str
    user: str
    name: str
    made: int  # age in days
    due: int  # age in days; below zero: still to come
    state: str = 'open'
    done: int | None = None  # age of the day on which it was settled
    amount: int = 0
    forecast: str | None = None
    expected: int | None = None  # age of the day that was named instead
    told: int | None = None  # age of the day on which the other side heard of it
    source: str | None = None  # what it is about: the newest order, the agreement
    replaces: str | None = None  # name of the promise that was renegotiated


PROMISES = (
    # due soon, and nobody has said yet whether it will hold
    Promise('aurora_facilities', 'we', 'demo', "Two sample desks for the ward of the new wing", 20, -2, amount=4500),
    Promise('nyhavn_purchasing', 'they', 'demo', "Names of who signs for the Malmö plant", 12, -1),
    Promise('planica_ceo', 'they', 'demo', "Floor plan of the dispatch office in Koper", 24, -3, source='agreement'),
    # answered: it will hold, it will be late
    Promise('aurora_purchasing', 'we', 'admin', "Quarterly price list in their item numbers", 18, -9, forecast='hold'),
    Promise('nyhavn_plant', 'we', 'demo', "Workbenches for line 4 assembled", 40, -4, amount=26000, forecast='late',
            expected=-11, told=1, source='order'),
    Promise('hansekontor_projects', 'we', 'demo', "Offer for the third floor", 30, -5, amount=38000, forecast='late',
            expected=-12),
    Promise('campus_purchasing', 'they', 'demo', "Order for stage two", 25, -30, amount=90000),
    # the day is over, and nobody knows what became of it
    Promise('saimaa_plant', 'we', 'demo', "Replacement of the drawers that jam", 55, 12, amount=9800),
    Promise('saimaa_finance', 'they', 'demo', "Answer to our offer for lockers", 50, 6, amount=52000),
    Promise('tulip_facilities', 'we', 'demo', "Spare keys of 40 lockers", 21, 3),
    # kept
    Promise('aurora_ceo', 'we', 'admin', "Reference visit in Trondheim", 110, 62, 'kept', 64),
    Promise('aurora_purchasing', 'they', 'admin', "Forecast of desks for half a year", 95, 70, 'kept', 71),
    Promise('aurora_it', 'we', 'demo', "Cable trays that fit their docking stations", 80, 45, 'kept', 47, 3200),
    Promise('nyhavn_purchasing', 'we', 'demo', "One invoice for each plant", 150, 120, 'kept', 125),
    Promise('nyhavn_purchasing', 'they', 'demo', "Delivery windows of the brewery", 100, 84, 'kept', 84),
    Promise('planica_operations', 'we', 'demo', "Benches for the terminal before the season", 130, 90, 'kept', 92, 14000),
    Promise('planica_purchasing', 'they', 'demo', "Signed drawings", 75, 58, 'kept', 60),
    Promise('alpenblick_owner', 'we', 'demo', "Fabric samples for the lobby", 65, 50, 'kept', 55),
    Promise('geysir_plant', 'we', 'demo', "Heated locker for the test station", 90, 40, 'kept', 41, 2600),
    # kept late: once they knew in time, once not
    Promise('saimaa_purchasing', 'we', 'demo', "Credit note for two damaged pieces", 115, 100, 'kept_late', 88, 900,
            'late', 90, 103),
    Promise('tulip_purchasing', 'we', 'demo', "Chairs in the right color", 240, 210, 'kept_late', 196, 7400, 'late', 200, 205),
    Promise('aurora_finance', 'they', 'admin', "Payment of the invoice in dispute", 85, 55, 'kept_late', 43, 18500),
    # broken
    Promise('saimaa_plant', 'we', 'demo', "Visit of our engineer to the mill", 80, 48, 'broken', 46),
    Promise('tulip_finance', 'they', 'demo', "Order for the branch in Utrecht", 160, 120, 'broken', 96, 64000),
    # agreed anew, in time
    Promise('nyhavn_ceo', 'they', 'demo', "Decision on the agreement for a year", 70, 20, 'renegotiated', 26, 250000),
    Promise('nyhavn_ceo', 'they', 'demo', "Decision on the agreement for a year", 26, -10, amount=250000,
            replaces="Decision on the agreement for a year"),
)

# Delivery dates of orders: customer, how manieth newest order, days from order to promised date, whether all was delivered
DELIVERY_DATES = (
    ('aurora', 0, 12, False), ('aurora', 1, 14, True), ('aurora', 2, 14, True), ('aurora', 3, 10, True),
    ('nyhavn', 0, 30, False), ('nyhavn', 1, 14, True), ('nyhavn', 2, 14, True), ('planica', 0, 30, False),
    ('planica', 1, 14, True), ('saimaa', 0, 14, True), ('saimaa', 1, 14, False),
    ('saimaa', 2, 14, False), ('saimaa', 3, 21, False), ('tulip', 0, 7, False), ('tulip', 1, 21, True),
)


class Objective(NamedTuple):
    """A goal agreed with a customer for twelve months, of which nine are over."""

    customer: str
    name: str
    measure: str
    start: float
    target: float
    by_hand: float = 0.0
    category: str | None = None
    unit: str | None = None
    is_shared: bool = True


OBJECTIVES = (
    Objective('aurora', "Furnish the new wing with us", 'revenue', 0, 370000),
    Objective('aurora', "Satisfaction of all wards", 'satisfaction', 6, 9),
    Objective('aurora', "Deliveries on time", 'on_time', 88, 97, by_hand=95),
    Objective('nyhavn', "One supplier for all plants", 'revenue', 0, 300000),
    Objective('nyhavn', "Used furniture taken back", 'free', 0, 200, by_hand=120, unit="pieces"),
    Objective('planica', "Chairs from us, too", 'category', 0, 120000, category='category_seating'),
    Objective('planica', "Equip the terminals", 'revenue', 0, 190000),
    Objective('saimaa', "Back to the volume of the year before", 'revenue', 0, 330000),
    Objective('saimaa', "Pieces for the mill", 'volume', 0, 1200, unit="pieces"),
    Objective('tulip', "Win the branch offices back", 'revenue', 0, 180000, is_shared=False),
)


class Talk(NamedTuple):
    """What was said in a review."""

    minutes: str
    rating: str
    note: str
    decision: str
    ours: str
    theirs: str


TALKS = (
    Talk("Deliveries of the quarter were complete. They plan two more floors and want one assembly team for both.",
         '4', "All questions answered, a little long.", "Assembly by one team from the first to the last floor",
         "Send the schedule of the assembly", "Tell us who opens the floors"),
    Talk("They ask for fewer deliveries with more on each. We showed what that saves both sides.",
         '5', "They brought figures of their own.", "One delivery per week, on Wednesday",
         "Move the standing orders to Wednesdays", "Clear the dock on Wednesdays until ten"),
    Talk("Drawers jam in the workbenches of the last series. They were patient; they will not be again.",
         '3', "We had no answer ready on quality.", "Every tenth workbench is checked before it leaves",
         "Report the checks of the next series", "Send back the drawers that jam"),
    Talk("Budget of next year is the same. New needs are paid from what is saved elsewhere.",
         '4', "Clear and short.", "Prices stay until the end of the year",
         "Offer of what can be repaired instead of replaced", "List of what is to be repaired"),
)

# What was said in those of these days
LATEST = {
    'aurora': Talk(
        "Both companies want to go on. The new wing is furnished in two stages; they ask for one contact for both. "
        "We agreed on the objectives of the next year.",
        '5', "Their management had read the pack.", "The new wing is furnished in two stages, spring and fall",
        "Proposal for both stages with dates", "Number of places of the second stage"),
    'lindgren': Talk(
        "They plan three offices for clients of theirs and want our drawings in their own format.",
        '4', "Good talk, too few figures.", "Drawings are exchanged in one format",
        "Send drawings of all desks", "Tell us which clients want a visit"),
}
