from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import users
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .tier_common import AssignmentCommon


class TestProposals(AssignmentCommon):
    """In a company that wants it so, the rules propose and a manager decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assign(cls.today)
        cls.get_changes(cls.accounts).unlink()
        cls.company.key_account_assignment = 'proposed'

    def proposals(self):
        return self.get_changes(self.accounts, state='proposed')

    def test_proposes_and_does_not_move(self):
        self.swap()
        self.night()
        self.assertTiers(self.accounts, "Best", "Rest", "Rest")
        self.assertRecordValues(self.proposals(), [
            {'account_id': self.first.id, 'tier_from_id': self.best.id, 'tier_to_id': self.rest.id, 'revenue': 20.0, 'rank': 2},
            {'account_id': self.second.id, 'tier_from_id': self.rest.id, 'tier_to_id': self.best.id, 'revenue': 30.0, 'rank': 1},
        ])
        self.assertEqual(self.first.proposal_id, self.proposals()[0])
        self.assertFalse(self.third.proposal_id)

    def test_proposes_downwards_after_grace(self):
        self.best.grace_runs = 2
        self.swap()
        self.night()
        self.assertEqual(self.proposals().account_id, self.second)
        self.night()
        self.assertEqual(self.proposals().account_id, self.first + self.second)

    def test_proposes_once(self):
        self.swap()
        self.night()
        before = self.proposals()
        self.night(3)
        self.assertEqual(self.get_changes(self.accounts), before)
        self.assertEqual(set(before.mapped('date')), {self.today - timedelta(days=3)})

    def test_same_proposal_follows_the_rules(self):
        plan = self.env.ref('key_account_care.plan_new_key_account')
        middle = self.env['key.account.tier'].create({
            'name': "Middle", 'sequence': 1, 'rule': 'top', 'top_count': 2, 'activity_plan_id': plan.id,
            'company_id': self.company.id})
        self.night()
        proposal = self.proposals()
        self.assertEqual((proposal.account_id, proposal.tier_to_id, proposal.announced), (self.second, middle, False))
        self.set_revenues(self.accounts, 30, 40, 10)
        self.night()
        self.assertEqual(self.second.proposal_id, proposal)
        self.assertRecordValues(proposal, [{
            'tier_to_id': self.best.id, 'revenue': 40.0, 'rank': 1, 'date': self.today, 'announced': True}])

    def test_withdrawn_when_its_cause_is_gone(self):
        self.swap()
        self.night()
        proposals = self.proposals()
        self.set_revenues(self.accounts, 30, 20, 10)
        self.night()
        self.assertEqual(proposals.mapped('state'), ['withdrawn', 'withdrawn'])

    def test_withdrawn_when_the_customer_is_archived(self):
        self.swap()
        self.night()
        self.second.partner_id.active = False
        self.night()
        self.assertEqual(self.proposals().account_id, self.first)

    def test_switching_to_automatic_applies_and_closes(self):
        self.swap()
        self.night()
        self.proposals().filtered(lambda change: change.account_id == self.first).with_user(
            self.manager).action_decline("One-off")
        self.company.key_account_assignment = 'automatic'
        self.night()
        self.assertTiers(self.accounts, "Rest", "Best", "Rest")
        self.assertFalse(self.proposals())
        self.assertEqual(self.get_changes(self.second).mapped('state'), ['withdrawn', 'done'])

    @users('ka_manager')
    def test_manager_approves_many(self):
        self.swap()
        self.night()
        proposals = self.proposals().with_env(self.env)
        proposals.action_approve()
        self.assertTiers(self.accounts, "Rest", "Best", "Rest")
        self.assertEqual(proposals.mapped('state'), ['done', 'done'])
        self.assertEqual(proposals.decided_by_id, self.manager)
        self.assertEqual(proposals[0].decided_on, fields.Date.today())
        self.assertEqual(self.accounts.mapped('tier_locked'), [False] * 3)
        self.night()
        self.assertFalse(self.proposals())

    def test_manager_declines_many_until_the_rules_say_something_else(self):
        self.swap()
        self.night()
        proposals = self.proposals()
        proposals.with_user(self.manager).action_decline("Large order was a one-off")
        self.assertEqual(proposals.mapped('state'), ['declined', 'declined'])
        self.assertEqual(set(proposals.mapped('decision_reason')), {"Large order was a one-off"})
        self.night(5)
        self.assertFalse(self.proposals())
        self.set_revenues(self.accounts, 30, 20, 10)  # the rules agree with the present tiers
        self.night()
        self.assertFalse(any(self.accounts.mapped('decline_holds')))
        self.swap()
        self.night()
        self.assertEqual(len(self.proposals()), 2)

    def test_deciding_twice(self):
        self.swap()
        self.night()
        proposal = self.proposals().with_user(self.manager)[0]
        proposal.action_approve()
        for decide in (proposal.action_approve, lambda: proposal.action_decline("No")):
            with self.assertRaisesRegex(UserError, "The change of Customer 1 was decided already. Reload the list."):
                decide()
        self.assertEqual(proposal.state, 'done')

    def test_deciding_while_somebody_else_decides(self):
        """The row is locked by the other transaction, so there is nothing to lock here."""
        self.swap()
        self.night()
        proposal = self.proposals().with_user(self.manager)[0]
        self.patch(self.registry['key.account.tier.change'], 'try_lock_for_update', lambda changes: changes.browse())
        with self.assertRaisesRegex(UserError, "The change of Customer 1 was decided already. Reload the list."):
            proposal.action_approve()
        self.assertEqual(proposal.state, 'proposed')

    def test_one_decided_in_a_selection_stops_all(self):
        self.swap()
        self.night()
        proposals = self.proposals().with_user(self.manager)
        proposals[0].action_decline("No")
        with self.assertRaisesRegex(UserError, "Customer 1 was decided already"):
            proposals.action_approve()
        self.assertEqual(proposals.mapped('state'), ['declined', 'proposed'])

    @users('ka_salesperson')
    def test_salesperson_cannot_decide(self):
        self.swap()
        self.night()
        proposal = self.proposals().with_env(self.env)[0]
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts decides"):
            proposal.action_approve()
        with self.assertRaisesRegex(AccessError, "Only a manager of key accounts decides"):
            proposal.action_decline("No")

    def test_one_open_proposal_at_most(self):
        self.swap()
        self.night()
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
            self.proposals()[0].copy({'state': 'proposed'})

    def test_rules_leave_a_proposal_by_hand_alone(self):
        self.third.with_user(self.salesperson)._propose_tier(self.best, "Tender")
        self.set_revenues(self.accounts, 30, 20, 40)
        self.night()
        self.assertRecordValues(self.third.proposal_id, [{'cause': 'hand', 'tier_to_id': self.best.id, 'reason': "Tender"}])
        self.set_revenues(self.accounts, 30, 20, 10)
        self.night()
        self.assertEqual(self.third.proposal_id.state, 'proposed')

    def test_declined_wish_does_not_hold_back_the_rules(self):
        self.third.with_user(self.salesperson)._propose_tier(self.env['key.account.tier'], "Too small")
        self.set_revenues(self.accounts, 30, 20, 40)
        self.night()
        self.third.proposal_id.with_user(self.manager).action_decline("No")
        self.night()
        self.assertRecordValues(self.third.proposal_id, [{'cause': 'rule', 'tier_to_id': self.best.id}])
