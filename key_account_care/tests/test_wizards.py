from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, users

from .tier_common import TierCommon


class TestWizards(TierCommon):
    """The assistants that set, propose and decline a tier, as a person uses them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers(
            {'name': "Best", 'rule': 'top', 'top_count': 1}, {'name': "Rest", 'rule': 'amount', 'amount_min': 0})
        cls.accounts = cls.create_accounts(30, 20, 10, user_id=cls.salesperson.id)
        cls.first, cls.second, cls.third = cls.accounts
        cls.assign()

    def open_set(self, accounts, **values):
        action = accounts.action_set_tier()
        form = Form(self.env[action['res_model']].with_context(**action['context']))
        for name, value in values.items():
            form[name] = value
        return form

    def open_decline(self, changes):
        action = self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_tier_decide')
        return Form(self.env[action['res_model']].with_context(active_ids=changes.ids, default_change_ids=changes.ids))

    @users('ka_manager')
    def test_manager_sets_the_tier_of_many(self):
        accounts = (self.second + self.third).with_env(self.env)
        form = self.open_set(accounts, tier_id=self.best, reason="Tender", lock_until=self.today)
        self.assertTrue(form.is_manager)
        form.save().action_apply()
        self.assertTiers(accounts, "Best", "Best")
        self.assertEqual(accounts.mapped('lock_reason'), ["Tender", "Tender"])
        self.assertEqual(set(accounts.mapped('lock_until')), {self.today})

    @users('ka_salesperson')
    def test_salesperson_proposes_the_tier_of_many(self):
        accounts = (self.second + self.third).with_env(self.env)
        form = self.open_set(accounts, tier_id=self.best, reason="Tender")
        self.assertFalse(form.is_manager)
        form.save().action_apply()
        self.assertTiers(accounts, "Rest", "Rest")
        self.assertRecordValues(accounts.proposal_id, [
            {'state': 'proposed', 'cause': 'hand', 'tier_to_id': self.best.id, 'user_id': self.env.uid}] * 2)

    def test_manager_decides_on_the_account(self):
        for account in (self.second, self.third):
            account.with_user(self.salesperson)._propose_tier(self.best, "Tender won")
        self.assertEqual(self.second.proposal_summary, f"{self.salesperson.name} proposes Best: Tender won")
        second, third = (self.second + self.third).with_user(self.manager)
        second.action_approve_proposal()
        self.assertEqual((second.tier_id, second.proposal_summary), (self.best, False))
        action = third.action_decline_proposal()
        form = Form(self.env[action['res_model']].with_user(self.manager).with_context(**action['context']))
        form.reason = "Not yet"
        form.save().action_decline()
        self.assertEqual((third.tier_id, third.proposal_id.id), (self.rest, False))

    @users('ka_salesperson')
    def test_second_wish_replaces_the_first(self):
        second = self.second.with_env(self.env)
        for reason in ("Tender", "Signed"):
            self.open_set(second, tier_id=self.best, reason=reason).save().action_apply()
        self.assertEqual(self.get_changes(second, cause='hand').mapped('state'), ['withdrawn', 'proposed'])
        self.assertEqual(second.proposal_id.reason, "Signed")

    @users('ka_salesperson_2')
    def test_salesperson_cannot_propose_for_accounts_of_others(self):
        with self.assertRaises(AccessError):
            self.env['key.account.tier.set'].create({
                'account_ids': self.second.ids, 'tier_id': self.best.id, 'reason': "Mine"}).action_apply()
        self.assertFalse(self.second.proposal_id)

    @users('ka_manager')
    def test_reason_is_asked_for(self):
        form = self.open_set(self.second.with_env(self.env), tier_id=self.best)
        with self.assertRaises(AssertionError):  # the form says that a required field is empty
            form.save()

    @users('ka_manager')
    def test_lock_that_ended_before_it_began(self):
        form = self.open_set(self.second.with_env(self.env), tier_id=self.best, reason="x", lock_until='2025-06-29')
        with self.assertRaisesRegex(ValidationError, "The last day of the lock is over already"):
            form.save()

    @users('ka_manager')
    def test_no_tier_at_all(self):
        first = self.first.with_env(self.env)
        self.open_set(first, reason="They closed down").save().action_apply()
        self.assertTiers(first, None)

    @users('ka_manager')
    def test_manager_declines_many(self):
        accounts = (self.second + self.third).with_env(self.env)
        accounts.with_user(self.salesperson)._propose_tier(self.best, "Tender")
        changes = accounts.proposal_id
        form = self.open_decline(changes)
        form.reason = "Not yet"
        form.save().action_decline()
        self.assertRecordValues(changes, [
            {'state': 'declined', 'decision_reason': "Not yet", 'decided_by_id': self.env.uid}] * 2)
        with self.assertRaisesRegex(UserError, "decided already"):
            changes.action_approve()

    @users('ka_salesperson')
    def test_salesperson_cannot_open_the_assistant_that_declines(self):
        with self.assertRaises(AccessError):
            self.env['key.account.tier.decide'].create({'change_ids': self.first.change_ids.ids, 'reason': "x"})

    @users('ka_salesperson', 'ka_manager')
    def test_forms_open_for_everybody(self):
        """With an account at hand, empty, and filled in: no onchange fails for want of rights."""
        first = self.first.with_env(self.env)
        with Form(first) as form:
            form.sponsor_id = self.manager
        self.assertEqual(first.sponsor_id, self.manager)
        customer = self.create_customer("New customer")
        form = Form(self.env['key.account'])
        form.partner_id = customer
        account = form.save()
        self.assertRecordValues(account, [{'partner_id': customer.id, 'user_id': self.env.uid, 'tier_id': self.rest.id}])

    @users('ka_manager')
    def test_tier_form(self):
        form = Form(self.env['key.account.tier'])
        form.name, form.rule, form.pareto_share, form.rule = "Second", 'pareto', 0, 'manual'
        self.assertEqual(form.save().rule_summary, "By hand only")
