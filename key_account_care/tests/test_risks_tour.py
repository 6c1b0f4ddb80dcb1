from odoo import fields
from odoo.tests import tagged

from .risk_common import RiskCommon
from .tour_common import TourCommon


@tagged('post_install', '-at_install')
class TestRisksTour(RiskCommon, TourCommon):
    """A salesperson finds a warning in the morning, snoozes it with a reason, and takes it up again."""

    def test_tour(self):
        self.use_rule('sponsor_missing')
        self.account.tier_id = self.env['key.account.tier'].create({
            'name': "Best", 'company_id': self.company.id, 'sponsor_required': True})
        self.detect()
        risk = self.account.open_risk_ids
        self.start_tour(
            '/odoo/action-key_account_care.action_key_account_today', 'key_account_care_risks', login=self.salesperson.login)
        self.assertRecordValues(risk, [{
            'state': 'snoozed', 'decision_reason': "They decide after the fair", 'user_id': self.salesperson.id}])
        self.assertGreater(risk.snooze_until, fields.Date.today())
        self.start_tour(
            f'/odoo/key.account.risk/{risk.id}', 'key_account_care_risks_again', login=self.salesperson.login)
        self.assertEqual(risk.state, 'open')
