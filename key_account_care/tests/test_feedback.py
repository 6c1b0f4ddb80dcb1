from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, users

from .feedback_common import FeedbackCommon
from .hypothesis_common import needs_hypothesis, run_examples, strategies

NOON = datetime(2025, 6, 30, 12)


class TestFeedback(FeedbackCommon):
    """Feedback as our people note it: issues and their answers, figures, and who sees what."""

    def get_report(self, *groups, domain=()):
        """Recommendation, average and number of the scores by the first of ``groups``."""
        return {
            group.display_name: values for group, *values in self.env['key.account.feedback.report']._read_group(
                [('company_id', '=', self.company.id), ('score_count', '=', 1), *domain], groups,
                ['recommendation:avg', 'score:avg', 'score_count:sum'])}

    # ------------------------------------------------------------
    # What needs an answer
    # ------------------------------------------------------------

    def test_what_needs_an_answer(self):
        self.company.key_account_feedback_low = 6
        for kind, vals, needs in (
                ('complaint', {}, True), ('complaint', {'score': '10'}, True), ('interview', {'score': '06'}, True),
                ('interview', {'score': '00'}, True), ('interview', {'score': '07'}, False), ('interview', {}, False),
                ('praise', {}, False), ('wish', {}, False), ('news', {}, False), ('help', {}, False)):
            with self.subTest(kind=kind, **vals):
                feedback = self.tell(kind, **vals)
                self.assertEqual(feedback.state, 'new' if needs else False)
                self.assertEqual(len(feedback.activity_ids), needs)

    def test_low_score_of_one_question(self):
        feedback = self.tell('interview', score='09', answer_ids=[
            Command.create({'question_id': self.scored.id, 'score': '02'})])
        self.assertEqual(feedback.state, 'new')
        later = self.tell('interview', score='09', answer_ids=[Command.create({'question_id': self.scored.id})])
        self.assertFalse(later.state)
        later.answer_ids.score = '05'
        self.assertEqual((later.state, later.owner_id), ('new', self.salesperson))
        later.answer_ids.score = '04'
        self.assertEqual(len(later.activity_ids), 1, "Who is asked once is not asked again.")

    def test_owner_and_answer_time(self):
        feedback = self.tell()
        self.assertRecordValues(feedback, [{
            'owner_id': self.salesperson.id, 'severity': '1', 'answer_due': NOON + timedelta(hours=8), 'is_late': False}])
        activity = feedback.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.salesperson, self.today))
        self.assertIn("Harbor Works", activity.summary)
        with freeze_time(NOON + timedelta(hours=9)):
            feedback.invalidate_recordset()
            self.assertTrue(feedback.is_late)
        self.tier.answer_hours = 0
        self.company.key_account_feedback_hours = 30
        self.assertEqual(self.tell().answer_due, NOON + timedelta(hours=30))

    def test_answer_time_in_working_hours(self):
        """From Monday 12:00 UTC, 8 hours of a calendar of 8 to 12 and 13 to 17 in that zone end on Tuesday at 12."""
        calendar = self.env['resource.calendar'].create({'name': "Office", 'tz': 'UTC', 'company_id': self.company.id})
        self.company.resource_calendar_id = calendar
        self.assertEqual(self.tell().answer_due, datetime(2025, 7, 1, 12))

    def test_owner_without_manager(self):
        self.account.user_id = False
        self.assertEqual(self.tell(user_id=self.salesperson_2.id).owner_id, self.salesperson_2)
        self.company.key_account_manager_id = self.manager
        self.assertEqual(self.tell().owner_id, self.manager)
        self.company.key_account_manager_id = False
        nobody = self.tell(user_id=False)
        self.assertEqual((nobody.state, nobody.owner_id.id, nobody.activity_ids.ids), ('new', False, []))

    def test_repeated_complaints(self):
        """Each about the same area within a year counts; those of others, of other areas and of long ago do not."""
        other = self.env['key.account'].create({'partner_id': self.create_customer("Other").id})
        self.tell(area_id=self.quality.id, date=date(2023, 6, 30))
        self.tell(area_id=self.logistics.id)
        self.tell('praise', area_id=self.quality.id)
        self.Feedback.create({'kind': 'complaint', 'account_id': other.id, 'area_id': self.quality.id})
        severities = [self.tell(area_id=self.quality.id, date=day).severity for day in (
            date(2024, 7, 1), date(2025, 1, 1), date(2025, 3, 1), date(2025, 6, 30))]
        self.assertEqual(severities, ['1', '2', '3', '3'])
        without = self.tell()
        self.assertEqual(without.severity, '1')
        without.area_id = self.quality
        self.assertEqual((without.severity, without.repeat_count), ('3', 4))

    # ------------------------------------------------------------
    # Closed loop
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_tell_the_customer(self):
        feedback = self.tell(text="<b>Late</b> again").with_env(self.env)
        with self.assertRaisesRegex(UserError, "what came of it"):
            feedback.action_tell()
        feedback.outcome = "We leave earlier."
        action = feedback.action_tell()
        composer = Form(self.env['mail.compose.message'].with_context(**action['context'])).save()
        self.assertIn("We leave earlier.", composer.body)
        self.assertIn("&lt;b&gt;Late&lt;/b&gt; again", composer.body)
        self.assertEqual(feedback.state, 'new', "A draft tells nobody.")
        composer._action_send_mail()
        self.assertEqual((feedback.state, feedback.told_on, feedback.told_in_time), ('told', NOON, True))
        self.assertIn(self.ada, feedback.message_ids.partner_ids)
        self.assertFalse(feedback.activity_ids, "The owner is done.")
        feedback.action_close()
        self.assertEqual(feedback.state, 'closed')
        feedback.action_reopen()
        with freeze_time(NOON + timedelta(days=9)):
            feedback.action_told()
        self.assertEqual(feedback.told_on, NOON, "The first time counts.")

    def test_tell_nobody(self):
        feedback = self.tell(outcome="Done")
        self.ada.email = False
        with self.assertRaisesRegex(UserError, "no email address"):
            feedback.action_tell()
        self.ada.unlink()
        with self.assertRaisesRegex(UserError, "no email address"):
            feedback.action_tell()
        feedback.action_told()
        self.assertEqual(feedback.state, 'told')

    def test_told_in_time_is_measured(self):
        in_time, late, untold, due, fresh = (self.tell() for __ in range(5))
        in_time.action_told()
        with freeze_time(NOON + timedelta(hours=9)):
            late.action_told()
        untold.action_close()
        due.answer_due = NOON - timedelta(hours=1)
        self.env.flush_all()
        rows = self.env['key.account.feedback.report'].search([('company_id', '=', self.company.id)], order='id')
        self.assertEqual(rows.feedback_id, in_time + late + untold + due + fresh)
        self.assertEqual(rows.mapped('told_in_time'), [1, 0, 0, 0, 0])
        (share,), = self.env['key.account.feedback.report']._read_group(
            [('company_id', '=', self.company.id)], [], ['told_in_time:avg'])
        self.assertEqual(share, 0.25, "What is not due yet does not count.")

    # ------------------------------------------------------------
    # Noting
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_interview_by_hand(self):
        with Form(self.env['key.account.feedback'].with_context(default_account_id=self.account.id)) as form:
            form.partner_id = self.ada
            form.score = '09'
            self.assertEqual(len(form.answer_ids), 3)
            with form.answer_ids.edit(0) as answer:
                answer.score = '08'
        feedback = form.save()
        self.assertEqual(feedback.answer_ids[0].question, "How good are our ropes?")
        self.assertEqual(feedback.answer_ids.mapped('score'), ['08', False, False])
        self.scored.with_user(self.manager).text = "Another question"
        self.assertEqual(feedback.answer_ids[0].question, "How good are our ropes?", "As it was asked.")

    def test_questions_of_a_review_type(self):
        other_company = self.create_company("Other", self.dollar)
        ours, theirs = self.env['key.account.review.type'].create([
            {'name': "Yearly"}, {'name': "Theirs", 'company_id': other_company.id}])
        own = self.env['key.account.question'].create({'text': "About the year", 'review_type_id': ours.id})
        hidden = self.env['key.account.question'].create({'text': "Not here", 'review_type_id': theirs.id})
        Question = self.env['key.account.question']
        everywhere = self.scored + self.compared + self.worded
        self.assertEqual(Question._get_questions(self.company), everywhere)
        self.assertEqual(Question._get_questions(self.company, ours), everywhere + own)
        self.assertNotIn(hidden, Question._get_questions(self.company, theirs))
        review = self.env['key.account.review'].create({'account_id': self.account.id, 'type_id': ours.id})
        self.assertEqual(self.tell('interview', review_id=review.id).review_type_id, ours)

    def test_person_of_another_customer(self):
        stranger = self.create_customer("Other", ["Stan"]).child_ids
        with self.assertRaisesRegex(ValidationError, "Stan does not belong to Harbor Works"):
            self.tell(partner_id=stranger.id)
        with self.assertRaisesRegex(ValidationError, "Stan does not belong to Harbor Works"):
            self.invite(stranger, send=False)

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def test_recommendation_and_average(self):
        other = self.env['key.account'].create({'partner_id': self.create_customer("Other").id})
        for score in ('10', '09', '08', '06'):
            self.tell('interview', score=score, area_id=self.logistics.id)
        self.Feedback.create({'kind': 'interview', 'account_id': other.id, 'score': '00'})
        self.tell('interview', answer_ids=[
            Command.create({'question_id': self.scored.id, 'score': '07'}),
            Command.create({'question_id': self.compared.id, 'expectation': 'less'})])
        self.env.flush_all()
        whole = [('question_id', '=', False)]
        self.assertEqual(self.get_report('account_id', domain=whole), {
            "Harbor Works": [25.0, 8.25, 4], "Other": [-100.0, 0.0, 1]})
        self.assertEqual(self.get_report('area_id', domain=[('account_id', '=', self.account.id)]), {
            "Ropes": [0.0, 7.0, 1], "Ships": [25.0, 8.25, 4]})
        self.assertEqual(self.get_report('tier_id', domain=[*whole, ('tier_id', '!=', False)]), {"Key": [25.0, 8.25, 4]})
        self.assertRecordValues(self.account, [{'feedback_average': 8.25, 'feedback_scores': 4, 'feedback_open': 1}])

    def test_account_counts_a_year(self):
        self.tell('interview', score='10', date=date(2024, 6, 30))
        self.tell('interview', score='08', date=date(2024, 7, 1))
        self.assertRecordValues(self.account, [{'feedback_average': 8.0, 'feedback_scores': 1}])
        self.assertEqual(self.account._get_unanswered_feedback().ids, [])
        complaint = self.tell()
        self.assertEqual(self.account._get_unanswered_feedback(), complaint)

    def test_query_count_does_not_grow(self):
        """Figures of twice as many accounts take as many queries."""
        accounts = self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {number}").id} for number in range(4)])
        names = ['feedback_average', 'feedback_open', 'invitation_count']
        few = self.count_queries(accounts[:2].read, names)
        self.assertEqual(self.count_queries(accounts.read, names), few)

    # ------------------------------------------------------------
    # Who sees what
    # ------------------------------------------------------------

    def test_rights(self):
        news = self.tell('news', competitor="Rope & Co", text="They deliver on Sundays", user_id=self.manager.id)
        answer = self.tell('interview', answer_ids=[
            Command.create({'question_id': self.worded.id, 'text': "Faster"})], user_id=self.manager.id).answer_ids
        invitation = self.invite(send=False)
        everything = (news, answer, invitation, self.env['key.account.feedback.report'].browse(news.id * 2))
        for user, sees in ((self.salesperson, True), (self.manager, True), (self.salesperson_2, False)):
            with self.subTest(user=user.login):
                for record in everything:
                    self.assertEqual(bool(record.with_user(user).search([('id', '=', record.id)])), sees)
                    self.assertEqual(record.with_user(user).has_access('read'), sees)
        for user in (self.employee, self.portal_user):
            for record in everything:
                with self.assertRaises(AccessError):
                    record.with_user(user).search([])
        self.account.member_ids = self.salesperson_2
        found = self.Feedback.with_user(self.salesperson_2).search([('text', 'ilike', 'sunday'), ('kind', '=', 'news')])
        self.assertEqual(found, news)
        with self.assertRaises(AccessError):
            invitation.with_user(self.manager).read(['access_token'])

    def test_another_company(self):
        other = self.create_company("Other", self.dollar)
        stranger = new_test_user(
            self.env, 'ka_other', 'sales_team.group_sale_manager', company_id=other.id, company_ids=[Command.set(other.ids)])
        feedback = self.tell('news')
        self.assertFalse(self.Feedback.with_user(stranger).with_context(
            allowed_company_ids=other.ids).search([('id', '=', feedback.id)]))
        self.assertFalse(feedback.with_user(stranger).with_context(allowed_company_ids=other.ids).has_access('read'))

    def test_merged_customers(self):
        """What the customers said, whom we asked and what they answered go with them."""
        kept = self.create_customer("Kept")
        account = self.env['key.account'].create({'partner_id': kept.id, 'user_id': self.salesperson.id})
        feedback, invitation = self.tell(), self.invite(self.bea)
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer + kept).ids, kept)
        left = self.env['key.account'].search([('partner_id', '=', kept.id)])
        self.assertEqual((feedback.account_id, invitation.account_id), (left, left))
        self.assertEqual(len(left & (account | self.account)), 1)

    # ------------------------------------------------------------
    # Whatever somebody writes
    # ------------------------------------------------------------

    @needs_hypothesis
    def test_any_form(self):
        words = strategies.text(max_size=30)
        scores = strategies.one_of(strategies.sampled_from(['00', '06', '07', '10', '7', '11', '']), words)
        run_examples(self.fill_in, scores, scores, words, words, max_examples=40)

    def fill_in(self, score, detail, text, other):
        """What makes sense is noted as it was written, the rest is nothing; a low score needs an answer."""
        form = {'score': score, f'question_{self.scored.id}': detail, 'text': text, f'question_{self.worded.id}': other,
                'expectation': other, 'state': 'closed', 'account_id': text}
        known = [f'{number:02}' for number in range(11)]
        score, detail = (value in known and value for value in (score, detail))
        text, other = (value.replace('\r\n', '\n').replace('\x00', '').strip() or False for value in (text, other))
        if not any((score, detail, text, other)):
            with self.assertRaises(UserError):
                self.Feedback._read_form(form, self.scored + self.worded)
            return
        feedback = self.tell('interview', **self.Feedback._read_form(form, self.scored + self.worded))
        feedback.invalidate_recordset()
        answers = {answer.question_id: answer for answer in feedback.answer_ids}
        self.assertEqual((feedback.score, feedback.text, feedback.expectation), (score, text, False))
        self.assertEqual(answers[self.scored].score if detail else False, detail)
        self.assertEqual(answers[self.worded].text if other else False, other)
        self.assertEqual(len(answers), bool(detail) + bool(other))
        low = any(value and int(value) <= 6 for value in (score, detail))
        self.assertEqual(feedback.state, 'new' if low else False)
