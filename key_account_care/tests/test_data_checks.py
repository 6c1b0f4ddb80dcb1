from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestDataChecks(RelationshipCommon):
    """What is missing, what nobody has confirmed for too long, and who may have left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.env['key.account.tier'].create({
            'name': "Cared for", 'rule': 'manual', 'is_key': True, 'sponsor_required': True, 'data_check_months': 6})
        cls.account.sudo().write({'tier_id': cls.tier.id, 'sponsor_id': cls.manager.id, 'user_id': cls.ours.id})
        cls.people = cls.ada + cls.bea + cls.cid
        cls.people.write({
            'key_account_seniority': '3', 'key_account_role_ids': cls.env['key.account.buying.role'].search([], limit=1).ids})
        (cls.people + cls.customer).key_account_data_confirmed_on = TODAY

    def checks(self):
        self.env.flush_all()
        return self.env['key.account.data.check'].search([('account_id', '=', self.account.id)])

    def check_of(self, partner):
        return self.checks().filtered(lambda check: check.partner_id == partner)

    def refresh_all(self, today=TODAY):
        self.refresh(today)
        self.env['key.account']._refresh_departures(self.env.company, today, self.env['key.account'])
        self.env.invalidate_all()

    def bounce(self, mail, person):
        return self.env['mail.notification'].create({
            'mail_message_id': mail.id, 'res_partner_id': person.id, 'notification_type': 'email',
            'notification_status': 'bounce', 'mail_email_address': person.email})

    # ------------------------------------------------------------
    # Missing and unconfirmed
    # ------------------------------------------------------------

    def test_nothing_to_do(self):
        self.assertFalse(self.checks())

    def test_what_is_missing(self):
        self.account.write({'user_id': False, 'sponsor_id': False})
        self.ada.write({'email': False, 'key_account_seniority': False, 'key_account_role_ids': [Command.clear()]})
        customer, contact = self.check_of(self.customer), self.check_of(self.ada)
        self.assertEqual(len(self.checks()), 2)
        self.assertEqual((customer.is_contact, customer.no_manager, customer.no_sponsor), (False, True, True))
        self.assertEqual((contact.no_email, contact.no_role, contact.no_seniority), (True, True, True))
        self.assertIn("mail address", contact.problem)
        self.assertEqual(contact.action_open()['res_id'], self.ada.id)
        self.assertEqual(customer.action_open()['res_model'], 'key.account')

    def test_only_what_the_tier_asks_for(self):
        self.ada.write({'email': False, 'key_account_seniority': False})
        self.account.write({'user_id': False, 'sponsor_id': False})
        self.tier.write({'is_key': False, 'sponsor_required': False, 'data_check_months': 0})
        self.assertFalse(self.checks())

    def test_still_true_in_one_click(self):
        """Longer ago than the policy allows is the oldest judgement of one, and all of another."""
        long_ago = TODAY - timedelta(days=190)
        self.ada.key_account_stance = 'critic'
        self.ada.key_account_stance_confirmed_on = long_ago
        self.bea.key_account_data_confirmed_on = long_ago
        self.cid.key_account_data_confirmed_on = TODAY - timedelta(days=170)
        found = self.checks()
        self.assertEqual(found.partner_id, self.ada + self.bea)
        self.assertEqual(found.mapped('is_unconfirmed'), [True, True])
        self.assertEqual(found.mapped('confirmed_on'), [long_ago, long_ago])
        found.action_still_true()
        self.assertFalse(self.checks())
        self.assertEqual(self.ada.key_account_stance_confirmed_on, TODAY)

    def test_never_confirmed_counts_from_the_day_of_creation(self):
        (self.ada + self.bea).write({'key_account_data_confirmed_on': False, 'key_account_seniority': False})
        self.tier.is_key = False
        (self.ada + self.bea).key_account_role_ids = False
        self.bea.key_account_stance = 'critic'
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2024-01-01' WHERE id IN %s", [(self.ada + self.bea)._ids])
        self.assertEqual(self.checks().partner_id, self.ada, "a judgement of today confirms the person, too")
        self.assertIn("never", self.checks().problem)

    def test_who_left_delivery_addresses_and_archived_are_none(self):
        people = self.env['res.partner'].create([
            {'name': "Gate", 'parent_id': self.customer.id, 'type': 'delivery'},
            {'name': "Gone", 'parent_id': self.customer.id, 'key_account_left_on': TODAY},
            {'name': "Archived", 'parent_id': self.customer.id, 'active': False},
            {'name': "Not met", 'parent_id': self.customer.id, 'key_account_is_placeholder': True}])
        self.assertEqual(self.checks().partner_id, people[3])
        self.assertFalse(self.checks().no_email)

    def test_list_takes_as_many_queries_for_many(self):
        specification = dict.fromkeys(('partner_id', 'account_id', 'problem', 'user_id'), {})
        Check = self.env['key.account.data.check'].with_user(self.ours)

        def read():
            Check.web_search_read([], specification, limit=80)

        self.people.email = False
        read()
        few = self.count_queries(read)
        self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id} for number in range(40)])
        self.assertEqual(self.count_queries(read), few)

    # ------------------------------------------------------------
    # Has left?
    # ------------------------------------------------------------

    def test_mail_comes_back(self):
        self.bounce(self.mail(self.ours, self.ada), self.ada)
        self.refresh_all()
        self.assertEqual(self.ada.key_account_left_sign, 'bounce')
        self.assertEqual(self.account.leaving_ids, self.ada)
        self.assertIn("has this person left?", self.check_of(self.ada).problem)

    def test_answer_or_new_address_takes_it_back(self):
        for person in (self.ada, self.bea):
            self.bounce(self.mail(self.ours, person, day=TODAY - timedelta(days=5)), person)
        self.refresh_all()
        self.assertEqual(self.account.leaving_ids, self.ada + self.bea)
        self.mail(self.ada, self.ours)
        self.bea.email = 'bea.new@harbor.example'
        self.refresh_all()
        self.assertFalse(self.account.leaving_ids)

    def test_bounces_that_odoo_counted(self):
        self.cid.message_bounce = 1
        self.refresh_all()
        self.assertEqual(self.cid.key_account_left_sign, 'bounce')
        self.cid.action_key_account_still_there()
        self.refresh_all()
        self.assertFalse(self.cid.key_account_left_sign or self.cid.message_bounce)

    def test_silence_of_somebody_who_used_to_answer(self):
        """Neither of who never did, nor while nobody has written, nor before there was time to answer."""
        for days in (160, 150, 140):
            for person in (self.ada, self.bea, self.cid):
                self.mail(self.ours, person, day=TODAY - timedelta(days=days + 1))
                if person != self.bea:
                    self.mail(person, self.ours, day=TODAY - timedelta(days=days))
        self.mail(self.ours, self.ada, day=TODAY - timedelta(days=100))
        self.mail(self.ours, self.ada)
        self.mail(self.ours, self.bea, day=TODAY - timedelta(days=100))
        self.mail(self.ours, self.cid, day=TODAY - timedelta(days=5))
        self.refresh_all()
        self.assertEqual(self.account.leaving_ids, self.ada)
        self.assertEqual(self.ada.key_account_left_sign, 'silence')
        self.assertEqual(self.ada.key_account_left_sign_on, TODAY - timedelta(days=140))
        self.refresh_all(TODAY + timedelta(days=20))
        self.assertEqual(self.account.leaving_ids, self.ada + self.cid)
        self.check_of(self.ada).action_still_there()
        self.refresh_all(TODAY + timedelta(days=20))
        self.assertEqual(self.account.leaving_ids, self.cid)
        self.refresh_all(TODAY + timedelta(days=91))
        self.assertEqual(self.account.leaving_ids, self.ada + self.cid, "still there, and still silent long after that")

    def test_night_without_news_writes_nothing(self):
        self.bounce(self.mail(self.ours, self.ada), self.ada)
        self.refresh_all()
        self.env.cr.execute("SELECT id, ctid::text FROM res_partner ORDER BY id")
        before = self.env.cr.fetchall()
        self.refresh_all()
        self.env.cr.execute("SELECT id, ctid::text FROM res_partner ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_has_left_with_successor(self):
        self.bounce(self.mail(self.ours, self.ada), self.ada)
        self.refresh_all()
        action = self.check_of(self.ada).action_has_left()
        wizard = self.env['key.account.departure'].with_context(**action['context']).create({'successor_id': self.bea.id})
        self.assertIn(self.bea, self.env['res.partner'].search([('commercial_partner_id', 'in', wizard.customer_ids.ids)]))
        wizard.action_apply()
        self.assertEqual((self.ada.key_account_left_on, self.ada.key_account_successor_id), (TODAY, self.bea))
        self.refresh_all()
        self.assertFalse(self.account.leaving_ids + self.checks().partner_id)
