from datetime import date

from odoo.tools import SQL

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon


class TestHealth(RiskCommon):
    """Health and value at risk follow from the open warnings, and say why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_revenue(1000)
        cls.env['key.account.snapshot'].search([('company_id', '=', cls.company.id)]).unlink()  # of the day it was opened

    @classmethod
    def set_revenue(cls, revenue):
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE key_account SET revenue = %s WHERE id = %s", revenue, cls.account.id))
        cls.env.invalidate_all()

    @classmethod
    def warn(cls, *warnings, account=None, **vals):
        return cls.Risk.create([
            {'account_id': (account or cls.account).id, 'name': f"Door {place}", 'severity': severity, 'amount': amount, **vals}
            for place, (severity, amount) in enumerate(warnings, start=1)])

    @classmethod
    def refresh_health(cls, accounts=None):
        cls.env.flush_all()
        cls.env['key.account']._refresh_health(cls.company, TODAY, cls.env['key.account'] if accounts is None else accounts)
        cls.env.invalidate_all()

    def snap(self, today):
        self.env.flush_all()
        self.env['key.account.snapshot']._refresh_snapshots(self.company, today, self.env['key.account'])
        self.env.invalidate_all()
        return self.env['key.account.snapshot'].search([('account_id', '=', self.account.id)])

    def test_no_warning(self):
        self.refresh_health()
        self.assertRecordValues(self.account, [{
            'health': 100, 'health_band': 'good', 'value_at_risk': 0, 'warning_count': 0, 'health_reason': ''}])

    def test_warnings(self):
        """Half of the weight counts in any case, the other half with the share of the revenue."""
        self.warn(('3', 1000), ('2', 0))
        self.refresh_health()
        self.assertEqual(self.account.health, round(100 * 0.75 * 0.95))
        self.assertRecordValues(self.account, [{'health_band': 'fair', 'value_at_risk': 1000, 'warning_count': 2}])

    def test_quiet_ones_do_not_count(self):
        risks = self.warn(('3', 500), ('3', 500), ('3', 500))
        risks[0]._decide('accepted')
        risks[1]._decide('snoozed')
        risks[2]._decide('closed')
        self.refresh_health()
        self.assertEqual((self.account.health, self.account.value_at_risk), (100, 0))

    def test_more_at_stake_than_bought(self):
        """Together no more than the revenue, but a single one as much as it is."""
        self.warn(('1', 800), ('1', 700))
        self.refresh_health()
        self.assertEqual(self.account.value_at_risk, 1000)
        self.set_revenue(0)
        self.refresh_health()
        self.assertEqual(self.account.value_at_risk, 800)

    def test_some_accounts_only(self):
        other = self.create_account(self.create_customer("Anchor Hotel"))
        self.warn(('3', 500))
        self.warn(('3', 500), account=other)
        self.refresh_health(other)
        self.assertEqual(self.account.health, 100)
        self.assertLess(other.health, 100)

    @needs_hypothesis
    def test_recount(self):
        """The formula in plain Python, and each warning closed once: the health rises by the points it is said to cost."""
        warning = strategies.tuples(strategies.sampled_from('123'), strategies.floats(0, 20000, width=32))
        run_examples(
            self.check_recount, strategies.floats(0, 10000, width=32), strategies.lists(warning, max_size=8), max_examples=25)

    def check_recount(self, revenue, warnings):
        with self.env.cr.savepoint() as attempt:
            self.set_revenue(round(revenue, 2))
            self.warn(*[(severity, round(amount, 2)) for severity, amount in warnings])
            self.refresh_health()
            weights, left = {'1': 0.04, '2': 0.1, '3': 0.25}, 1.0
            for severity, amount in warnings:
                amount, bought = round(amount, 2), round(revenue, 2)
                share = min(1, amount / bought) if bought else float(amount > 0)
                left *= 1 - weights[severity] * (0.5 + 0.5 * share)
            self.assertAlmostEqual(self.account.health, 100 * left, delta=0.51)
            before = self.account.health
            for risk in self.account.open_risk_ids:
                with self.env.cr.savepoint() as closing:
                    points = risk.health_points
                    risk._decide('closed')
                    self.refresh_health()
                    self.assertAlmostEqual(self.account.health, before + points, delta=1)
                    closing.rollback()
                self.env.invalidate_all()
            attempt.rollback()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Trend
    # ------------------------------------------------------------

    def test_snapshot_once_a_month(self):
        """Taken by the first run after the end of a month, and never changed."""
        self.warn(('3', 1000))
        self.refresh_health()
        first = self.snap(date(2025, 6, 30))
        self.assertRecordValues(first, [{
            'date': date(2025, 5, 31), 'taken_on': date(2025, 6, 30), 'health': 75, 'value_at_risk': 1000, 'is_last': True,
            'revenue': 1000, 'warning_count': 1}])
        self.account.open_risk_ids._decide('closed')
        self.refresh_health()
        self.assertEqual(self.snap(date(2025, 6, 30)), first)
        self.assertEqual(first.health, 75)
        self.assertEqual(len(self.snap(date(2025, 7, 1))), 2)
        self.assertRecordValues(self.snap(date(2025, 7, 31)), [
            {'date': date(2025, 6, 30), 'health': 100, 'is_last': True},
            {'date': date(2025, 5, 31), 'health': 75, 'is_last': False}])

    def test_every_figure_has_a_trend(self):
        """Numbers that the nightly run writes into accounts are kept, but for what an assignment counts for itself."""
        written = {
            name for name, field in self.env['key.account']._fields.items()
            if field.type in ('integer', 'float', 'monetary') and field.store and field.readonly and not field.related}
        self.assertEqual(written - set(self.env['key.account.snapshot']._get_figures()), {'id', 'missed_runs'})
        self.account.revenue_at_stake, self.account.proactive_share = 700, 0.25
        self.assertRecordValues(self.snap(TODAY), [{'revenue_at_stake': 700, 'proactive_share': 0.25}])

    def test_change_is_explained(self):
        """What opened and closed since, and what would help most."""
        old = self.warn(('3', 1000), opened_on=date(2025, 5, 1))
        self.refresh_health()
        self.snap(TODAY)
        old.action_close()
        self.warn(('1', 0), ('2', 0))
        self.refresh_health()
        self.assertEqual(self.account.health_change, 93 - 75)
        self.assertEqual(self.account.health_reason.splitlines(), [
            "Most would help: Door 2 (+5).", "Opened since 05/31/2025: Door 2, Door 1.", "Closed since 05/31/2025: Door 1."])

    def test_others_figures(self):
        self.snap(TODAY)
        Snapshot = self.env['key.account.snapshot']
        self.assertTrue(Snapshot.with_user(self.salesperson).search([('account_id', '=', self.account.id)]))
        self.assertFalse(Snapshot.with_user(self.salesperson_2).search([('account_id', '=', self.account.id)]))

    def test_queries_do_not_grow(self):
        """Lists with health and its change take as many queries for many accounts as for one."""
        accounts = self.env['key.account']
        for place in range(4):
            accounts += self.create_account(self.create_customer(f"Customer {place}"))
        for account in accounts:
            self.warn(('2', 100), account=account)
        accounts = accounts.browse(accounts.ids)
        names = ['health', 'health_change', 'risk_count', 'value_at_risk']
        self.assertEqual(self.count_queries(accounts[:1].read, names), self.count_queries(accounts.read, names))
        risks, names = self.Risk.browse(accounts.open_risk_ids.ids), ['health_points', 'reason']
        self.assertEqual(self.count_queries(risks[:1].read, names), self.count_queries(risks.read, names))
