from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common import TODAY
from .relationship_common import RelationshipCommon

REFRESH = 'odoo.addons.key_account_care.models.key_account_relationship_refresh'


@tagged('post_install', '-at_install')
class TestRelationshipRecounts(RelationshipCommon):
    """What is deleted, or turns out to be somebody else's, does not count any more from the next night on."""

    def refresh_new(self):
        """A night that sees only what was written since the last one."""
        with patch(f'{REFRESH}.LATE_MESSAGES', 0):
            self.refresh()

    def start(self):
        self.refresh_new()
        for table in ('res_partner', 'calendar_event', 'calendar_attendee', 'mail_activity', 'crm_lead', 'sale_order'):
            self.env.cr.execute(SQL("UPDATE %s SET write_date = '2020-01-01'", SQL.identifier(table)))
        self.env.invalidate_all()

    def night(self):
        """The next night, which has to give what a recount gives."""
        self.refresh_new()
        by_night = self.read_all()
        self.Relationship._recount_relationships(self.env.company, TODAY)
        self.env.invalidate_all()
        self.assertEqual(by_night, self.read_all())

    def call(self, document):
        """:return: a call about a document that one of ours has done"""
        activity = document.activity_schedule('mail.mail_activity_data_call', user_id=self.ours.id)
        activity.action_feedback()
        activity.date_done = TODAY
        return activity

    def test_meeting_deleted(self):
        meeting = self.meet(self.ours, self.ada)
        self.start()
        meeting.unlink()
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))

    def test_taken_off_a_meeting(self):
        meeting = self.meet(self.ours, self.other, self.ada, self.bea)
        self.start()
        meeting.partner_ids -= self.ada + self.other.partner_id
        self.night()
        self.assertFalse(self.find(self.ours, self.ada) + self.find(self.other, self.bea))
        self.assertTrue(self.find(self.ours, self.bea))

    def test_call_deleted(self):
        call = self.call(self.ada)
        self.start()
        self.assertEqual(self.find(self.ours, self.ada).call_count, 1)
        call.unlink()
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))

    def test_call_deleted_with_its_document(self):
        lead = self.env['crm.lead'].create({'name': "Ropes", 'type': 'opportunity', 'partner_id': self.ada.id})
        self.call(lead)
        self.start()
        lead.unlink()
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))

    def test_call_moves_to_another_document(self):
        lead, other = self.env['crm.lead'].create([
            {'name': "Ropes", 'type': 'opportunity', 'partner_id': person.id} for person in (self.ada, self.bea)])
        call = self.call(lead)
        self.start()
        call.res_id = other.id
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))
        self.assertEqual(self.find(self.ours, self.bea).call_count, 1)

    def test_document_of_a_call_gets_another_contact(self):
        lead = self.env['crm.lead'].create({'name': "Ropes", 'type': 'opportunity', 'partner_id': self.ada.id})
        order = self.env['sale.order'].create({'partner_id': self.cid.id})
        self.call(lead)
        self.call(order)
        self.start()
        lead.partner_id = order.partner_id = self.bea
        self.night()
        self.assertFalse(self.find(self.ours, self.ada) + self.find(self.ours, self.cid))
        self.assertEqual(self.find(self.ours, self.bea).call_count, 2)
