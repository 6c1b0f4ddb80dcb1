from .feedback_common import FeedbackCommon
from .tour_common import TourCommon


class TestFeedbackTour(FeedbackCommon, TourCommon):
    """In a browser as small as a phone, without a login: a customer's person answers our invitation."""

    browser_size = '390x844'
    touch_enabled = True

    def test_person_answers(self):
        invitation = self.invite()
        self.start_tour(
            f'/feedback/{invitation.id}?access_token={invitation.sudo().access_token}', 'key_account_care_feedback')
        self.assertRecordValues(invitation.feedback_id, [{
            'score': '04', 'expectation': 'less', 'text': "<b>Too late</b>", 'partner_id': self.ada.id, 'state': 'new'}])
