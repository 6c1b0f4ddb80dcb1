from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, users
from odoo.tools import SQL, mute_logger

from .feedback_common import FeedbackCommon

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
    # Invitations
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_send(self):
        invitation = self.invite(send=False).with_env(self.env)
        invitation.action_send()
        self.assertRecordValues(invitation, [{
            'state': 'sent', 'sent_on': self.today, 'expires_on': date(2025, 7, 30), 'mail_failure': False}])
        secret = invitation.sudo()
        self.assertGreaterEqual(len(secret.access_token), 40)
        mail, old = secret.mail_id, secret.access_token
        self.assertEqual((mail.state, mail.recipient_ids), ('outgoing', self.ada))
        self.assertIn(f'/feedback/{invitation.id}?access_token={old}', mail.body_html)
        invitation.action_send()
        self.assertNotEqual(secret.access_token, old, "The link of the mail before does not work any more.")
        self.assertEqual(mail.state, 'cancel')
        invitation.action_cancel()
        self.assertEqual((invitation.state, secret.access_token, secret.mail_id.state), ('cancelled', False, 'cancel'))

    def test_send_in_the_language_of_the_person(self):
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.env.ref('key_account_care.mail_template_feedback_invitation')
        template.with_context(lang='fr_FR').subject = "Votre avis"
        self.ada.lang = 'fr_FR'
        invitations = self.invite(send=False) + self.invite(self.bea, send=False)
        invitations.action_send()
        self.assertEqual(invitations[0].sudo().mail_id.subject, "Votre avis")
        self.assertNotEqual(invitations[1].sudo().mail_id.subject, "Votre avis")

    def test_send_to_nowhere(self):
        self.bea.email, self.cid.email = False, "cid at home"
        invitations = self.invite(send=False) + self.invite(self.bea, send=False) + self.invite(self.cid, send=False)
        with self.assertRaisesRegex(UserError, "Bea, Cid: no valid email address"):
            invitations.action_send()
        self.assertEqual(set(invitations.mapped('state')), {'proposed'})

    @mute_logger('odoo.addons.mail.models.mail_mail', 'odoo.addons.base.models.ir_mail_server')
    def test_mail_server_down(self):
        """The failure is shown, the night puts the mail back into the queue, and the next try forgets the failure."""
        invitation = self.invite()
        mail = invitation.sudo().mail_id
        connect = self.registry['ir.mail_server']
        with self.mock_connect(connect, fail=True):
            mail.send()
        self.assertEqual((mail.state, invitation.state), ('exception', 'sent'))
        self.assertIn("broken", invitation.mail_failure)
        self.refresh()
        self.assertEqual(mail.state, 'outgoing')
        mail._postprocess_sent_message(success_pids=self.ada.ids, success_emails=[])
        self.assertFalse(invitation.mail_failure)
        self.assertFalse(mail.exists(), "The link is nowhere but in the mail.")
        self.assertEqual(invitation.state, 'sent')

    def mock_connect(self, server, fail):
        """A mail server that cannot be reached."""

        def connect(*args, **kwargs):
            raise OSError("broken on purpose")

        return patch.object(server, '_connect__', connect)

    # ------------------------------------------------------------
    # Whom to ask next
    # ------------------------------------------------------------

    def propose(self, day=None):
        """The nightly step on a day; the people who are proposed by then."""
        self.env.flush_all()
        self.Invitation._refresh_invitations(self.company, day or self.today, self.env['key.account'])
        self.env.invalidate_all()
        return self.Invitation.search([('account_id', '=', self.account.id)], order='id').filtered(
            lambda invitation: invitation.proposed_on == (day or self.today)).partner_id.sorted('name').mapped('name')

    def make_due(self):
        self.account.with_context(tracking_disable=True).flush_recordset()
        self.env.cr.execute(SQL("UPDATE key_account SET tier_since = '2020-01-01' WHERE id = %s", self.account.id))
        self.account.invalidate_recordset()

    def test_propose(self):
        self.make_due()
        self.env['key.account.relationship'].create(
            {'account_id': self.account.id, 'user_id': self.salesperson.id, 'partner_id': self.cid.id})
        self.env.cr.execute(SQL(
            "UPDATE key_account_relationship SET strength = 50 WHERE partner_id = %s", self.cid.id))
        self.assertEqual(self.propose(), ["Ada", "Cid"], "Whom we know best, then in their order.")
        invitations = self.Invitation.search([('account_id', '=', self.account.id)])
        self.assertEqual(set(invitations.mapped('state')), {'proposed'}, "Nothing is sent by itself.")
        activity = self.account.activity_ids
        self.assertRecordValues(activity, [{
            'user_id': self.salesperson.id, 'date_deadline': date(2025, 7, 7), 'res_name': "Harbor Works",
            'activity_type_id': self.env.ref('mail.mail_activity_data_email').id}])
        self.assertEqual(self.account.invitation_count, 2)
        self.propose()
        self.assertEqual(len(self.account.activity_ids), 1, "Once.")
        invitations[0].action_cancel()
        self.assertTrue(activity.active)
        invitations[1].with_user(self.manager).action_send()
        self.assertFalse(activity.active, "Nothing is left to send.")
        self.assertEqual(self.propose(date(2025, 12, 29)), [])
        self.assertEqual(self.propose(date(2025, 12, 30)), ["Bea", "Cid"], "Who was not asked yet comes first.")

    def test_propose_whom_it_can(self):
        self.make_due()
        self.tier.satisfaction_people = 9
        self.ada.email = "nonsense"
        self.bea.key_account_left_on = self.today
        self.env['res.partner'].create({
            'name': "Box", 'parent_id': self.customer.id, 'type': 'delivery', 'email': 'box@harbor.example'})
        blocked, gone, __ = self.env['res.partner'].create([
            {'name': name, 'parent_id': self.customer.id, 'email': f'{name}@harbor.example'} for name in ("dan", "eva", "fay")])
        self.env['mail.blacklist']._add(blocked.email)
        gone.active = False
        self.assertEqual(self.propose(), ["Cid", "fay"])

    def test_propose_only_when_due(self):
        self.make_due()
        self.tell('interview', date=date(2025, 1, 1))
        self.assertEqual(self.propose(), [], "Somebody was asked in a meeting.")
        self.Feedback.search([]).date = date(2024, 12, 30)
        for vals in ({'satisfaction_months': 0}, {'satisfaction_people': 0}):
            before = self.tier.read(list(vals))[0]
            self.tier.write(vals)
            self.assertEqual(self.propose(), [])
            self.tier.write({name: before[name] for name in vals})
        self.account.user_id = False
        self.assertEqual(self.propose(), [], "There is nobody to look at it.")
        self.account.user_id = self.salesperson
        self.assertEqual(self.propose(), ["Ada", "Bea"])

    def test_first_questions_are_spread(self):
        """Accounts that were never asked come due one by one over the rhythm of their tier, not all on the first night."""
        self.assertEqual(self.account.tier_since, self.today)
        wait = self.account.id % 180
        self.assertEqual(self.propose(self.today + timedelta(days=wait - 1)) if wait else [], [])
        self.assertEqual(self.propose(self.today + timedelta(days=wait)), ["Ada", "Bea"])

    def test_propose_takes_as_many_queries_for_many(self):
        def run():
            self.Invitation._refresh_invitations(self.company, self.today, self.env['key.account'])

        self.make_due()
        run()
        few = self.count_queries(run)
        accounts = self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {number}", ["Somebody"]).id, 'user_id': self.salesperson.id,
             'tier_id': self.tier.id} for number in range(5)])
        accounts.partner_id.child_ids.email = 'somebody@somewhere.example'
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE key_account SET tier_since = '2020-01-01' WHERE id IN %s", tuple(accounts.ids)))
        self.assertEqual(self.count_queries(run), few)
        self.assertEqual(self.Invitation.search_count([('account_id', 'in', accounts.ids)]), 5)

    def test_activity_in_the_language_of_the_manager(self):
        self.make_due()
        self.env['res.lang']._activate_lang('sl_SI')
        self.salesperson.lang = 'sl_SI'
        texts = {'en_US': "Ask", 'sl_SI': "Vprašaj"}
        with patch.object(self.registry[self.Invitation._name], '_get_proposal_summary', lambda records: (
                texts.get(records.env.lang, "Ask"))):
            self.propose()
        self.assertEqual(self.account.activity_ids.summary, "Vprašaj")
