"""What became of promises, counted again in plain Python."""

from datetime import date


class Promised:
    """One promise, as somebody would note it on paper."""

    def __init__(self, direction, due, replaces=None):
        self.direction, self.due, self.replaces = direction, due, replaces
        self.state = 'open'
        self.done = self.forecast = self.expected = self.told = False
        self.replaced_by = None

    def hold(self):
        if self.state == 'open':
            self.forecast, self.expected, self.told = 'hold', False, False

    def announce_late(self, day, today):
        """What they say of their promise, we know by that. Whom we told knows, unless it gets later still."""
        knows = self.forecast == 'late' and day <= self.expected
        self.forecast, self.expected = 'late', day
        if self.direction == 'they':
            self.told = today
        elif not knows:
            self.told = False

    def tell(self, today):
        if self.direction == 'we' and self.forecast == 'late' and not self.told:
            self.told = today

    def keep(self, today):
        if self.state in ('open', 'broken'):
            self.correct(today)

    def correct(self, day):
        self.done = day
        self.state = 'kept' if day <= self.due else 'kept_late'

    def give_up(self, today):
        if self.state == 'open':
            self.state, self.done = 'broken', today

    def agree(self, day, today):
        """:return: Promised that goes on under the new date"""
        self.state, self.done = 'renegotiated', today
        self.replaced_by = Promised(self.direction, day, replaces=self)
        return self.replaced_by

    def reopen(self):
        self.state, self.done = 'open', False

    def get_first_due(self):
        """:return: date for which it was promised before anything was agreed anew"""
        return self.replaces.get_first_due() if self.replaces else self.due

    def get_state(self):
        """:return: dict of what the record has to say"""
        return {
            'state': self.state, 'date_due': self.due, 'done_on': self.done, 'forecast': self.forecast,
            'expected_on': self.expected, 'told_on': self.told, 'direction': self.direction}


def is_missed(promised, today):
    """:return: whether the other side waited in vain"""
    if promised.state == 'open':
        return promised.due < today
    if promised.state == 'renegotiated':
        return promised.done > promised.due
    return promised.state != 'kept'


def get_row(promised, today):
    """:return: dict of what the ledger has to say of a promise"""
    missed, kept = is_missed(promised, today), promised.state == 'kept'
    told = missed and promised.direction == 'we' and bool(promised.told) and promised.told <= promised.due
    return {
        'outcome': 'overdue' if missed and promised.state == 'open' else promised.state,
        'counts': missed or kept, 'kept': float(kept), 'told': float(told), 'done_on': promised.done,
        'days_late': ((promised.done or today) - promised.due).days if missed else 0}


def get_figures(log, today):
    """:return: tuple of the share of promises kept in time in twelve months, and of how many"""
    year_ago = date(today.year - 1, today.month, min(today.day, 28) if today.month == 2 else today.day)
    rows = [get_row(promised, today) for promised in log if promised.due > year_ago]
    counted = [row['kept'] for row in rows if row['counts']]
    return (sum(counted) / len(counted) if counted else 0.0), len(counted)
