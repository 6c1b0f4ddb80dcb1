from datetime import timedelta

from odoo.exceptions import UserError

from .tier_common import TierCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}


class TestTierChanges(TierCommon):
    """Every change is kept with its reason and the figures of that day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers({'name': "Best", 'rule': 'top', 'top_count': 1}, {'name': "Rest", **EVERYONE})
        cls.accounts = cls.create_accounts(30, 10, user_id=cls.salesperson.id)
        cls.first, cls.second = cls.accounts

    def test_change_by_rule(self):
        self.assign()
        self.assertRecordValues(self.get_changes(self.accounts), [
            {'account_id': self.first.id, 'tier_from_id': False, 'tier_to_id': self.best.id, 'date': self.today,
             'state': 'done', 'cause': 'rule', 'user_id': False, 'revenue': 30.0, 'margin': 15.0, 'share': 0.75,
             'cumulative_share': 0.75, 'rank': 1, 'currency_id': self.company.currency_id.id,
             'company_id': self.company.id},
            {'account_id': self.second.id, 'tier_from_id': False, 'tier_to_id': self.rest.id, 'date': self.today,
             'state': 'done', 'cause': 'rule', 'user_id': False, 'revenue': 10.0, 'margin': 5.0, 'share': 0.25,
             'cumulative_share': 1.0, 'rank': 2, 'currency_id': self.company.currency_id.id,
             'company_id': self.company.id},
        ])
        self.assertEqual(self.first.tier_since, self.today)

    def test_explanation_by_rule(self):
        self.assign()
        self.assertEqual(
            self.get_changes(self.second).explanation.replace('\N{NO-BREAK SPACE}', ' '),
            "By rule: revenue 10.00 €, rank 2, the accounts down to it bring 100.0 % of revenue")

    def test_change_by_hand(self):
        self.assign()
        self.second.with_user(self.manager)._set_tier(self.best, "Won the tender", self.today)
        self.assertRecordValues(self.get_changes(self.second)[1], [{
            'tier_from_id': self.rest.id, 'tier_to_id': self.best.id, 'date': self.today, 'state': 'done',
            'cause': 'hand', 'reason': "Won the tender", 'explanation': "Won the tender", 'user_id': self.manager.id,
            'lock_until': self.today, 'revenue': 10.0, 'margin': 5.0, 'share': 0.25, 'cumulative_share': 1.0, 'rank': 2}])

    def test_locking_the_present_tier_is_no_change(self):
        self.assign()
        self.first.with_user(self.manager)._set_tier(self.best, "Keep it")
        self.assertEqual(len(self.get_changes(self.first)), 1)
        self.assertRecordValues(self.first, [{
            'tier_locked': True, 'lock_reason': "Keep it", 'tier_since': self.today}])

    def test_history_keeps_the_figures_of_its_day(self):
        self.assign()
        self.set_revenues(self.accounts, 10, 90)
        self.assign(self.today + timedelta(days=1))
        self.assertRecordValues(self.get_changes(self.first), [
            {'tier_from_id': False, 'tier_to_id': self.best.id, 'revenue': 30.0},
            {'tier_from_id': self.best.id, 'tier_to_id': self.rest.id, 'revenue': 10.0}])
        self.assertEqual(self.first.tier_since, self.today + timedelta(days=1))

    def test_history_survives_a_tier_that_is_archived_and_renamed(self):
        self.assign()
        self.best.active = False
        self.assign(self.today + timedelta(days=1))
        self.best.name = "Former best"
        self.assertEqual(self.get_changes(self.first).mapped('tier_to_id.name'), ["Former best", "Rest"])

    def test_salesperson_proposes_and_manager_approves(self):
        """What is approved is locked with the reason and end that the salesperson gave."""
        self.assign()
        until = self.today + timedelta(days=9)
        self.second.with_user(self.salesperson)._propose_tier(self.best, "Won the tender", until)
        proposal = self.second.proposal_id
        self.assertRecordValues(proposal, [{
            'state': 'proposed', 'cause': 'hand', 'user_id': self.salesperson.id, 'explanation': "Won the tender"}])
        self.assertTiers(self.second, "Rest")
        proposal.with_user(self.manager).action_approve()
        self.assertRecordValues(self.second, [{
            'tier_id': self.best.id, 'tier_locked': True, 'lock_reason': "Won the tender", 'lock_until': until}])
        self.assertRecordValues(proposal, [{
            'state': 'done', 'user_id': self.salesperson.id, 'decided_by_id': self.manager.id}])

    def test_wish_is_approved_after_the_rules_moved_the_account(self):
        """History says from which tier it really came."""
        middle = self.env['key.account.tier'].create({
            'name': "Middle", 'sequence': 1, 'rule': 'top', 'top_count': 2, 'company_id': self.company.id})
        middle.active = False
        self.assign()
        self.second.with_user(self.salesperson)._propose_tier(self.best, "Won the tender")
        middle.active = True
        self.assign(self.today + timedelta(days=1))
        self.assertTiers(self.second, "Middle")
        self.second.proposal_id.with_user(self.manager).action_approve()
        self.assertEqual(
            self.get_changes(self.second, state='done').sorted(lambda change: change.decided_on or change.date).mapped(
                lambda change: (change.tier_from_id.name, change.tier_to_id.name)),
            [(False, "Rest"), ("Middle", "Best"), ("Rest", "Middle")])

    def test_what_a_person_decides_replaces_a_proposal(self):
        self.company.key_account_assignment = 'proposed'
        self.assign()
        proposal = self.first.proposal_id
        self.first.with_user(self.salesperson)._propose_tier(self.rest, "They are leaving")
        self.assertEqual(proposal.state, 'withdrawn')
        wish = self.first.proposal_id
        self.first.with_user(self.manager)._set_tier(self.best, "They stay")
        self.assertEqual(wish.state, 'withdrawn')
        self.assertFalse(self.first.proposal_id)

    def test_wish_for_the_present_tier(self):
        """It says so, and an open proposal of the rules stays."""
        self.assign()
        self.company.key_account_assignment = 'proposed'
        self.set_revenues(self.accounts, 10, 30)
        self.assign(self.today + timedelta(days=1))
        with self.assertRaisesRegex(UserError, "These accounts are in tier “Best” already"):
            self.first.with_user(self.salesperson)._propose_tier(self.best, "Leave it")
        self.assertEqual(self.first.proposal_id.tier_to_id, self.rest)

    def test_outlook_says_what_holds_the_tier_and_what_would_change_it(self):
        self.best.grace_runs = 3
        self.assign()
        self.set_revenues(self.accounts, 10, 30)
        self.assign(self.today + timedelta(days=1))
        text = self.first.tier_outlook.replace('\N{NO-BREAK SPACE}', ' ')
        self.assertEqual(text.splitlines(), [
            "By rule: Rest", "Below the rule of Best for 1 of 3 nights", "20.00 € more for Best"])
        self.first._set_tier(self.best, "Keep it", self.today)
        self.assertIn("Locked until 06/30/2025: Keep it", self.first.tier_outlook)
