from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon
from .tour_common import TourCommon


@tagged('post_install', '-at_install')
class TestRelationshipMapTour(RelationshipCommon, TourCommon):
    """In a browser: a salesperson looks where an account is thin, says who should know whom, and asks for a word."""

    def test_salesperson(self):
        self.account.write({'user_id': self.other.id, 'member_ids': self.ours.ids})
        for person in (self.ada, self.bea):
            self.meet(self.ours, person)
        self.mail(self.other, self.bea)
        self.refresh(TODAY)
        self.start_tour(
            f'/odoo/key-accounts/{self.account.id}', 'key_account_care_relationship_map', login=self.other.login)
        relationship = self.find(self.other, self.ada)
        self.assertEqual(relationship.desired, '85')
        self.assertEqual(relationship.introduction_ids.user_id, self.ours)
        self.assertEqual(relationship.message_ids[:1].partner_ids, self.ours.partner_id)
