from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestIntroductions(RelationshipCommon):
    """Who knows whom: whoever knows somebody best introduces a colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({'user_id': cls.other.id, 'member_ids': cls.ours.ids})
        cls.meet(cls.ours, cls.ada)
        cls.mail(cls.salesperson, cls.ada)
        cls.refresh()

    def plan(self, user=None, person=None, **vals):
        action = self.account.with_user(self.other).action_plan_introduction((user or self.other).id, (person or self.ada).id)
        return self.env['key.account.introduction'].with_user(self.other).with_context(**action['context']).create(vals)

    def get_cell(self, user, person):
        cells = self.account.with_user(self.other).get_relationship_map()['cells']
        return next(cell for cell in cells if (cell['user_id'], cell['partner_id']) == (user.id, person.id))

    def test_who_knows_best_introduces(self):
        wizard = self.plan(note="She decides")
        self.assertEqual((wizard.introducer_id, wizard.knower_ids), (self.ours, self.ours | self.salesperson))
        wizard.action_plan()
        activity = self.account.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.ours, "Introduce Otto to Ada"))
        self.assertIn("She decides", activity.note)
        self.assertTrue(self.get_cell(self.other, self.ada)['introduction'])
        self.assertFalse(self.get_cell(self.ours, self.ada)['introduction'])

    def test_planned_twice_is_one_activity(self):
        self.plan().action_plan()
        self.plan(deadline=TODAY).action_plan()
        self.assertEqual((len(self.account.activity_ids), self.account.activity_ids.date_deadline), (1, TODAY))
        self.plan(introducer_id=self.salesperson.id).action_plan()
        self.assertEqual(self.find(self.other, self.ada).introduction_ids.user_id, self.salesperson)

    def test_stays_until_they_meet(self):
        self.plan().action_plan()
        self.refresh()
        relationship = self.find(self.other, self.ada)
        self.assertEqual(self.account.activity_ids.key_account_relationship_id, relationship)
        self.assertTrue(relationship.is_gap)

    def test_by_somebody_who_does_not_see_the_account(self):
        self.plan(introducer_id=self.salesperson.id).action_plan()
        self.assertFalse(self.account.activity_ids)
        self.assertEqual(self.ada.activity_ids.user_id, self.salesperson)
        self.assertTrue(self.get_cell(self.other, self.ada)['introduction'])
        pack = self.account.with_user(self.other)._get_handover_pack()
        self.assertEqual(pack['introductions'], self.ada.activity_ids)

    def test_nobody_else_knows(self):
        self.mail(self.other, self.bea)
        self.refresh()
        wizard = self.plan(person=self.bea)
        self.assertFalse(wizard.introducer_id)
        self.assertIn("Nobody", wizard.who_knows_whom)
        wizard.action_plan()
        self.assertEqual((self.account.activity_ids.user_id, self.account.activity_ids.summary), (self.other, "Get to know Bea"))

    def test_mail_draft(self):
        action = self.plan(note="<She decides>").action_plan_and_write()
        composer = Form(self.env['mail.compose.message'].with_user(self.other).with_context(**action['context'])).save()
        self.assertEqual(composer.partner_ids, self.ours.partner_id)
        self.assertEqual(composer.subject, "Please introduce Otto to Ada")
        for word in ("Olga", "Harbor Works", "She decides"):
            self.assertIn(word, composer.body)
        composer.action_send_mail()
        self.assertEqual(self.find(self.other, self.ada).message_ids[:1].partner_ids, self.ours.partner_id)
        before = self.read_all()
        self.refresh()
        self.assertEqual(self.read_all(), before, "a mail among ourselves is no exchange with the customer")

    def test_foreign_account(self):
        with self.assertRaises(AccessError):
            self.env['key.account.introduction'].with_user(self.salesperson_2).create({
                'account_id': self.account.id, 'user_id': self.salesperson_2.id, 'partner_id': self.ada.id,
                'deadline': TODAY}).action_plan()
