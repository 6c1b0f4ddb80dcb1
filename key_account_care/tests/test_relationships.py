from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestRelationships(RelationshipCommon):
    """Who knows whom, and how well, without anyone typing it."""

    def test_mails_both_ways_count_more_than_one_way(self):
        for _number in range(4):
            self.mail(self.ours, self.ada)
            self.mail(self.ours, self.bea)
            self.mail(self.bea, self.ours)
        self.refresh()
        one_way, both = self.find(self.ours, self.ada), self.find(self.ours, self.bea)
        self.assertEqual((one_way.mail_out_count, one_way.mail_in_count), (4, 0))
        self.assertEqual((both.mail_out_count, both.mail_in_count), (4, 4))
        self.assertGreater(both.strength, 2 * one_way.strength)
        self.assertIn("never answered", one_way.explanation)

    def test_meeting_counts_more_than_call_more_than_mail(self):
        self.mail(self.ours, self.ada)
        self.customer.activity_ids.unlink()
        call = self.bea.activity_schedule('mail.mail_activity_data_call', user_id=self.ours.id)
        call.action_feedback()
        call.date_done = TODAY
        self.meet(self.ours, self.cid)
        self.refresh()
        mailed, called, met = (self.find(self.ours, person).strength for person in (self.ada, self.bea, self.cid))
        self.assertTrue(0 < mailed < called < met, (mailed, called, met))

    def test_fades_by_half_in_a_half_life(self):
        self.meet(self.ours, self.ada, day=TODAY - timedelta(days=90))
        self.meet(self.ours, self.bea)
        self.refresh()
        old, new = self.find(self.ours, self.ada), self.find(self.ours, self.bea)
        self.assertAlmostEqual(old.points_both, new.points_both / 2)
        self.assertEqual((old.strength_before, old.trend), (new.strength, 'down'))
        after_90_days = old.strength
        self.refresh(TODAY + timedelta(days=90))
        self.assertEqual(self.find(self.ours, self.bea).strength, after_90_days)

    def test_log_notes_bots_and_failed_mails_are_none(self):
        self.mail(self.ours, self.ada, is_internal=True)
        self.mail(self.ours, self.ada, message_type='notification')
        self.mail(self.ada, self.ours, message_type='out_of_office')
        self.mail(self.env.ref('base.user_root'), self.ada)
        bounced = self.mail(self.ours, self.ada)
        self.env['mail.notification'].create({
            'mail_message_id': bounced.id, 'res_partner_id': self.ada.id, 'notification_type': 'email',
            'notification_status': 'bounce'})
        self.refresh()
        self.assertFalse(self.find(self.ours, self.ada))

    def test_automatic_replies_are_none(self):
        """What comes in by mail is told apart by its headers; a person's answer on the same way counts."""
        question = self.mail(self.ours, self.ada, message_id='<question@we.example>')
        for number, headers in enumerate((
                "Auto-Submitted: auto-replied", "Precedence: auto_reply", "X-Autoreply: yes", "Auto-Submitted: no")):
            self.env['mail.thread'].message_process('res.partner', (
                f"From: Ada <ada@harbor.example>\nTo: olga@we.example\nMessage-Id: <{number}@harbor.example>\n"
                f"In-Reply-To: {question.message_id}\nSubject: Re\n{headers}\n\nI am away."))
        answers = self.env['mail.message'].search([('parent_id', '=', question.id)], order='id')
        self.assertEqual(answers.author_id, self.ada)
        self.assertEqual(answers.mapped('key_account_is_automatic'), [True, True, True, False])
        answers.date = datetime.combine(TODAY, datetime.min.time())
        self.refresh()
        self.assertEqual(self.find(self.ours, self.ada).mail_in_count, 1)

    def test_answer_goes_to_who_asked(self):
        question = self.mail(self.ours, self.ada)
        self.mail(self.ada, self.env['res.partner'], parent_id=question.id)
        self.refresh()
        self.assertEqual(self.find(self.ours, self.ada).mail_in_count, 1)

    def test_large_meeting_makes_no_strong_relations(self):
        crowd = self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id} for number in range(40)])
        self.meet(self.ours, *crowd)
        self.meet(self.ours, self.ada)
        self.refresh()
        self.assertLess(self.find(self.ours, crowd[0]).strength, self.find(self.ours, self.ada).strength / 5)

    def test_declined_and_future_meetings_do_not_count(self):
        self.meet(self.ours, self.ada, day=TODAY + timedelta(days=1))
        declined = self.meet(self.ours, self.bea)
        declined.attendee_ids.filtered(lambda attendee: attendee.partner_id == self.bea).state = 'declined'
        self.refresh()
        self.assertFalse(self.find(self.ours, self.ada) + self.find(self.ours, self.bea))
        self.refresh(TODAY + timedelta(days=1))
        self.assertEqual(self.find(self.ours, self.ada).meeting_count, 1)

    def test_deleted_mail_does_not_count(self):
        self.mail(self.ours, self.ada)
        mail = self.mail(self.ada, self.ours)
        self.refresh()
        mail.unlink()
        self.refresh()
        self.assertEqual(self.find(self.ours, self.ada).mail_in_count, 0)

    def test_judgement_stays_without_exchange(self):
        mail = self.mail(self.ours, self.ada)
        self.refresh()
        self.find(self.ours, self.ada).write({'desired': '60', 'assessment': '30'})
        mail.unlink()
        self.refresh()
        relationship = self.find(self.ours, self.ada)
        self.assertEqual((relationship.strength, relationship.desired, relationship.is_gap), (0, '60', True))
        self.assertFalse(relationship.level)

    def test_seniority_counts_and_is_told(self):
        for person, seniority in ((self.ada, False), (self.bea, '3'), (self.cid, '5')):
            person.key_account_seniority = seniority
            self.meet(self.ours, person)
        self.refresh()
        staff, manager, executive = (self.find(self.ours, person) for person in (self.ada, self.bea, self.cid))
        self.assertTrue(staff.strength < manager.strength < executive.strength)
        self.assertEqual(["level counts" in each.explanation for each in (staff, manager, executive)], [False, True, True])

    def test_level_is_the_highest_that_the_strength_reaches(self):
        relationship = self.Relationship.create({
            'account_id': self.account.id, 'user_id': self.ours.id, 'partner_id': self.ada.id})
        for strength, level in ((9, False), (10, '10'), (59, '30'), (60, '60'), (85, '85'), (100, '85')):
            relationship.strength = strength
            self.assertEqual(relationship.level, level, strength)

    def test_contact_moves_to_another_customer(self):
        self.mail(self.ours, self.ada)
        self.refresh()
        elsewhere = self.env['key.account'].create({
            'partner_id': self.env['res.partner'].create({'name': "Elsewhere", 'is_company': True}).id})
        self.ada.parent_id = elsewhere.partner_id
        self.refresh()
        self.assertEqual(self.find(self.ours, self.ada).account_id, elsewhere)

    def test_subject_is_for_those_who_may_open_the_meeting(self):
        self.meet(self.ours, self.ada, privacy='private', user_id=self.ours.id)
        self.account.user_id = self.other
        self.env.flush_all()
        row = self.env['key.account.interaction'].with_user(self.other).search([('partner_id', '=', self.ada.id)])
        self.assertEqual(row.kind, 'meeting')
        self.assertFalse(row.subject and 'Meeting' in row.subject)
