from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command

from .tier_common import TierCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}
CHANGES = 'odoo.addons.key_account_care.models.key_account_tier_change'


class TestActivityPlans(TierCommon):
    """Entry into a tier launches its plan, leaving a key tier is told to those concerned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        call = cls.env.ref('mail.mail_activity_data_call').id
        cls.plan = cls.env['mail.activity.plan'].create({
            'name': "Welcome", 'res_model': 'key.account', 'template_ids': [
                Command.create({'activity_type_id': call, 'summary': summary, 'responsible_type': responsible,
                                'delay_count': days, 'delay_from': 'after_plan_date'})
                for summary, responsible, days in (
                    ("Call", 'key_account_manager', 3), ("Meet", 'key_account_sponsor', 14), ("Open", 'on_demand', 0))]})
        cls.best, cls.good, cls.rest = cls.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1, 'is_key': True, 'activity_plan_id': cls.plan.id},
            {'name': "Good", 'rule': 'top', 'top_count': 2, 'is_key': True},
            {'name': "Rest", **EVERYONE})
        cls.accounts = cls.create_accounts(30, 20, 10, user_id=cls.salesperson.id)
        cls.first, cls.second, cls.third = cls.accounts
        cls.company.key_account_manager_id = cls.manager

    def announce(self, accounts=None):
        """The nightly steps that assign tiers and tell of the changes."""
        self.assign(self.today)
        self.env['key.account.tier.change']._refresh_activities(
            self.company, self.today, self.env['key.account'] if accounts is None else accounts)

    def messages(self, account):
        return account.message_ids.filtered('subject')  # other messages of an account have none

    # ------------------------------------------------------------
    # Plans
    # ------------------------------------------------------------

    def test_plan_on_entry(self):
        self.announce()
        activities = self.first.activity_ids.sorted('date_deadline')
        self.assertRecordValues(activities, [
            {'summary': "Open", 'user_id': self.salesperson.id, 'date_deadline': self.today},
            {'summary': "Call", 'user_id': self.salesperson.id, 'date_deadline': self.today + timedelta(days=3)},
            {'summary': "Meet", 'user_id': self.salesperson.id, 'date_deadline': self.today + timedelta(days=14)},
        ])
        self.assertFalse((self.second + self.third).activity_ids)
        self.assertTrue(all(self.get_changes(self.accounts).mapped('announced')))

    def test_plan_of_the_addon_is_due_after_entry(self):
        self.best.activity_plan_id = self.env.ref('key_account_care.plan_new_key_account')
        self.announce()
        self.assertEqual(
            sorted(self.first.activity_ids.mapped('date_deadline')),
            [self.today + timedelta(days=3), self.today + timedelta(days=14)])
        self.assertEqual(self.first.activity_ids.user_id, self.salesperson)

    def test_sponsor_does_what_is_for_the_sponsor(self):
        self.first.sponsor_id = self.manager
        self.announce()
        by_summary = {activity.summary: activity.user_id for activity in self.first.activity_ids}
        self.assertEqual(by_summary, {"Open": self.salesperson, "Call": self.salesperson, "Meet": self.manager})

    def test_plan_once(self):
        self.announce()
        activities = self.first.activity_ids
        self.announce()
        self.assertEqual(self.first.activity_ids, activities)

    def test_plan_waits_for_a_key_account_manager(self):
        self.first.user_id = False
        self.announce()
        self.assertFalse(self.first.activity_ids)
        self.first.user_id = self.salesperson_2
        self.announce()
        self.assertEqual(self.first.activity_ids.user_id, self.salesperson_2)
        self.assertEqual(len(self.first.activity_ids), 3)

    def test_waiting_plan_is_dropped_when_the_account_left(self):
        self.first.user_id = False
        self.announce()
        self.set_revenues(self.accounts, 1, 20, 10)
        self.announce()
        self.first.user_id = self.salesperson
        self.announce()
        self.assertFalse(self.first.activity_ids)
        self.assertTrue(all(self.get_changes(self.first).mapped('announced')))

    def test_plan_when_a_manager_sets_the_tier(self):
        self.announce()
        self.third.with_user(self.manager)._set_tier(self.best, "Won the tender")
        self.assertEqual(len(self.third.activity_ids), 3)
        self.announce()
        self.assertEqual(len(self.third.activity_ids), 3)

    def test_plan_when_a_manager_approves(self):
        self.company.key_account_assignment = 'proposed'
        self.announce()
        self.assertFalse(self.first.activity_ids)
        self.first.proposal_id.with_user(self.manager).action_approve()
        self.assertEqual(len(self.first.activity_ids), 3)

    def test_entering_in_bulk(self):
        """Each account has the activities of the plan, for its own key account manager, also across batches."""
        self.rest.activity_plan_id = self.plan
        accounts = self.create_accounts(*range(1, 8), user_id=self.salesperson_2.id)
        accounts[::2].user_id = self.salesperson
        self.set_revenues(self.accounts + accounts, 500, 400, *[1] * 8)
        with patch(f'{CHANGES}.ANNOUNCED_TOGETHER', 3):
            self.announce()
        for account in accounts:
            self.assertEqual(len(account.activity_ids), 3)
            self.assertEqual(account.activity_ids.user_id, account.user_id)

    def test_one_that_fails_does_not_stop_the_others(self):
        """It is logged, and tried again with the next run."""
        self.rest.activity_plan_id = self.plan
        accounts = type(self.first)
        launch, third = accounts._launch_plan, self.third

        def fail_for_third(records, plan):
            if third in records:
                raise ValueError("broken")
            launch(records, plan)

        with patch.object(accounts, '_launch_plan', fail_for_third), self.assertLogs(CHANGES, 'ERROR') as logs:
            self.announce()
        self.assertIn("could not be announced", logs.output[0])
        self.assertEqual([len(account.activity_ids) for account in self.accounts], [3, 0, 0])
        self.announce()
        self.assertEqual([len(account.activity_ids) for account in self.accounts], [3, 0, 3])

    def test_responsible_without_key_account_manager(self):
        """Somebody who launches the plan by hand is told what is missing."""
        self.first.user_id = False
        result = self.plan.template_ids[0]._determine_responsible(self.env.user, self.first)
        self.assertEqual(result['error'], "Customer 1 has no key account manager. Choose one on the account first.")

    # ------------------------------------------------------------
    # Leaving a key tier
    # ------------------------------------------------------------

    def test_leaving_a_key_tier_is_told(self):
        self.announce()
        self.set_revenues(self.accounts, 1, 20, 10)
        self.announce()
        message = self.messages(self.first)
        self.assertEqual(message.partner_ids, (self.salesperson + self.manager).partner_id)
        self.assertEqual(message.subject, "Customer 1 is no key account any more")
        self.assertIn("Customer 1 left the key tier Best and is now in Rest. By rule: revenue 1.00", message.body)
        self.assertEqual(message.notified_partner_ids, (self.salesperson + self.manager).partner_id)
        self.announce()
        self.assertEqual(self.messages(self.first), message)

    def test_moving_between_key_tiers_is_not_told(self):
        self.announce()
        self.set_revenues(self.accounts, 20, 30, 10)
        self.announce()
        self.assertTiers(self.accounts, "Good", "Best", "Rest")
        self.assertFalse(self.messages(self.accounts))

    def test_leaving_all_tiers_by_hand_is_told_with_the_reason(self):
        self.announce()
        self.first.with_user(self.manager)._set_tier(self.env['key.account.tier'], "They closed down.")
        message = self.messages(self.first)
        self.assertIn("is now in no tier. They closed down.</p>", message.body)
        self.assertEqual(message.author_id, self.manager.partner_id)

    def test_team_leader_is_told_when_the_company_names_nobody(self):
        self.company.key_account_manager_id = False
        team = self.env['crm.team'].create({
            'name': "North", 'user_id': self.manager.id, 'company_id': self.company.id,
            'member_ids': [Command.link(self.salesperson.id)]})
        self.assertEqual(self.salesperson.sale_team_id, team)
        self.announce()
        self.first.with_user(self.env.user)._set_tier(self.rest, "Smaller now")
        self.assertEqual(self.messages(self.first).partner_ids, (self.salesperson + self.manager).partner_id)

    def test_nobody_to_tell(self):
        self.company.key_account_manager_id = False
        self.first.user_id = False
        self.announce()
        self.set_revenues(self.accounts, 1, 20, 10)
        self.announce()
        self.assertEqual(len(self.messages(self.first)), 1)
        self.assertFalse(self.messages(self.first).partner_ids)

    def test_told_in_the_language_of_the_reader(self):
        self.env['res.lang']._activate_lang('sv_SE')
        self.rest.with_context(lang='sv_SE').name = "Övriga"
        self.salesperson.lang = 'sv_SE'
        self.announce()
        self.set_revenues(self.accounts, 1, 20, 10)
        self.announce()
        self.assertIn("Övriga", self.messages(self.first).body)

    def test_people_without_an_address(self):
        """Neither who sets the tier nor who is told needs an e-mail address."""
        (self.manager + self.salesperson).partner_id.email = False
        self.announce()
        self.first.with_user(self.manager)._set_tier(self.rest, "Smaller now")
        self.assertEqual(self.messages(self.first).partner_ids, (self.salesperson + self.manager).partner_id)

    def test_leaving_in_bulk(self):
        accounts = self.create_accounts(*[5] * 5, user_id=self.salesperson.id)
        self.good.top_count = 50
        self.set_revenues(self.accounts + accounts, *[50] * 8)
        self.announce()
        self.good.write({'rule': 'manual'})
        with patch(f'{CHANGES}.ANNOUNCED_TOGETHER', 3):
            self.announce()
        self.assertEqual([len(self.messages(account)) for account in accounts], [1] * 5)

    def test_refresh_of_one_account_announces_only_that(self):
        self.good.activity_plan_id = self.plan
        self.assign(self.today)
        self.env['key.account.tier.change']._refresh_activities(self.company, self.today, self.first)
        self.assertEqual([len(account.activity_ids) for account in self.accounts], [3, 0, 0])
