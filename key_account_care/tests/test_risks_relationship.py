from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from .common import TODAY
from .risk_common import RiskCommon


class TestRelationshipRisks(RiskCommon):
    """Doors that open between people: who is missing, gone, silent or left waiting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.customer.child_ids
        cls.champion, cls.decider = (
            cls.env.ref(f'key_account_care.buying_role_{role}') for role in ('champion', 'decision_maker'))
        cls.tier = cls.set_tiers({
            'rule': 'manual', 'contact_days': 30, 'sponsor_required': True,
            'required_role_ids': [Command.set((cls.champion + cls.decider).ids)]})
        cls.account._write_tier(cls.tier)
        cls.set_figures(revenue=1200, order_count=4, last_order_date=None)

    @classmethod
    def set_figures(cls, **figures):
        cls.env.flush_all()
        for name, value in figures.items():
            cls.env.cr.execute(SQL("UPDATE key_account SET %s = %s WHERE id = %s", SQL.identifier(name), value, cls.account.id))
        cls.env.invalidate_all()

    @classmethod
    def know(cls, person, strength=50, user=None, **days):
        """Somebody of ours knows somebody of theirs."""
        return cls.env['key.account.relationship'].create({
            'account_id': cls.account.id, 'user_id': (user or cls.salesperson).id, 'partner_id': person.id,
            'strength': strength, **days})

    def test_single_thread(self):
        """At the limit it is found, below it is not, whatever the limit is; nor where nobody is in contact."""
        rule = self.use_rule('single_thread', threshold=80)
        self.set_figures(thread='both', top_ours_share=0.8, top_theirs_share=0.3)
        self.assertFound(rule, self.account)
        self.assertEqual(self.get_risks(rule).amount, 960)
        self.set_figures(top_ours_share=0.79)
        self.assertFound(rule)
        self.set_figures(thread='several')
        rule.threshold = 79
        self.assertFound(rule, self.account)
        self.set_figures(thread='none')
        self.assertFound(rule)

    def test_role_missing(self):
        """Each role is a cause; only who is in contact, here and there, has it."""
        rule = self.use_rule('role_missing')
        self.assertFound(rule, self.champion, self.decider)
        self.assertEqual(set(self.get_risks(rule).mapped('amount')), {600})
        self.ada.key_account_role_ids = self.champion
        self.assertFound(rule, self.champion, self.decider)
        relationship = self.know(self.ada, strength=10)
        self.assertFound(rule, self.decider)
        relationship.strength = 9
        self.assertFound(rule, self.champion, self.decider)
        relationship.strength = 10
        self.ada.key_account_left_on = TODAY
        self.assertFound(rule, self.champion, self.decider)
        self.ada.key_account_left_on = TODAY + timedelta(days=1)
        self.assertFound(rule, self.decider)
        self.salesperson.active = False
        self.assertFound(rule, self.champion, self.decider)
        self.decider.active = False
        self.assertFound(rule, self.account.missing_role_ids)
        self.assertEqual(self.account.missing_role_ids, self.champion)

    def test_role_is_explained(self):
        rule = self.use_rule('role_missing')
        self.detect()
        self.assertIn("Nobody we are in contact with is known as Champion.", self.get_risks(rule).mapped('reason'))

    def test_sponsor_missing(self):
        """A sponsor who does not work here any more is none."""
        rule = self.use_rule('sponsor_missing')
        self.assertFound(rule, self.account)
        self.assertEqual(self.get_risks(rule).amount, 100)
        self.account.sponsor_id = self.manager
        self.assertFound(rule)
        self.manager.active = False
        self.assertFound(rule, self.account)
        self.tier.sponsor_required = False
        self.assertFound(rule)

    def test_contact_left(self):
        """Who had a part in it and left within the limit, until a successor is named."""
        rule = self.use_rule('contact_left', threshold=180)
        bea = self.env['res.partner'].create({'name': "Bea", 'parent_id': self.customer.id})
        (self.ada + bea).key_account_left_on = self.days(-180)
        self.assertFound(rule)  # neither meant anything to us
        self.know(self.ada, strength=30)
        self.know(self.env['res.partner'].create({'name': "Cid", 'parent_id': self.customer.id}), strength=10)
        bea.key_account_role_ids = self.champion
        self.assertFound(rule, self.ada, bea)
        amounts = {risk.res_id: risk.amount for risk in self.get_risks(rule)}
        self.assertEqual(amounts, {self.ada.id: 900, bea.id: 0})
        bea.key_account_successor_id = self.ada
        self.assertFound(rule, self.ada)
        self.assertFound(rule, today=self.days(1))

    def test_contact_seems_to_have_left(self):
        rule = self.use_rule('contact_left', threshold=180)
        self.know(self.ada)
        self.ada.write({'key_account_left_sign': 'bounce', 'key_account_left_sign_on': self.days(-400)})
        self.assertFound(rule, self.ada)
        self.assertEqual(self.get_risks(rule).action_fix()['res_model'], 'key.account.departure')
        self.ada.action_key_account_still_there()
        self.assertFound(rule)

    def test_customer_silent(self):
        """A mail, a meeting or an order is a sign of life. Who never gave one is not missed."""
        rule = self.use_rule('customer_silent', threshold=60)
        self.assertFound(rule)
        relationship = self.know(self.ada, last_in=self.days(-61), last_out=self.days(-1))
        self.assertFound(rule, self.account)
        self.assertEqual(self.get_risks(rule).amount, 1200)
        relationship.last_meeting = self.days(-60)
        self.assertFound(rule)
        self.assertFound(rule, self.account, today=self.days(1))
        self.set_figures(last_order_date=self.days(-5))
        self.assertFound(rule)

    def test_touch_overdue(self):
        """What they send is no contact of ours; before the first one the day in the tier counts."""
        rule = self.use_rule('touch_overdue')
        self.set_figures(tier_since=self.days(-30))
        self.assertFound(rule)
        self.assertFound(rule, self.account, today=self.days(1))
        relationship = self.know(self.ada, last_out=self.days(-10), last_in=self.days(0))
        self.assertFound(rule, today=self.days(20))
        self.assertFound(rule, self.account, today=self.days(21))
        rule.threshold = 2
        self.assertFound(rule, today=self.days(21))
        self.assertFound(rule, self.account, today=self.days(22))
        relationship.last_out = self.days(21)
        self.assertFound(rule, today=self.days(21))
        self.tier.contact_days = 0
        self.assertFound(rule, today=self.days(400))

    def wait(self, asked, **vals):
        message = self.env['mail.message'].create({'author_id': self.ada.id, 'message_type': 'email', 'date': asked})
        return self.env['key.account.response'].create({
            'account_id': self.account.id, 'company_id': self.company.id, 'partner_id': self.ada.id,
            'message_id': message.id, 'asked_on': asked, 'state': 'open', **vals})

    def test_mail_unanswered(self):
        """Beyond what was promised by the end of yesterday; without a promise beyond the limit; until it is answered."""
        rule = self.use_rule('mail_unanswered', threshold=3)
        yesterday = datetime(2025, 6, 29, 12)
        late = self.wait(yesterday, due_on=datetime(2025, 6, 29, 16))
        self.wait(yesterday, due_on=datetime(2025, 6, 30, 0))
        promised_nothing = self.wait(datetime(2025, 6, 26, 23))
        self.wait(datetime(2025, 6, 27, 0))
        self.wait(datetime(2024, 6, 27, 0))  # too long ago to matter
        self.assertFound(rule, late, promised_nothing)
        risk = self.get_risks(rule).filtered(lambda risk: risk.res_id == late.id)
        self.assertRecordValues(risk, [{
            'amount': 300, 'reason': "Ada has been waiting for an answer since 06/29/2025."}])
        (late + promised_nothing).action_dismiss()
        self.assertFound(rule)
