import random
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import users
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .tier_common import AssignmentCommon


class TestGrace(AssignmentCommon):
    """An account leaves a tier downwards only after it missed the rule in so many nights in a row."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best.grace_runs = 3
        cls.assign(cls.today)

    def test_down_after_the_last_night_of_grace(self):
        self.swap()
        for missed in (1, 2):
            self.night()
            self.assertTiers(self.accounts, "Best", "Best", "Rest")
            self.assertEqual(self.first.missed_runs, missed)
            self.assertEqual(self.first.rule_tier_id, self.rest)
        self.night()
        self.assertTiers(self.accounts, "Rest", "Best", "Rest")
        self.assertEqual((self.first.missed_runs, self.first.missed_on), (0, False))
        self.assertEqual(self.first.tier_since, self.today)

    def test_up_at_once(self):
        self.swap()
        self.night()
        self.assertEqual(self.second.tier_id, self.best)
        self.assertFalse(self.second.missed_runs)

    def test_several_runs_on_a_day_count_once(self):
        self.swap()
        for _night in range(2):
            self.night()
            for _again in range(5):
                self.assign(self.today)
        self.assertEqual((self.first.tier_id, self.first.missed_runs), (self.best, 2))

    def test_a_run_for_the_day_before_does_not_count(self):
        """At night it is the next day already for a user further west, who refreshes the account."""
        self.swap()
        self.night()
        self.assign(self.today - timedelta(days=1), accounts=self.first)
        self.assign(self.today)
        self.assertEqual((self.first.missed_runs, self.first.missed_on), (1, self.today))

    def test_recovery_starts_again(self):
        self.swap()
        self.night(2)
        self.set_revenues(self.accounts, 30, 20, 10)
        self.night()
        self.assertFalse(self.first.missed_runs)
        self.swap()
        self.night(2)
        self.assertEqual(self.first.tier_id, self.best)

    def test_no_grace(self):
        self.best.grace_runs = 0
        self.swap()
        self.night()
        self.assertTiers(self.accounts, "Rest", "Best", "Rest")

    def test_grace_of_one_night_is_none(self):
        self.best.grace_runs = 1
        self.swap()
        self.night()
        self.assertTiers(self.accounts, "Rest", "Best", "Rest")

    def test_no_grace_in_a_tier_of_another_company(self):
        self.best.company_id = self.env['res.company'].create({'name': "Another company"})
        self.night()
        self.assertTiers(self.first, "Rest")

    def test_out_of_all_tiers_after_grace(self):
        self.rest.active = False
        self.swap()
        self.night(2)
        self.assertTiers(self.accounts, "Best", "Best", None)
        self.night()
        self.assertTiers(self.accounts, None, "Best", None)

    def test_flapping_at_the_border_changes_nothing(self):
        self.night()
        before = self.get_changes(self.accounts)
        for night in range(40):
            self.set_revenues(self.accounts, *((20, 30, 10) if night % 3 else (30, 20, 10)))
            self.night()
        self.assertTiers(self.accounts, "Best", "Best", "Rest")
        self.assertEqual(self.get_changes(self.accounts), before + self.get_changes(self.second, tier_to_id=self.best.id))

    def test_many_random_nights(self):
        """The tiers of 30 nights are those that a person would note down, account by account."""
        for seed in range(3):
            chance = random.Random(seed)
            self.best.grace_runs = grace = chance.randint(0, 4)
            expected = dict.fromkeys(self.accounts, None)
            missed = dict.fromkeys(self.accounts, 0)
            self.assign(self.today, immediate=True)
            expected.update({account: account.tier_id for account in self.accounts})
            missed.update({account: account.missed_runs for account in self.accounts})
            for night in range(30):
                revenues = chance.sample(range(1, 100), 3)
                self.set_revenues(self.accounts, *revenues)
                self.night()
                for account, revenue in zip(self.accounts, revenues):
                    rule = self.best if revenue == max(revenues) else self.rest
                    missed[account] = missed[account] + 1 if (expected[account], rule) == (self.best, self.rest) else 0
                    if not missed[account] or missed[account] >= grace:
                        expected[account], missed[account] = rule, 0
                with self.subTest(seed=seed, night=night):
                    self.assertEqual({account: account.tier_id for account in self.accounts}, expected)


class TestLock(AssignmentCommon):
    """A tier set by hand is left alone by the rules until its lock ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assign(cls.today)

    def test_rules_leave_a_locked_tier_alone(self):
        self.third._set_tier(self.best, "Won the tender")
        self.night(3)
        self.assertTiers(self.accounts, "Best", "Rest", "Best")
        self.assertRecordValues(self.third, [{
            'tier_locked': True, 'lock_reason': "Won the tender", 'lock_until': False, 'rule_tier_id': self.rest.id}])

    def test_lock_ends_after_its_last_day(self):
        last_day = self.today + timedelta(days=2)
        self.third._set_tier(self.best, "Won the tender", last_day)
        self.night(2)
        self.assertEqual((self.today, self.third.tier_id, self.third.tier_locked), (last_day, self.best, True))
        self.night()
        self.assertRecordValues(self.third, [{
            'tier_id': self.rest.id, 'tier_locked': False, 'lock_reason': False, 'lock_until': False}])

    def test_grace_begins_when_the_lock_ends(self):
        self.best.grace_runs = 2
        self.third._set_tier(self.best, "Won the tender", self.today + timedelta(days=3))
        self.night(3)
        self.assertEqual(self.third.missed_runs, 0)
        self.night()
        self.assertEqual((self.third.tier_id, self.third.missed_runs), (self.best, 1))
        self.night()
        self.assertEqual(self.third.tier_id, self.rest)

    def test_manager_ends_the_lock(self):
        self.third._set_tier(self.best, "Won the tender")
        self.night()
        self.third.with_user(self.manager).action_unlock()
        self.assertEqual(self.third.tier_id, self.best)
        self.night()
        self.assertTiers(self.third, "Rest")

    def test_lock_of_no_tier(self):
        self.first._set_tier(self.env['key.account.tier'], "Went to a competitor")
        self.night()
        self.assertTiers(self.first, None)

    def test_lock_holds_against_the_assistant_and_proposals(self):
        self.third._set_tier(self.best, "Won the tender")
        self.assign(self.today, immediate=True)
        self.company.key_account_assignment = 'proposed'
        self.night()
        self.assertTiers(self.third, "Best")
        self.assertFalse(self.third.proposal_id)

    @users('ka_salesperson')
    def test_salesperson_can_neither_set_nor_lock(self):
        account = self.first.with_env(self.env)
        for vals in (
            {'tier_id': self.rest.id}, {'tier_locked': True}, {'lock_reason': "x"}, {'lock_until': self.today},
            {'rule_tier_id': self.rest.id}, {'revenue': 1e9}, {'missed_runs': 9}, {'decline_holds': True},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
                account.write(vals)
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
            account.action_unlock()
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
            account._set_tier(self.rest, "No")

    @users('ka_manager')
    def test_writing_the_tier_records_and_locks(self):
        """As an import or another program does it."""
        third = self.third.with_env(self.env)
        third.write({'tier_id': self.best.id})
        self.assertRecordValues(third, [{
            'tier_id': self.best.id, 'tier_locked': True, 'lock_reason': f"Set by {self.manager.name}",
            'tier_since': fields.Date.today()}])
        change = third.change_ids[0]
        self.assertRecordValues(change, [{
            'tier_from_id': self.rest.id, 'tier_to_id': self.best.id, 'cause': 'hand', 'state': 'done',
            'user_id': self.manager.id, 'reason': third.lock_reason}])

    @users('ka_manager')
    def test_import_with_reason_and_end(self):
        third = self.third.with_env(self.env)
        result = self.env['key.account'].load(
            ['.id', 'tier_id', 'lock_reason', 'lock_until', 'user_id'],
            [[str(third.id), "Best", "Agreed in May", '2030-01-31', self.salesperson_2.name]])
        self.assertFalse(result['messages'])
        self.assertRecordValues(third, [{
            'tier_id': self.best.id, 'lock_reason': "Agreed in May", 'lock_until': fields.Date.to_date('2030-01-31'),
            'user_id': self.salesperson_2.id}])
        self.assertEqual(third.change_ids[0].explanation, "Agreed in May")

    def test_tier_of_another_company_is_refused(self):
        other = self.create_company("Other", self.company.currency_id)
        tier = self.env['key.account.tier'].create({'name': "Theirs", 'company_id': other.id})
        with self.assertRaisesRegex(UserError, "belongs to company"):
            self.first.tier_id = tier


class TestCreateWithTier(AssignmentCommon):
    """What a person gives when creating an account."""

    def test_manager_creates_with_a_tier(self):
        """One change, and no plan or message of a tier that the rules would have chosen first."""
        customer = self.create_customer()
        account = self.env['key.account'].with_user(self.manager).create({
            'partner_id': customer.id, 'tier_id': self.best.id, 'lock_reason': "Prospect of the year"})
        self.assertRecordValues(account, [{
            'tier_id': self.best.id, 'tier_locked': True, 'lock_reason': "Prospect of the year", 'rule_tier_id': self.rest.id}])
        self.assertRecordValues(account.change_ids, [{'tier_from_id': False, 'tier_to_id': self.best.id, 'cause': 'hand'}])

    def test_salesperson_creates_without_a_tier(self):
        account = self.env['key.account'].with_user(self.salesperson).create({'partner_id': self.create_customer().id})
        self.assertRecordValues(account, [{
            'tier_id': self.rest.id, 'tier_locked': False, 'user_id': self.salesperson.id, 'missed_runs': 0}])
        self.assertEqual(account.change_ids.cause, 'rule')

    def test_salesperson_cannot_create_with_a_tier(self):
        model = self.env['key.account'].with_user(self.salesperson)
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts"):
            model.create({'partner_id': self.create_customer().id, 'tier_id': self.best.id})

    def test_nor_by_a_default(self):
        """A column of the kanban, or anybody who calls the server, gives defaults in the context."""
        model = self.env['key.account'].with_user(self.salesperson).with_context(
            default_tier_id=self.best.id, default_tier_locked=True, default_lock_reason="x", default_revenue=1e9)
        account = model.create({'partner_id': self.create_customer().id})
        self.assertRecordValues(account, [{
            'tier_id': self.rest.id, 'tier_locked': False, 'lock_reason': False, 'revenue': 0.0}])

    def test_account_of_a_contact_is_that_of_its_company(self):
        customer = self.create_customer(contacts=["Ann"])
        account = self.env['key.account'].with_user(self.salesperson).create({'partner_id': customer.child_ids.id})
        self.assertEqual(account.partner_id, customer)
        by_default = self.env['key.account'].with_context(
            default_partner_id=self.create_customer(contacts=["Bob"]).child_ids.id).create({})
        self.assertEqual(by_default.partner_id.child_ids.name, "Bob")

    def test_second_account_of_a_customer(self):
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError) as caught:
            self.env['key.account'].create({'partner_id': self.first.partner_id.id})
        self.assertIn("This customer has an account in this company already. Open that one.",
                      self.env['key.account']._sql_error_to_message(caught.exception))

    def test_creating_none_refreshes_nothing(self):
        with self.assertQueryCount(0):
            self.env['key.account'].create([])
