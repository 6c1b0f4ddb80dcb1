"""Which reviews there are, counted again in plain Python."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

AHEAD = 14  # days before it is due in which a review is opened
OPEN = ('due', 'planned')


class Meeting:
    """One review, as somebody would note it on paper."""

    def __init__(self, key, due):
        self.key, self.due = key, due
        self.state, self.day, self.has_event = 'due', False, False

    def plan(self, day):
        self.state, self.day, self.has_event = 'planned', day, True

    def move(self, day, today):
        """Of a missed one, only a day to come makes it planned again."""
        if self.state in OPEN:
            self.day = day
            self.state = 'planned' if day >= today else self.state

    def lose_event(self):
        """The meeting was deleted in the calendar."""
        self.has_event = False
        if self.state == 'planned':
            self.state, self.day = 'due', False


class Diary:
    """All reviews of some accounts and types, and when the next ones are due.

    :param dict months: months from one review to the next by key
    :param date since: when the accounts entered their tier
    """

    def __init__(self, months, since):
        self.months, self.since, self.meetings = months, since, []

    def of(self, key, *states):
        """:return: list of Meeting with a key, in these states"""
        return [meeting for meeting in self.meetings if meeting.key == key and meeting.state in states]

    def live_night(self, today):
        """Missed meetings come back, and what falls due is opened."""
        for meeting in self.meetings:
            if meeting.state == 'planned' and meeting.day < today:
                meeting.state = 'due'
        for key, months in self.months.items():
            due = self.get_last_day(key) + relativedelta(months=months)
            if not self.of(key, *OPEN, 'held') and due <= today + timedelta(days=AHEAD):
                self.meetings.append(Meeting(key, get_workday(max(due, today))))

    def get_last_day(self, key):
        """:return: date from which the next review is counted"""
        days = [meeting.day if meeting.state == 'closed' else meeting.due for meeting in self.meetings if meeting.key == key]
        return max(days, default=self.since)

    def close(self, meeting, today):
        """The next one is opened at once, unless it is."""
        meeting.state = 'closed'
        if not self.of(meeting.key, *OPEN):
            due = meeting.day + relativedelta(months=self.months[meeting.key])
            self.meetings.append(Meeting(meeting.key, get_workday(max(due, today))))


def get_workday(day):
    """:return: date, the first day from then on that is none of a weekend"""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
