from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple

from odoo.tools import SQL

from .delivery_recount import ARCHIVED, ELSEWHERE, FIRST, SECOND, TIMES, YEARS, ZONES, DeliveryRecountCommon
from .hypothesis_common import needs_hypothesis, run_examples, strategies

SHARES = {'1': Fraction(5, 100), '2': Fraction(10, 100), '3': Fraction(25, 100)}


class Told(NamedTuple):
    """A complaint, or something else that somebody told."""
    account: int
    kind: str
    state: str
    severity: str
    owner: int
    due: tuple
    area: int
    day: int

    def waits(self):
        return self.state in ('new', 'in_work') and self.account in (FIRST, SECOND)


@needs_hypothesis
class TestRisksProblemRecount(DeliveryRecountCommon):
    """What is late in random orders, and open in random feedback, equals a recount in plain Python."""

    # ------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------

    def test_orders(self):
        """Orders past their promised day, how often that was, and services that are waited for."""
        self.run_orders(max_examples=16)

    # ------------------------------------------------------------
    # Feedback
    # ------------------------------------------------------------

    def test_feedback(self):
        """What waits for an answer, what waits too long, and what is heard again and again."""
        (self.overdue | self.repeated | self.service).active = False
        self.waiting, self.late, self.again = (
            self.use_rule(kind) for kind in ('feedback_open', 'feedback_late', 'complaint_repeated'))
        self.areas = self.env['key.account.area'].create([{'name': "Ropes"}, {'name': "Ships"}])
        self.owners = [self.env['res.users'], self.salesperson_2, self.employee]
        self.records = self.env['key.account.feedback'].create(
            [{'kind': 'praise', 'account_id': self.account.id} for __ in range(24)])
        sampled = strategies.sampled_from
        told = strategies.builds(
            Told, sampled((FIRST,) * 6 + (SECOND, SECOND, ARCHIVED, ELSEWHERE)),
            sampled(('complaint',) * 6 + ('interview', 'praise')),
            sampled(('new', 'in_work', 'told', 'closed', None)), sampled(list(SHARES)), sampled((0, 1, 2)),
            strategies.one_of(strategies.none(), self.draw_moments(1, 0, -1, -2, -3, -4)), sampled((0, 0, 0, 1, None)),
            sampled((1, 0, -1, -30, -31, -200, -364, -365, -366, -367)))
        revenue = sampled((-50, 0, 6, 1000, 1234))
        run_examples(
            self.recount_feedback, sampled(list(YEARS)), sampled(ZONES),
            strategies.lists(told, min_size=16, max_size=24), strategies.tuples(*[revenue] * 4),
            strategies.tuples(sampled((0, 1, 2)), sampled((1, 2, 3))), max_examples=15, shrink=False)

    @staticmethod
    def draw_moments(*days):
        return strategies.tuples(strategies.sampled_from(days), strategies.sampled_from(TIMES))

    def recount_feedback(self, today, zone, feedback, revenues, limits):
        with self.play(today, zone):
            self.late.threshold, self.again.threshold = limits
            self.make_feedback(feedback, revenues)
            revenue = {account: Fraction(max(0, amount)) for account, amount in zip(self.accounts, revenues)}
            waiting, late = self.count_waiting(feedback, revenue, limits[0])
            self.detect(self.today)
            self.assertCounted(self.waiting, waiting, 'severity', 'user_id', 'deadline')
            self.assertCounted(self.late, late, 'severity', 'user_id')
            self.assertCounted(self.again, self.count_repeated_complaints(feedback, revenue, limits[1]))

    def count_waiting(self, feedback, revenue, limit):
        """:return: tuple of what waits for an answer, and what of it waits for more days than the limit after its time"""
        waiting, late = {}, {}
        for told, record in zip(feedback, self.records):
            if told.waits():
                account, due = self.accounts[told.account], self.get_day(self.get_moment(told.due))
                cause, facts = (account, 'key.account.feedback', record.id), {'due_date': due and str(due)}
                owner = self.salesperson_2 if told.owner == 1 else self.salesperson
                waiting[cause] = (
                    self.get_share(revenue[account], told.severity), facts, told.severity, owner,
                    due or self.today + timedelta(days=7))
                if due and (self.today - due).days > limit:
                    late[cause] = (0, facts, str(min(int(told.severity) + 1, 3)), owner)
        return waiting, late

    def make_feedback(self, feedback, revenues):
        """The records that are there become what was drawn; those that are left over are praise."""
        self.env.flush_all()
        for account, amount in zip(self.accounts, revenues):
            self.env.cr.execute(SQL("UPDATE key_account SET revenue = %s WHERE id = %s", amount, account.id))
        for told, record in zip(feedback, self.records):
            account = self.accounts[told.account]
            self.env.cr.execute(SQL(
                """
                UPDATE key_account_feedback
                   SET account_id = %s, company_id = %s, kind = %s, state = %s, severity = %s, owner_id = %s, answer_due = %s,
                       area_id = %s, date = %s
                 WHERE id = %s
                """, account.id, account.company_id.id, told.kind, told.state, told.severity, self.owners[told.owner].id or None,
                self.get_moment(told.due), None if told.area is None else self.areas[told.area].id,
                self.today + timedelta(days=told.day), record.id))
        self.env.invalidate_all()

    @staticmethod
    def get_share(revenue, severity):
        return round(float(revenue * SHARES[severity]), 2)

    def count_repeated_complaints(self, feedback, revenue, limit):
        """Complaints of 12 months about one area, whatever became of them."""
        heard = defaultdict(list)
        for told in feedback:
            day = self.today + timedelta(days=told.day)
            if (told.kind == 'complaint' and told.area is not None and told.account in (FIRST, SECOND)
                    and YEARS[self.today] < day <= self.today):
                heard[self.accounts[told.account], 'key.account.area', self.areas[told.area].id].append(day)
        return {
            cause: (self.get_share(revenue[cause[0]], '3'), {'times': len(days), 'last_date': str(max(days))})
            for cause, days in heard.items() if len(days) >= limit}
