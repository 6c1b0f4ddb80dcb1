from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import SQL

from .common import TODAY
from .relationship_common import RelationshipCommon

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


@tagged('post_install', '-at_install')
class TestPromises(RelationshipCommon):
    """A promise is made anywhere, asked about in time, and settled by a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.user_id = cls.ours
        cls.Promise = cls.env['key.account.promise'].with_user(cls.ours)

    def promise(self, date_due=TOMORROW, days_ago=30, **vals):
        """A promise that was made some days ago."""
        promise = self.Promise.create({
            'name': "New drawings", 'account_id': self.account.id, 'contact_id': self.ada.id, 'date_due': date_due, **vals})
        self.env.flush_all()
        self.env.cr.execute("UPDATE key_account_promise SET create_date = %s WHERE id = %s", [
            datetime.combine(TODAY - timedelta(days=days_ago), datetime.min.time()), promise.id])
        promise.invalidate_recordset(['create_date'])
        return promise

    def run_night(self, today=TODAY, accounts=None):
        self.env.flush_all()
        self.env['key.account.promise']._refresh_promises(self.company, today, accounts or self.env['key.account'])
        self.env.invalidate_all()

    def name_date(self, promise, date, kind='late', write=False):
        action = promise.action_will_be_late() if kind == 'late' else promise.action_renegotiate()
        wizard = Form(self.env[action['res_model']].with_user(self.ours).with_context(**action['context']))
        wizard.date, wizard.reason = date, "A part is missing"
        wizard = wizard.save()
        return wizard.action_apply_and_write() if write else wizard.action_apply()

    def write_mail(self, promise):
        action = promise.action_write()
        self.assertEqual(action['res_model'], 'mail.compose.message')
        composer = Form(self.env['mail.compose.message'].with_user(self.ours).with_context(**action['context'])).save()
        composer._action_send_mail()
        return composer

    # ------------------------------------------------------------
    # Kept or broken
    # ------------------------------------------------------------

    def test_kept_on_the_last_day_is_in_time(self):
        today, late = self.promise(TODAY), self.promise(YESTERDAY)
        self.assertEqual((today.is_overdue, late.is_overdue), (False, True))
        (today + late).action_keep()
        self.assertRecordValues(today + late, [
            {'state': 'kept', 'done_on': TODAY, 'is_overdue': False},
            {'state': 'kept_late', 'done_on': TODAY, 'is_overdue': False}])

    def test_day_on_which_it_was_kept_is_corrected(self):
        promise = self.promise(YESTERDAY)
        promise.action_keep()
        promise.done_on = YESTERDAY
        self.assertEqual(promise.state, 'kept')
        with self.assertRaisesRegex(ValidationError, "in the future"):
            promise.done_on = TOMORROW
            promise.flush_recordset()

    def test_broken_can_still_be_kept_late_and_reopened(self):
        promise = self.promise(YESTERDAY)
        promise.action_break()
        self.assertEqual(promise.state, 'broken')
        promise.action_keep()
        self.assertEqual(promise.state, 'kept_late')
        promise.action_break()
        self.assertEqual(promise.state, 'kept_late', "what was kept is not broken")
        promise.action_reopen()
        self.assertRecordValues(promise, [{'state': 'open', 'done_on': False}])

    def test_date_stays_but_for_a_slip_of_the_same_day(self):
        fresh = self.promise(days_ago=0)
        fresh.date_due = TODAY
        with self.assertRaisesRegex(UserError, "was promised for that date"):
            self.promise().date_due = TODAY
        fresh.action_keep()
        with self.assertRaisesRegex(UserError, "was promised for that date"):
            fresh.date_due = TOMORROW

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

    # ------------------------------------------------------------
    # Renegotiated
    # ------------------------------------------------------------

    def test_renegotiated_goes_on_as_another(self):
        promise = self.promise(amount=500, source_ref=f'res.partner,{self.customer.id}')
        self.run_night()
        first = promise
        for days in (5, 9):
            action = self.name_date(promise, TODAY + timedelta(days=days), 'agreed')
            self.assertFalse(promise.activity_ids)
            promise = self.Promise.browse(action['res_id'])
        self.assertRecordValues(first, [{'state': 'renegotiated', 'done_on': TODAY, 'date_due': TOMORROW}])
        self.assertRecordValues(promise, [{
            'state': 'open', 'date_due': TODAY + timedelta(days=9), 'first_due': TOMORROW, 'asked_on': False, 'amount': 500,
            'contact_id': self.ada.id, 'user_id': self.ours.id}])
        self.assertEqual(promise.replaced_ids.replaced_ids, first)
        self.assertEqual(promise.source_ref, self.customer)
        with self.assertRaisesRegex(UserError, "goes on under its new date"):
            first.action_reopen()

    # ------------------------------------------------------------
    # From any place
    # ------------------------------------------------------------

    def test_from_any_place(self):
        order = self.create_order(self.ada, TODAY)
        lead = self.env['crm.lead'].create({'name': "Wish", 'partner_id': self.customer.id, 'type': 'opportunity'})
        review = self.env['key.account.review'].create({
            'account_id': self.account.id, 'type_id': self.env['key.account.review.type'].create({'name': "Quarterly"}).id})
        agreement = self.env['key.account.agreement'].create({'account_id': self.account.id})
        nothing = {'contact_id': False, 'review_id': False}
        for name, record, expected in (
            ('account', self.account, {}), ('sale_order', order, {'contact_id': self.ada.id}),
            ('lead', lead, {}), ('partner', self.ada, {'contact_id': self.ada.id}),
            ('partner', self.customer, {}), ('review', review, {'review_id': review.id}),
            ('agreement', agreement, {}),
        ):
            with self.subTest(record=record):
                action = self.env.ref(f'key_account_care.action_new_promise_{name}').with_user(self.ours).with_context(
                    active_model=record._name, active_id=record.id, active_ids=record.ids).run()
                form = Form(self.Promise.with_context(**action['context']))
                form.name, form.date_due = "Call back", TOMORROW
                promise = form.save()
                self.assertEqual(promise.source_ref, record if name in ('sale_order', 'lead', 'agreement') else None)
                self.assertRecordValues(promise, [{
                    'account_id': self.account.id, 'user_id': self.ours.id, 'state': 'open', **nothing, **expected}])

    def test_from_the_chatter(self):
        """The button beside *Activity* asks for the same; not of what may not be read, and not of what is gone."""
        order = self.create_order(self.ada, TODAY, user_id=self.ours.id)
        action = self.Promise.with_user(self.ours).get_new_action('sale.order', order.id)
        self.assertEqual(action['context']['default_account_id'], self.account.id)
        with self.assertRaises(AccessError):
            self.Promise.with_user(self.ours).get_new_action('ir.cron', self.env['ir.cron'].search([], limit=1).id)
        for model, record_id in (('sale.order', 0), ('no.model', 1)):
            with self.assertRaisesRegex(UserError, "is gone"):
                self.Promise.get_new_action(model, record_id)

    def test_customer_without_account(self):
        stranger = self.create_customer("Stranger")
        with self.assertRaisesRegex(UserError, "no account for “Stranger” yet"):
            self.Promise._get_new_action(stranger)

    def test_contact_of_somebody_else(self):
        stranger = self.create_customer("Stranger", contacts=["Zoe"]).child_ids
        with self.assertRaisesRegex(ValidationError, "Zoe is nobody of Harbor Works"):
            self.promise(contact_id=stranger.id)

    def test_contact_that_was_deleted(self):
        """The customer is still owed what was promised to somebody who is gone."""
        promise = self.promise(contact_id=self.cid.id)
        self.cid.unlink()
        self.env.invalidate_all()
        self.assertRecordValues(promise, [{'contact_id': False, 'state': 'open', 'account_id': self.account.id}])

    def test_source_that_was_deleted(self):
        lead = self.env['crm.lead'].create({'name': "Wish", 'partner_id': self.customer.id})
        promise = self.promise(source_ref=f'crm.lead,{lead.id}')
        lead.unlink()
        self.env.invalidate_all()
        values = promise.web_read({'source_ref': {'fields': {'display_name': {}}}})
        self.assertFalse(values[0]['source_ref'])

    # ------------------------------------------------------------
    # Rights, handover, merge
    # ------------------------------------------------------------

    def test_who_sees_and_changes_it(self):
        promise = self.promise()
        for user in (self.ours, self.manager):
            self.assertEqual(self.Promise.with_user(user).search([('id', '=', promise.id)]), promise)
        self.assertFalse(self.Promise.with_user(self.other).search([('id', '=', promise.id)]))
        for user in (self.employee, self.portal_user):
            with self.assertRaises(AccessError):
                self.Promise.with_user(user).search([])
        with self.assertRaises(AccessError):
            promise.unlink()
        with self.assertRaises(AccessError):
            promise.with_user(self.other).action_keep()
        promise.user_id = self.other
        self.assertTrue(promise.with_user(self.other).action_keep() is None, "who gave the word sees it")
        promise.with_user(self.manager).unlink()

    def test_other_company(self):
        company = self.create_company("Second Trading", self.dollar)
        account = self.env['key.account'].with_company(company).create(
            {'partner_id': self.customer.id, 'company_id': company.id})
        promise = self.env['key.account.promise'].with_company(company).create(
            {'name': "Wish", 'account_id': account.id, 'date_due': TODAY})
        self.assertEqual((promise.company_id, promise.currency_id), (company, self.dollar))
        self.run_night()
        self.assertFalse(promise.asked_on)
        self.assertFalse(self.Promise.with_user(self.manager).search([('id', '=', promise.id)]))
        with self.assertRaises(UserError):
            promise.user_id = self.ours  # who does not work for that company

    def test_handover(self):
        mine, colleagues, settled = self.promise(), self.promise(user_id=self.salesperson.id), self.promise()
        settled.action_keep()
        self.run_night()
        wizard = self.env['key.account.handover'].with_user(self.manager).create({
            'account_ids': self.account.ids, 'user_id': self.other.id})
        wizard.action_apply()
        self.assertEqual((mine + colleagues + settled).mapped('user_id'), self.other | self.salesperson | self.ours)
        self.assertEqual((mine.activity_ids.user_id, colleagues.activity_ids.user_id), (self.other, self.salesperson))
        pack = self.account.with_user(self.other)._get_handover_pack()
        self.assertEqual(pack['promises'], mine + colleagues)
        html = self.env['ir.actions.report'].with_user(self.other)._render_qweb_html(
            'key_account_care.report_key_account_handover', self.account.ids)[0].decode()
        self.assertIn("New drawings", html)

    def test_merged_customers_keep_their_promises(self):
        twin = self.create_customer("Harbor Works again", contacts=["Ada"])
        account = self.env['key.account'].create({'partner_id': twin.id})
        promise = self.promise(account_id=account.id, contact_id=twin.child_ids.id)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((self.customer + twin).ids, self.customer)
        self.env.invalidate_all()
        self.assertRecordValues(promise, [{'account_id': self.account.id, 'partner_id': self.customer.id}])

    def test_account_that_is_deleted_takes_its_promises_along(self):
        promise = self.promise()
        self.account.sudo().unlink()
        self.assertFalse(promise.exists())

    def test_share_on_the_account(self):
        self.company.user_ids = [Command.link(self.ours.id)]
        kept, late = self.promise(TODAY), self.promise(YESTERDAY)
        self.promise(TOMORROW)
        old = self.promise(TODAY - timedelta(days=400))
        (kept + late + old).action_keep()
        account = self.account.with_user(self.ours)
        self.assertEqual((account.promise_kept, account.promise_count), (0.5, 2))
        action = account.action_open_promises()
        self.assertEqual(action['res_model'], 'key.account.promise.ledger')
