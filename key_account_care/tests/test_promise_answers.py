from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from .common import TODAY
from .promise_common import TOMORROW, YESTERDAY, PromiseCommon


@tagged('post_install', '-at_install')
class TestPromiseAnswers(PromiseCommon):
    """Whoever has promised something is asked in time whether it will hold, and the customer is told when it will not."""

    # ------------------------------------------------------------
    # Will it hold?
    # ------------------------------------------------------------

    def test_night_asks_once_and_in_time(self):
        early, due, they, over = (
            self.promise(TODAY + timedelta(days=4)), self.promise(TODAY + timedelta(days=3)),
            self.promise(TOMORROW, direction='they'), self.promise(YESTERDAY))
        settled, answered = self.promise(), self.promise()
        settled.action_keep()
        answered.action_will_hold()
        for __ in range(2):
            self.run_night()
        promises = early + due + they + over + settled + answered
        self.assertEqual([(each.asked_on, each.activity_ids.mapped('summary')) for each in promises], [
            (False, []), (TODAY, ["Will this promise hold?"]), (TODAY, ["Will they keep this promise?"]),
            (TODAY, ["Was this promise kept?"]), (False, []), (False, [])])
        self.assertRecordValues(due.activity_ids, [{
            'user_id': self.ours.id, 'date_deadline': TODAY + timedelta(days=2), 'automated': True, 'active': True,
            'res_name': "New drawings", 'res_model_id': self.env['ir.model']._get_id('key.account.promise'),
            'activity_type_id': self.env.ref('mail.mail_activity_data_todo').id}])
        self.assertEqual(over.activity_ids.date_deadline, TODAY)
        self.run_night(TOMORROW)
        self.assertEqual((early.asked_on, len(due.activity_ids)), (TOMORROW, 1))

    def test_night_asks_again_when_it_is_over(self):
        """Unless the first question still waits; what was said to be late is asked about after the later day."""
        silent, hold, late = self.promise(), self.promise(), self.promise()
        hold.action_will_hold()
        self.name_date(late, TODAY + timedelta(days=4))
        late.action_told()
        for days in range(8):
            self.run_night(TODAY + timedelta(days=days))
        self.assertEqual([(each.asked_on, each.activity_ids.mapped('summary')) for each in silent + hold + late], [
            (TODAY, ["Will this promise hold?"]), (TODAY + timedelta(days=2), ["Was this promise kept?"]),
            (TODAY + timedelta(days=5), ["Was this promise kept?"])])

    def test_setting_says_how_early(self):
        promise = self.promise(TODAY + timedelta(days=10))
        self.company.key_account_promise_days = 9
        self.run_night()
        self.assertFalse(promise.asked_on)
        self.company.key_account_promise_days = 10
        self.run_night()
        self.assertTrue(promise.asked_on)

    def test_question_in_the_language_of_who_is_asked(self):
        self.env['res.lang']._activate_lang('nb_NO')
        self.ours.lang = 'nb_NO'
        promise, others = self.promise(), self.promise(user_id=self.other.id)
        questions = SQL("('en_US', 'we', 'Will it?'), ('nb_NO', 'we', 'Holder det?')")
        with patch.object(self.registry['key.account.promise'], '_questions_sql', lambda promises: questions):
            self.run_night()
        self.assertEqual((promise + others).activity_ids.mapped('summary'), ["Holder det?", "Will it?"])

    def test_manager_is_asked_for_who_is_gone(self):
        gone, nobody = self.promise(user_id=self.other.id), self.promise(user_id=False)
        self.other.active = False
        self.run_night()
        self.assertEqual((gone + nobody).activity_ids.user_id, self.ours)
        promise = self.promise(user_id=False)
        self.account.user_id = False
        self.run_night()
        self.assertFalse(promise.asked_on, "asked as soon as there is somebody to ask")

    def test_night_takes_as_many_queries_for_many(self):
        def run():
            self.env['key.account.promise']._refresh_promises(self.company, TODAY, self.env['key.account'])

        run()
        self.promise()
        few = self.count_queries(run)
        promises = self.Promise.create([
            {'name': "Wish", 'account_id': self.account.id, 'date_due': TODAY}] * 30)
        self.assertEqual(self.count_queries(run), few)
        self.assertEqual(len(promises.activity_ids), 30)

    def test_chosen_accounts_and_archived_ones(self):
        promise = self.promise()
        other = self.env['key.account'].create({'partner_id': self.create_customer("Other").id})
        self.run_night(accounts=other)
        self.assertFalse(promise.asked_on)
        self.customer.active = False
        self.run_night()
        self.assertFalse(promise.asked_on)

    def test_answer_ends_the_question(self):
        hold, keep = self.promise(), self.promise()
        self.run_night()
        by_hand = hold.activity_schedule('mail.mail_activity_data_todo', automated=False)
        hold.action_will_hold()
        keep.action_keep()
        self.assertEqual((hold + keep).activity_ids, by_hand, "what a person planned stays")
        self.assertEqual(hold.forecast, 'hold')

    # ------------------------------------------------------------
    # Will be late
    # ------------------------------------------------------------

    def test_late_becomes_a_call_and_a_mail(self):
        promise = self.promise()
        self.run_night()
        self.assertEqual(self.name_date(promise, TODAY + timedelta(days=9), write=True)['res_model'], 'mail.compose.message')
        self.assertRecordValues(promise, [{
            'state': 'open', 'date_due': TOMORROW, 'forecast': 'late', 'told_on': False,
            'expected_on': TODAY + timedelta(days=9)}])
        self.assertRecordValues(promise.activity_ids, [{
            'activity_type_id': self.env.ref('mail.mail_activity_data_call').id, 'date_deadline': TODAY,
            'user_id': self.ours.id, 'summary': "Tell Ada that it will be late"}])
        composer = self.write_mail(promise)
        self.assertEqual(composer.partner_ids, self.ada)
        self.assertIn("07/09/2025", composer.body)
        self.assertNotIn("A part is missing", composer.body, "the reason is for us")
        self.assertEqual(promise.told_on, TODAY)
        self.assertFalse(promise.activity_ids)

    def test_call_that_is_done_is_the_telling(self):
        by_call, by_button, other = self.promise(), self.promise(), self.promise()
        for promise in (by_call, by_button):
            self.name_date(promise, TODAY + timedelta(days=9))
        other.activity_schedule('mail.mail_activity_data_call')
        (by_call + other).activity_ids.action_feedback()
        by_button.action_told()
        self.assertEqual((by_call + by_button + other).mapped('told_on'), [TODAY, TODAY, False])
        self.assertFalse(by_button.activity_ids)

    def test_told_once(self):
        promise = self.promise(TODAY + timedelta(days=2))
        self.name_date(promise, TODAY + timedelta(days=9))
        promise.action_told()
        with freeze_time(datetime.combine(TODAY + timedelta(days=5), datetime.min.time())):
            promise.action_told()
        self.assertEqual(promise.told_on, TODAY)

    def test_told_again_only_of_what_is_later(self):
        promise = self.promise()
        self.name_date(promise, TODAY + timedelta(days=9))
        promise.action_told()
        with freeze_time(f'{TOMORROW} 12:00:00'):
            self.name_date(promise, TODAY + timedelta(days=6))
            self.assertEqual((promise.told_on, len(promise.activity_ids)), (TODAY, 0))
            self.name_date(promise, TODAY + timedelta(days=7))
            self.assertEqual((promise.told_on, len(promise.activity_ids)), (False, 1))

    def test_what_they_promised_needs_no_telling(self):
        promise = self.promise(direction='they')
        self.name_date(promise, TODAY + timedelta(days=9))
        self.assertEqual((promise.told_on, promise.activity_ids.ids), (TODAY, []))

    def test_contact_without_address_is_called(self):
        self.ada.email = False
        promise = self.promise()
        self.name_date(promise, TODAY + timedelta(days=9))
        self.assertTrue(promise.activity_ids)
        with self.assertRaisesRegex(UserError, "nobody with a mail address"):
            promise.action_write()

    def test_dates_that_make_no_sense(self):
        promise = self.promise(TOMORROW)
        for kind, date, message in (
            ('late', TOMORROW, "That is not late"), ('late', TODAY, "That is not late"),
            ('agreed', YESTERDAY, "That day is over"),
        ):
            with self.subTest(kind=kind, date=date), self.assertRaisesRegex(ValidationError, message):
                self.name_date(promise, date, kind)
        action = promise.action_will_be_late()
        wizard = self.env[action['res_model']].with_user(self.ours).create({
            'promise_id': promise.id, 'kind': 'late', 'date': TODAY + timedelta(days=9)})
        promise.action_keep()
        with self.assertRaisesRegex(UserError, "settled already"):
            wizard.action_apply()
