import logging
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import users
from odoo.tools import SQL
from psycopg2.errors import SerializationFailure

from .tier_common import TierCommon

LOGGER = 'odoo.addons.key_account_care.models.key_account_refresh'
STEPS = [
    '_refresh_accounts', '_refresh_figures', '_refresh_tiers', '_refresh_activities', '_refresh_responses',
    '_refresh_relationships', '_refresh_people', '_refresh_departures', '_refresh_attention', '_refresh_value',
    '_refresh_suggestions', '_refresh_rhythm', '_refresh_spending', '_refresh_peers', '_refresh_agreements', '_refresh_bonuses',
    '_refresh_reviews', '_refresh_promises', '_refresh_invitations', '_refresh_risks', '_refresh_reminders',
    '_refresh_health', '_refresh_duties', '_refresh_snapshots']


class TestRefresh(TierCommon):
    """The conductor: all steps in their order, each on its own, any number of times."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1, 'is_key': True, 'grace_runs': 2,
             'activity_plan_id': cls.env.ref('key_account_care.plan_new_key_account').id},
            {'name': "Rest", 'rule': 'amount', 'amount_min': 0})
        cls.customers = cls.env['res.partner']
        for place, amount in enumerate((300, 200, 100), start=1):
            customer = cls.create_customer(f"Customer {place}", user_id=cls.salesperson.id)
            cls.create_invoice(customer, cls.today, amount)
            cls.customers += customer

    def run_cron(self):
        """The scheduled job as the scheduler starts it; it is for all companies, this test looks at one."""
        with self.enter_registry_test_mode(), self.only_this_company():
            self.env.ref('key_account_care.ir_cron_refresh').method_direct_trigger()
        self.env.invalidate_all()

    def only_this_company(self):
        refresh, company = self.registry['key.account']._refresh, self.company.id
        return patch.object(self.registry['key.account'], '_refresh', lambda records, today, companies=None, commit=False: (
            refresh(records, today, records.env['res.company'].browse(company), commit)))

    def fail_at(self, step, error=ValueError):
        """A step that fails after it has written something."""
        model = next(self.registry[method.__self__._name] for method in self.env['key.account']._get_refresh_steps()
                     if method.__name__ == step)

        def fail(records, company, today, accounts):
            records.env.cr.execute(SQL("UPDATE key_account SET lock_reason = 'half done' WHERE company_id = %s", company.id))
            raise error("broken on purpose")

        fail.__name__ = step
        return patch.object(model, step, fail)

    def snapshot(self):
        """All rows of our tables that belong to this company, with where each of them is: a row that is written moves."""
        self.env.flush_all()
        return [self.env.execute_query(SQL(
            "SELECT ctid::text, to_jsonb(t) FROM %s t WHERE company_id = %s ORDER BY id", SQL.identifier(table), self.company.id))
            for table in ('key_account', 'key_account_tier_change')]

    def accounts(self):
        return self.env['key.account'].with_context(active_test=False).search(
            [('company_id', '=', self.company.id)]).sorted(lambda account: account.partner_id.id)

    # ------------------------------------------------------------
    # The whole run
    # ------------------------------------------------------------

    def test_steps_in_their_order(self):
        self.assertEqual([step.__name__ for step in self.env['key.account']._get_refresh_steps()], STEPS)

    def test_nightly_job(self):
        """From invoices to accounts, figures, tiers and activities, in one night."""
        self.run_cron()
        self.assertRecordValues(self.accounts(), [
            {'partner_id': customer.id, 'revenue': revenue, 'rank': rank, 'tier_id': tier.id, 'user_id': self.salesperson.id}
            for customer, revenue, rank, tier in zip(
                self.customers, (300, 200, 100), (1, 2, 3), (self.best, self.rest, self.rest))])
        self.assertEqual([len(account.activity_ids) for account in self.accounts()], [2, 0, 0])

    def test_second_run_writes_nothing(self):
        """Not one row is written again, not even with the same values."""
        self.refresh()
        before = self.snapshot()
        self.refresh()
        self.assertEqual(self.snapshot(), before)

    def test_next_day_writes_nothing_but_the_day(self):
        """The day of the figures is noted once, not with each account."""
        self.refresh()
        before = self.snapshot()
        self.refresh(self.today + timedelta(days=1))
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(set(self.accounts().mapped('figures_date')), {self.today + timedelta(days=1)})

    def test_company_without_sales(self):
        empty = self.create_company("Empty", self.company.currency_id)
        self.refresh(company=empty)
        self.assertFalse(self.env['key.account'].search([('company_id', '=', empty.id)]))
        account = self.env['key.account'].with_company(empty).create({
            'partner_id': self.customers[0].id, 'company_id': empty.id})
        self.refresh(company=empty)
        self.assertRecordValues(account, [{'revenue': 0, 'share': 0, 'cumulative_share': 0, 'rank': 1, 'lifecycle': False}])

    def test_all_companies(self):
        other = self.create_company("Other", self.company.currency_id)
        self.create_invoice(self.customers[0], self.today, 50, company=other)
        self.env['key.account']._refresh(self.today)
        self.assertEqual(self.get_account(self.customers[0]).revenue, 300)
        self.assertEqual(self.get_account(self.customers[0], other).revenue, 50)

    # ------------------------------------------------------------
    # Faults
    # ------------------------------------------------------------

    def test_failing_step_keeps_the_others(self):
        """Whichever step fails: what it wrote is gone, the steps before and after it have done their work."""
        self.refresh()
        self.create_invoice(self.customers[2], self.today, 500)
        for step in STEPS:
            with self.subTest(step=step), self.env.cr.savepoint() as attempt:
                with self.fail_at(step), self.assertLogs(LOGGER, 'ERROR') as logs:
                    self.run_cron()
                self.assertEqual(len(logs.output), 1)
                self.assertIn(f"{step} of Harbor Trading failed; its rows are as they were before", logs.output[0])
                self.assertIn("broken on purpose", logs.output[0])
                third = self.accounts()[2]
                self.assertFalse(third.lock_reason)
                self.assertEqual(third.revenue, 100 if step == '_refresh_figures' else 600)
                self.assertEqual(third.tier_id, self.rest if step in ('_refresh_figures', '_refresh_tiers') else self.best)
                attempt.rollback()
                self.env.invalidate_all()

    def test_run_that_was_killed(self):
        """Killed after any of its steps, the next run gives the rows of an undisturbed one."""
        with self.env.cr.savepoint() as clean:
            self.refresh()
            expected = self.comparable()
            clean.rollback()
        self.env.invalidate_all()
        for done in range(len(STEPS) + 1):
            with self.subTest(done=done), self.env.cr.savepoint() as run:
                accounts = self.env['key.account'].sudo()
                for step in accounts._get_refresh_steps()[:done]:
                    accounts._do_step(step, self.company, self.today)
                self.refresh()
                self.assertEqual(self.comparable(), expected)
                run.rollback()
            self.env.invalidate_all()

    def comparable(self):
        """All rows, without what a sequence numbers and the clock of the database stamps."""
        accounts = self.accounts()
        skipped = {'id', 'create_date', 'write_date', 'create_uid', 'write_uid'}
        stored = [name for name, field in accounts._fields.items() if field.store and field.column_type and name not in skipped]
        changes = self.get_changes(accounts)
        noted = [name for name, field in changes._fields.items()
                 if field.store and field.column_type and name not in skipped | {'account_id'}]
        return [
            [[account[name] for name in stored] for account in accounts],
            [[change[name] for name in noted] for change in changes],
            [[activity.summary, activity.date_deadline] for activity in accounts.activity_ids.sorted('date_deadline')],
        ]

    def test_conflict_with_somebody_who_saves_an_account(self):
        """The step is done again, as Odoo does it with a request."""
        self.refresh()
        self.create_invoice(self.customers[1], self.today, 500)
        refresh, calls = self.registry['key.account']._refresh_figures, []

        def conflict_once(records, company, today, accounts):
            calls.append(today)
            if len(calls) == 1:
                raise SerializationFailure
            return refresh(records, company, today, accounts)

        conflict_once.__name__ = '_refresh_figures'
        with (patch.object(self.registry['key.account'], '_refresh_figures', conflict_once),
              patch('odoo.service.model.PG_CONCURRENCY_EXCEPTIONS_TO_RETRY', (SerializationFailure,)),
              patch('odoo.service.model.errorcodes.lookup', lambda code: 'SERIALIZATION_FAILURE'),
              patch('odoo.service.model.time.sleep'), self.assertNoLogs(LOGGER, 'ERROR')):
            self.run_cron()
        self.assertEqual(len(calls), 2)
        self.assertEqual(self.accounts()[1].revenue, 700)

    def test_filter_that_broke(self):
        """Say another module was uninstalled, and a filter used its field: tiers stay, the other steps run."""
        self.refresh()
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE key_account_tier SET filter_domain = %s WHERE id = %s", "[('field_of_old', '=', 1)]", self.best.id))
        self.env.invalidate_all()
        self.create_invoice(self.customers[2], self.today, 500)
        with self.assertLogs(LOGGER, 'ERROR') as logs:
            self.run_cron()
        self.assertEqual(len(logs.output), 1)
        self.assertIn("The filter of tier “Best” cannot be used", logs.output[0])
        self.assertTiers(self.accounts(), "Best", "Rest", "Rest")
        self.assertEqual(self.accounts()[2].revenue, 600)
        self.assertEqual(self.accounts()[2].rank, 1)
        with self.assertRaisesRegex(UserError, "The filter of tier “Best” cannot be used"):
            self.accounts().with_user(self.manager).action_refresh()

    # ------------------------------------------------------------
    # Two at once
    # ------------------------------------------------------------

    def other_run(self):
        """Another run at work on this company: a connection of its own that holds the lock."""
        cursor = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cursor.close)
        cursor.execute(SQL("SELECT pg_try_advisory_xact_lock(hashtext('key_account_refresh'), %s)", self.company.id))
        self.assertTrue(cursor.fetchone()[0])
        return cursor

    def test_nightly_run_leaves_a_company_to_the_run_at_work(self):
        other = self.other_run()
        with self.assertLogs(LOGGER, logging.INFO) as logs, patch('odoo.service.model.time.sleep') as wait:
            self.run_cron()
        self.assertEqual(wait.call_count, 4 * len(STEPS))
        self.assertEqual([record.getMessage() for record in logs.records], [
            f"{step} of Harbor Trading is left to the run that is at work on it" for step in STEPS])
        self.assertFalse(self.accounts())
        other.rollback()
        self.run_cron()
        self.assertEqual(len(self.accounts()), 3)

    def test_nightly_run_waits_for_somebody_who_refreshes_an_account(self):
        other = self.other_run()
        with patch('odoo.service.model.time.sleep', lambda seconds: other.rollback()):
            self.run_cron()
        self.assertEqual(self.accounts().mapped('revenue'), [300, 200, 100])

    @users('ka_salesperson')
    def test_person_is_told_of_the_run_at_work(self):
        self.refresh()
        other = self.other_run()
        for accounts in self.accounts().with_env(self.env)[:1], self.env['key.account']:
            with self.assertRaisesRegex(
                    UserError, "The accounts of Harbor Trading are being refreshed right now. Try again in a minute."):
                accounts.action_refresh()
        other.rollback()
        self.assertEqual(self.accounts().with_env(self.env)[:1].action_refresh()['tag'], 'soft_reload')

    # ------------------------------------------------------------
    # Refresh now
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_refresh_of_some_accounts(self):
        """Theirs are the new figures and tiers; the places of all are consistent."""
        self.refresh()
        for customer, amount in zip(self.customers, (0, 500, 900)):
            if amount:
                self.create_invoice(customer, self.today, amount)
        first, second, third = self.accounts().with_env(self.env)
        second.action_refresh()
        self.assertEqual([(account.revenue, account.rank) for account in (first, second, third)], [
            (300, 2), (700, 1), (100, 3)])
        self.assertEqual([round(account.cumulative_share * 1100) for account in (second, first, third)], [700, 1000, 1100])
        self.assertTiers(second + first + third, "Best", "Best", "Rest")
        self.assertEqual(first.missed_runs, 0)
        self.env['key.account'].action_refresh()
        self.assertEqual([(account.revenue, account.rank) for account in (first, second, third)], [
            (300, 3), (700, 2), (1000, 1)])

    @users('ka_salesperson')
    def test_refresh_opens_no_accounts_for_a_selection(self):
        self.refresh()
        new = self.create_customer("New one")
        self.create_invoice(new, self.today, 10)
        self.accounts().with_env(self.env)[0].action_refresh()
        self.assertFalse(self.get_account(new))
        self.env['key.account'].action_refresh()
        self.assertTrue(self.get_account(new))

    def test_refresh_from_a_list_with_archived_records(self):
        """What a list has in its context does not change what the rules say."""
        archived = self.env['key.account.tier'].create({
            'name': "Old", 'sequence': 0, 'rule': 'pareto', 'pareto_share': 99, 'active': False,
            'company_id': self.company.id})
        self.env['key.account'].with_context(active_test=False, default_name="x", default_state='proposed').with_user(
            self.manager).action_refresh()
        self.assertNotIn(archived, self.accounts().tier_id)
        self.assertTiers(self.accounts(), "Best", "Rest", "Rest")
