from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from .agreement_common import AgreementCommon
from .common import TODAY


class TestAgreementPeriods(AgreementCommon):
    """The commitment by periods: planned when the agreement is signed, held against what is called off."""

    def assertPeriods(self, agreement, *periods):
        agreement.invalidate_recordset()
        self.assertRecordValues(agreement.period_ids, [
            {'date_start': start, 'date_end': end, 'planned_amount': planned} for start, end, planned in periods])

    def test_signing_plans_quarters_by_days(self):
        agreement = self.create_agreement(commitment=True, commit_min=3650.0, sign=False)
        self.assertFalse(agreement.period_ids)
        agreement.action_sign()
        self.assertPeriods(
            agreement,
            (date(2025, 1, 1), date(2025, 3, 31), 900.0),
            (date(2025, 4, 1), date(2025, 6, 30), 910.0),
            (date(2025, 7, 1), date(2025, 9, 30), 920.0),
            (date(2025, 10, 1), date(2025, 12, 31), 920.0))
        self.assertEqual(agreement.period_ids[0].display_name, "Jan 2025 – Mar 2025")

    def test_rounding_loses_no_cent(self):
        agreement = self.create_agreement(commitment=True, commit_min=1000.0, period_months='1')
        self.assertEqual(len(agreement.period_ids), 12)
        self.assertAlmostEqual(sum(agreement.period_ids.mapped('planned_amount')), 1000.0, 6)

    def test_last_period_ends_with_the_agreement(self):
        agreement = self.create_agreement(date_start=date(2025, 1, 31), date_end=date(2025, 8, 15))
        self.assertPeriods(
            agreement,
            (date(2025, 1, 31), date(2025, 4, 29), 0.0),
            (date(2025, 4, 30), date(2025, 7, 30), 0.0),
            (date(2025, 7, 31), date(2025, 8, 15), 0.0))

    def test_commitment_of_the_lines(self):
        """Without a total commitment that of the lines is planned: amounts, and quantities at their price."""
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_min': 10.0},
            {'product_id': self.create_product().id, 'price_unit': 1.0, 'commitment': 'amount', 'commit_min': 200.0},
            {'product_id': self.create_product().id, 'price_unit': 1.0}, period_months='12')
        self.assertEqual(agreement.committed_amount, 1000.0)
        self.assertPeriods(agreement, (date(2025, 1, 1), date(2025, 12, 31), 1000.0))
        self.order(quantity=12.0)
        self.env.invalidate_all()
        self.assertEqual(
            agreement.committed_percent, 80.0, "More of one line does not make up for less of another.")

    def test_call_offs_count_in_their_period(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        orders = [self.order(quantity=quantity) for quantity in (1.0, 2.0, 3.0)]
        orders[0].date_order = datetime(2025, 3, 31, 23, 59)
        orders[1].date_order = datetime(2025, 4, 1)
        self.env.flush_all()
        self.assertEqual(agreement.period_ids.mapped('actual_amount'), [80.0, 400.0, 0.0, 0.0])
        second = agreement.period_ids[1]
        calloffs = self.env['key.account.calloff'].search(second.action_open_calloffs()['domain'])
        self.assertEqual(sum(calloffs.mapped('amount')), second.actual_amount)

    def test_days_are_those_of_the_company(self):
        self.company.partner_id.tz = 'Pacific/Auckland'
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order().date_order = datetime(2025, 3, 31, 13)  # already April 1 there
        self.env.flush_all()
        self.assertEqual(agreement.period_ids.mapped('actual_amount')[:2], [0.0, 80.0])

    def test_graph_shows_planned_and_called_off(self):
        agreement = self.create_agreement({'price_unit': 80.0}, commitment=True, commit_min=3650.0)
        self.order()
        self.env.flush_all()
        rows = self.env['key.account.progress']._read_group(
            agreement.action_open_progress()['domain'], ['period_id', 'kind'], ['amount:sum'])
        second = agreement.period_ids[1]
        self.assertEqual({kind: amount for period, kind, amount in rows if period == second},
                         {'planned': 910.0, 'called_off': 80.0})

    def test_figures_of_all_periods_at_once(self):
        ids = self.create_agreement(period_months='1').period_ids.ids
        self.order()

        def read(ids):
            periods = self.env['key.account.agreement.period'].browse(ids)
            return self.count_queries(lambda: periods.mapped(lambda period: (period.actual_amount, period.bonus_amount)))

        self.assertEqual(read(ids), read(ids[3:6]), "an amount that is not 0 asks for its currency: June is in both")

    # ------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------

    def test_a_person_changes_the_plan_and_nothing_else(self):
        agreement = self.create_agreement(commitment=True, commit_min=3650.0)
        agreement.account_id.user_id = self.salesperson
        period = agreement.period_ids[0].with_user(self.salesperson)
        period.planned_amount = 500.0
        self.assertEqual(agreement.period_ids[0].planned_amount, 500.0)
        for vals in ({'date_end': TODAY}, {'settled_on': TODAY}):
            with self.assertRaisesRegex(UserError, "planned amount"):
                period.write(vals)
        with self.assertRaises(AccessError):
            period.unlink()
        agreement.account_id.user_id = self.salesperson_2
        agreement.user_id = self.salesperson_2
        with self.assertRaises(AccessError):
            period.planned_amount = 600.0

    def test_revision_plans_anew_from_its_first_day(self):
        agreement = self.create_agreement(commitment=True, commit_min=3650.0)
        agreement.period_ids[0].planned_amount = 1000.0
        revision = agreement.copy({
            'name': agreement.name, 'revision': 1, 'origin_id': agreement.id, 'commit_min': 5000.0,
            'date_start': date(2025, 7, 1), 'date_end': date(2025, 12, 31)})
        agreement._close('revised', last_day=TODAY)
        revision._sign()
        self.assertPeriods(
            revision,
            (date(2025, 1, 1), date(2025, 3, 31), 1000.0),
            (date(2025, 4, 1), date(2025, 6, 30), 910.0),
            (date(2025, 7, 1), date(2025, 9, 30), 1545.0),
            (date(2025, 10, 1), date(2025, 12, 31), 1545.0))
        self.assertEqual(agreement.period_ids, revision.period_ids)

    def test_revision_with_the_same_commitment_keeps_a_typed_plan(self):
        agreement = self.create_agreement(commitment=True, commit_min=3650.0)
        agreement.period_ids[2].planned_amount -= 100.0
        agreement.period_ids[3].planned_amount += 100.0
        revision = agreement.copy({
            'name': agreement.name, 'revision': 1, 'origin_id': agreement.id,
            'date_start': date(2025, 7, 1), 'date_end': date(2025, 12, 31)})
        agreement._close('revised', last_day=TODAY)
        revision._sign()
        self.assertEqual(revision.period_ids.mapped('planned_amount'), [900.0, 910.0, 820.0, 1020.0])

    def test_termination_ends_the_periods(self):
        agreement = self.create_agreement()
        agreement._close('terminated', last_day=date(2025, 8, 31))
        agreement.invalidate_recordset()
        self.assertEqual(agreement.period_ids.mapped('date_end'), [date(2025, 3, 31), TODAY, date(2025, 8, 31)])

    def test_next_version_has_its_own_periods(self):
        agreement = self.create_agreement(date_end=TODAY)
        following = self.create_agreement(date_start=date(2025, 7, 1))
        with freeze_time(datetime(2025, 7, 2, 12)):
            self.order()
        self.env.flush_all()
        self.assertEqual(agreement.period_ids.mapped('actual_amount'), [0.0, 0.0])
        self.assertEqual(following.period_ids.mapped('actual_amount'), [80.0, 0.0])
