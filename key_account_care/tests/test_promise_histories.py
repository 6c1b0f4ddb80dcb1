from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .promise_recount import Promised, get_figures, get_row
from .relationship_common import RelationshipCommon

STEPS = ('hold', 'late', 'late', 'told', 'keep', 'give_up', 'agree', 'agree', 'reopen', 'correct', 'wait', 'wait', 'new')
LATE_AND_AGREED_ANEW = (
    ('new', 0, 6), ('late', 0, 9), ('wait', 0, 4), ('told', 0, 0), ('wait', 0, 4), ('agree', 0, 5), ('keep', 1, 0),
    ('correct', 1, 8), ('reopen', 0, 0), ('keep', 0, 0))
TOLD_AND_LATE_AGAIN = (
    ('late', 0, 9), ('told', 0, 0), ('late', 0, 6), ('wait', 0, 6), ('late', 0, 12), ('told', 0, 0), ('keep', 0, 0))
GIVEN_UP_AND_KEPT = (
    ('new', 1, 3), ('give_up', 0, 0), ('wait', 0, 5), ('keep', 0, 0), ('correct', 0, 5), ('reopen', 0, 0), ('wait', 0, 2))


@needs_hypothesis
@tagged('post_install', '-at_install')
class TestPromiseHistories(RelationshipCommon):
    """Whatever people say about promises, in any order and on any day: states, rate and ledger equal a recount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = cls.ours
        cls.Promise = cls.env['key.account.promise'].with_user(cls.ours)

    def test_histories(self):
        step = strategies.tuples(
            strategies.sampled_from(STEPS), strategies.integers(0, 5), strategies.integers(0, 12))
        run_examples(
            self.play, strategies.lists(step, min_size=6, max_size=14), max_examples=8, shrink=False,
            known=[(LATE_AND_AGREED_ANEW,), (TOLD_AND_LATE_AGAIN,), (GIVEN_UP_AND_KEPT,)])

    def play(self, history):
        """Do all steps of a history in a world of its own, each with the night after it, and recount after each."""
        with self.env.cr.savepoint() as world, freeze_time(datetime.combine(TODAY, datetime.min.time())) as self.clock:
            self.today, self.log, self.records = TODAY, [], {}
            self.do_new(0, 4)
            self.do_new(1, 8)
            for step, which, days in history:
                getattr(self, f'do_{step}')(which, days)
                self.env['key.account.promise']._refresh_promises(self.env.company, self.today, self.env['key.account'])
                self.check(f"{step}({which}, {days}) on {self.today}")
            world.rollback()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # What people do: in Odoo, and in the log
    # ------------------------------------------------------------

    def do_wait(self, which, days):
        self.today += timedelta(days=days)
        self.clock.move_to(datetime.combine(self.today, datetime.min.time()))
        self.env.invalidate_all()

    def do_new(self, which, days):
        promised = Promised('they' if which % 2 else 'we', self.today + timedelta(days=days))
        self.log.append(promised)
        self.records[promised] = self.Promise.create({
            'name': f"Promise {len(self.log)}", 'account_id': self.account.id, 'date_due': promised.due,
            'direction': promised.direction, 'amount': 10.0})

    def do_hold(self, which, days):
        promised, record = self.pick(which)
        promised.hold()
        record.action_will_hold()

    def do_late(self, which, days):
        """Named with a later date, or refused for one that is not later, or over."""
        promised, record = self.pick(which)
        date = promised.due + timedelta(days=days)
        if promised.state == 'open' and promised.due < date >= self.today:
            promised.announce_late(date, self.today)
            self.name_date(record, 'late', date)
        else:
            with self.assertRaises(UserError):
                self.name_date(record, 'late', date)

    def do_agree(self, which, days):
        promised, record = self.pick(which)
        date = self.today + timedelta(days=days)
        if promised.state != 'open':
            with self.assertRaises(UserError):
                self.name_date(record, 'agreed', date)
            return
        new = promised.agree(date, self.today)
        self.log.append(new)
        self.records[new] = self.name_date(record, 'agreed', date)

    def name_date(self, record, kind, date):
        wizard = self.env['key.account.promise.date'].with_user(self.ours).create(
            {'promise_id': record.id, 'kind': kind, 'date': date, 'reason': "A part is missing"})
        action = wizard.action_apply()
        return self.Promise.browse(action.get('res_id'))

    def do_told(self, which, days):
        promised, record = self.pick(which)
        promised.tell(self.today)
        record.action_told()

    def do_keep(self, which, days):
        promised, record = self.pick(which)
        promised.keep(self.today)
        record.action_keep()

    def do_give_up(self, which, days):
        promised, record = self.pick(which)
        promised.give_up(self.today)
        record.action_break()

    def do_reopen(self, which, days):
        promised, record = self.pick(which)
        if promised.replaced_by:
            with self.assertRaises(UserError):
                record.action_reopen()
        else:
            promised.reopen()
            record.action_reopen()

    def do_correct(self, which, days):
        """Of what was kept, correct the day."""
        promised, record = self.pick(which)
        if promised.state in ('kept', 'kept_late'):
            promised.correct(self.today - timedelta(days=days))
            record.done_on = self.today - timedelta(days=days)

    def pick(self, which):
        promised = self.log[which % len(self.log)]
        return promised, self.records[promised]

    # ------------------------------------------------------------
    # The two counts
    # ------------------------------------------------------------

    def check(self, step):
        self.env.flush_all()
        self.env.invalidate_all()
        rows = {row.promise_id: row for row in self.env['key.account.promise.ledger'].search(
            [('account_id', '=', self.account.id)])}
        self.assertEqual(set(rows), set(self.env['key.account.promise'].browse(each.id for each in self.records.values())))
        for promised, record in self.records.items():
            row = rows[record]
            self.assertEqual(promised.get_state(), {name: record[name] for name in promised.get_state()}, step)
            self.assertEqual(record.first_due, promised.get_first_due(), step)
            self.assertEqual(record.is_overdue, promised.state == 'open' and promised.due < self.today, step)
            expected = get_row(promised, self.today)
            self.assertEqual(expected, {name: row[name] for name in expected}, step)
            if promised.state != 'open':
                self.assertFalse(record.activity_ids, step)
        self.check_rate(step)

    def check_rate(self, step):
        rate, count = get_figures(self.log, self.today)
        self.assertEqual(self.account.promise_count, count, step)
        self.assertAlmostEqual(self.account.promise_kept, rate, 6, step)
