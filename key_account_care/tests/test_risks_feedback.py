from datetime import datetime, timedelta

from odoo.tests import freeze_time

from .common import TODAY
from .risk_common import RiskCommon


class TestRisksFeedback(RiskCommon):
    """A complaint or a low score is a warning of its owner until the customer was told what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_rule = cls.use_rule('feedback_open')
        cls.late_rule = cls.use_rule('feedback_late')
        cls.repeated_rule = cls.use_rule('complaint_repeated', threshold=3)
        cls.area, cls.other_area = cls.env['key.account.area'].create([{'name': "Ropes"}, {'name': "Ships"}])
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE key_account SET revenue = 1000 WHERE id = %s", [cls.account.id])
        cls.env.invalidate_all()

    @classmethod
    def tell(cls, kind='complaint', **vals):
        return cls.env['key.account.feedback'].create({
            'kind': kind, 'account_id': cls.account.id, 'owner_id': cls.salesperson_2.id,
            'answer_due': datetime(2025, 7, 2, 10), **vals})

    def test_complaint(self):
        """Owner, severity and the day of the answer are those of the complaint."""
        complaint = self.tell(severity='2')
        self.tell(kind='praise')
        self.assertFound(self.open_rule, complaint)
        self.assertRecordValues(self.get_risks(self.open_rule), [{
            'severity': '2', 'user_id': self.salesperson_2.id, 'deadline': self.days(2), 'amount': 100.0,
            'reason': "They wait for our answer until 07/02/2025: Complaint: Harbor Works."}])
        complaint.severity = '3'
        self.detect()
        self.assertRecordValues(self.get_risks(self.open_rule), [{'severity': '3', 'amount': 250.0}])

    def test_told(self):
        complaint = self.tell()
        complaint.action_start()
        self.assertFound(self.open_rule, complaint)
        complaint.action_told()
        self.assertFound(self.open_rule)
        complaint.action_reopen()
        self.assertFound(self.open_rule, complaint)
        complaint.action_close()
        self.assertFound(self.open_rule)

    def test_score(self):
        """A score is low up to the limit of the company."""
        self.company.key_account_feedback_low = 6
        low = self.tell(kind='interview', score='06')
        self.tell(kind='interview', score='07')
        self.assertFound(self.open_rule, low)

    def test_late(self):
        """From the day after the answer was due on, one step more severe; the money is counted once."""
        complaint = self.tell()
        self.assertFound(self.late_rule, today=self.days(2))
        self.assertFound(self.late_rule, complaint, today=self.days(3))
        self.assertRecordValues(self.get_risks(self.late_rule), [{
            'severity': '2', 'amount': 0.0, 'user_id': self.salesperson_2.id}])
        self.late_rule.threshold = 1
        self.assertFound(self.late_rule, today=self.days(3))
        complaint.action_told()
        self.assertFound(self.late_rule, today=self.days(9))

    def test_late_where_the_company_is(self):
        """The day ends when it does in the time zone of the company."""
        self.company.partner_id.tz = 'Asia/Tokyo'
        complaint = self.tell(answer_due=datetime(2025, 7, 1, 16))  # 2 July there
        self.assertFound(self.late_rule, today=self.days(2))
        self.assertFound(self.late_rule, complaint, today=self.days(3))
        self.assertIn("07/02/2025", self.get_risks(self.late_rule).reason)

    def test_repeated(self):
        """The third complaint about one area in 12 months, answered or not; other areas and older ones do not count."""
        year_ago = TODAY.replace(year=2024)
        self.tell(area_id=self.area.id, date=year_ago)
        self.tell(area_id=self.area.id, date=year_ago + timedelta(days=1)).action_told()
        self.tell(area_id=self.area.id, date=self.days(-5))
        self.tell(area_id=self.other_area.id)
        self.tell(kind='wish', area_id=self.area.id)
        self.tell()
        self.assertFound(self.repeated_rule)
        self.tell(area_id=self.area.id)
        self.assertFound(self.repeated_rule, self.area)
        risk = self.get_risks(self.repeated_rule)
        self.assertRecordValues(risk, [{
            'amount': 250.0, 'reason': "3 complaints about Ropes in 12 months, the last one on 06/30/2025."}])
        self.assertEqual(self.env['key.account.feedback'].search_count(risk.action_fix()['domain']), 4)
        self.assertFound(self.repeated_rule, today=self.days(1))

    def test_other_company(self):
        other = self.create_company("Other", self.company.currency_id)
        account = self.env['key.account'].create({'partner_id': self.customer.id, 'company_id': other.id})
        with freeze_time('2025-06-01'):
            for __ in range(3):
                self.tell(account_id=account.id, area_id=self.area.id, owner_id=self.env.uid)
        for rule in (self.open_rule, self.late_rule, self.repeated_rule):
            self.assertFound(rule, today=self.days(9))
