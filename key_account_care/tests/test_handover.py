from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestHandover(RelationshipCommon):
    """Another key account manager takes over: nothing of the customer is lost, and nobody is told twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = cls.ours
        cls.ada.key_account_seniority = '4'
        for days in (1, 8, 15):
            for person in (cls.ada, cls.bea):
                cls.meet(cls.ours, person, day=TODAY - timedelta(days=days))
        cls.mail(cls.ours, cls.cid)
        cls.refresh()
        cls.deadline = fields.Date.add(TODAY, days=30)
        cls.plan = cls.env.ref('key_account_care.plan_handover')

    def hand_over(self, accounts=None, user=None, actor=None, **vals):
        wizard = self.env['key.account.handover'].with_user(actor or self.manager).create({
            'account_ids': (accounts or self.account).ids, 'user_id': (user or self.other).id, **vals})
        return wizard.action_apply()

    def get_introductions(self):
        return self.env['mail.activity'].search([('key_account_relationship_id.account_id', '=', self.account.id)])

    def test_relationships_and_introductions(self):
        self.hand_over()
        self.assertEqual((self.account.user_id, self.account.previous_user_id), (self.other, self.ours))
        self.assertEqual(self.account.handed_over_on, TODAY)
        of_before = self.account.relationship_ids.filtered(lambda each: each.user_id == self.ours)
        self.assertEqual((len(of_before), of_before.successor_id), (3, self.other))
        introductions = self.get_introductions()
        # Cid is neither close nor of weight
        self.assertEqual(introductions.key_account_relationship_id.partner_id, self.ada | self.bea)
        self.assertEqual(introductions.key_account_relationship_id.user_id, self.other)
        self.assertEqual((introductions.user_id, set(introductions.mapped('date_deadline'))), (self.ours, {self.deadline}))
        self.refresh()
        self.assertTrue(all(each.desired and each.is_gap for each in introductions.key_account_relationship_id.exists()))
        self.assertEqual(len(introductions.key_account_relationship_id), 2)

    def test_checklist(self):
        self.hand_over()
        checklist = self.account.activity_ids - self.get_introductions()
        self.assertEqual(len(checklist), len(self.plan.template_ids))
        self.assertEqual(checklist.user_id, self.ours | self.other)
        self.assertEqual(len(checklist.filtered(lambda activity: activity.user_id == self.ours)), 1)

    def test_twice_is_once(self):
        self.hand_over()
        before = self.account.activity_ids
        self.hand_over()
        self.account.with_user(self.manager)._hand_over(self.other, self.deadline, self.plan)
        self.assertEqual(self.account.activity_ids, before)

    def test_and_back(self):
        self.hand_over()
        self.account.activity_ids.unlink()
        self.hand_over(user=self.ours)
        self.assertEqual(self.account.previous_user_id, self.other)
        self.assertFalse(self.find(self.ours, self.ada).successor_id)
        self.assertEqual(self.find(self.other, self.ada).successor_id, self.ours)
        self.assertFalse(self.get_introductions(), "they know each other")

    def test_open_work_goes_along(self):
        agreement = self.env['key.account.agreement'].create({'account_id': self.account.id})
        mine, colleagues = (
            self.account.activity_schedule('mail.mail_activity_data_todo', user_id=user.id)
            for user in (self.ours, self.manager))
        of_agreement = agreement.activity_schedule('mail.mail_activity_data_todo', user_id=self.ours.id)
        self.assertEqual(agreement.user_id, self.ours)
        self.hand_over()
        self.assertEqual((agreement.user_id, mine.user_id, of_agreement.user_id), (self.other,) * 3)
        self.assertEqual(colleagues.user_id, self.manager)

    def test_changed_on_the_form(self):
        self.account.with_user(self.ours).user_id = self.other
        self.assertEqual((self.account.previous_user_id, self.account.handed_over_on), (self.ours, False))
        self.assertIn(self.ours, self.account.member_ids, "who gives it away still sees it")
        self.account.with_user(self.ours).user_id = self.manager
        self.assertEqual(self.account.previous_user_id, self.ours, "who has not got it yet has nothing to hand over")
        wizard = self.env['key.account.handover'].with_user(self.ours).create({'account_ids': self.account.ids})
        self.assertEqual(wizard.user_id, self.manager)
        self.assertIn("takes over: 3", wizard.summary)
        self.assertIn("Introductions that are planned: 2", wizard.summary)
        self.account.with_user(self.ours).user_id = self.ours
        self.assertFalse(self.account.previous_user_id, "taken back")

    def test_not_needed(self):
        self.account.user_id = self.other
        self.account.with_user(self.other).action_no_handover()
        self.assertFalse(self.account.previous_user_id)

    def test_gives_it_away_and_goes(self):
        action = self.hand_over(actor=self.ours, keeps_serving=False)
        self.assertEqual(action['res_model'], 'key.account')
        self.assertFalse(self.account.with_user(self.ours)._filtered_access('read'))
        self.assertEqual(self.get_introductions().user_id, self.other, "nobody else knows them")
        self.assertEqual(self.account.activity_ids.user_id, self.other)

    def test_manager_who_left(self):
        self.mail(self.salesperson, self.ada)
        self.refresh()
        self.ours.active = False
        self.hand_over()
        self.assertNotIn(self.ours, self.account.member_ids)
        by_person = {each.key_account_relationship_id.partner_id: each.user_id for each in self.get_introductions()}
        self.assertEqual(by_person, {self.ada: self.salesperson, self.bea: self.other})

    def test_left_customers_people_need_no_introduction(self):
        self.ada.key_account_left_on = TODAY
        self.bea.active = False
        self.hand_over()
        self.assertFalse(self.get_introductions())

    def test_many_accounts_at_once(self):
        accounts = self.account | self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {number}").id, 'user_id': user.id}
            for number, user in enumerate((self.ours, self.salesperson, self.other))])
        self.hand_over(accounts)
        self.assertEqual(accounts.user_id, self.other)
        self.assertEqual(
            accounts.mapped('previous_user_id.name'), (self.ours | self.salesperson).mapped('name'))
        self.assertFalse(accounts[-1].handed_over_on, "it was his already")

    def test_accounts_of_two_companies_at_once(self):
        abroad = self.create_company("Abroad", self.dollar)
        (self.manager | self.ours | self.other).write({'company_ids': [fields.Command.link(abroad.id)]})
        accounts = self.account | self.env['key.account'].create({
            'partner_id': self.create_customer("Far away").id, 'user_id': self.ours.id, 'company_id': abroad.id})
        self.env['key.account.handover'].with_user(self.manager).with_context(
            allowed_company_ids=accounts.company_id.ids).create({
                'account_ids': accounts.ids, 'user_id': self.other.id}).action_apply()
        self.assertEqual(accounts.user_id, self.other)
        self.assertTrue(all(account.activity_ids for account in accounts))

    def test_foreign_account(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.salesperson)._hand_over(self.salesperson, self.deadline, self.plan)

    def test_pack(self):
        self.hand_over()
        self.env['res.lang']._activate_lang('de_DE')
        self.other.lang = 'de_DE'
        account = self.account.with_user(self.other).with_context(lang='de_DE')
        html, _kind = self.env['ir.actions.report'].with_env(account.env)._render_qweb_html(
            'key_account_care.report_key_account_handover', account.ids)
        text = html.decode()
        for word in ("Olga", "Otto", "Ada", "Harbor Works", "30.06.2025", "30.07.2025"):
            self.assertIn(word, text)

    def test_pack_of_a_foreign_account(self):
        with self.assertRaises(AccessError):
            self.env['ir.actions.report'].with_user(self.salesperson)._render_qweb_html(
                'key_account_care.report_key_account_handover', self.account.ids)
