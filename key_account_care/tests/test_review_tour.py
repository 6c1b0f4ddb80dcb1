from datetime import datetime

from .common import KeyAccountCommon
from .tour_common import TourCommon


class TestReviewTour(KeyAccountCommon, TourCommon):
    """A salesperson plans the meeting of a review in a browser, at one of the proposed times."""

    def test_tour(self):
        self.company.resource_calendar_id.tz = 'UTC'
        customer = self.create_customer("North Harbor")
        account = self.env['key.account'].create({'partner_id': customer.id, 'user_id': self.salesperson.id})
        kind = self.env['key.account.review.type'].create({'name': "Business review", 'agenda': "Deliveries"})
        review = self.env['key.account.review'].create({
            'account_id': account.id, 'type_id': kind.id, 'due_date': self.today, 'user_id': self.salesperson.id})
        self.start_tour('/odoo/key-account-reviews', 'key_account_care_review', login=self.salesperson.login)
        self.assertEqual((review.state, review.date), ('planned', datetime(2025, 7, 1, 13)))
        self.assertEqual(review.event_id.partner_ids, self.salesperson.partner_id)
