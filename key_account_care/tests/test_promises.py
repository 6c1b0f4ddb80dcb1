from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TODAY
from .promise_common import TOMORROW, YESTERDAY, PromiseCommon


@tagged('post_install', '-at_install')
class TestPromises(PromiseCommon):
    """A promise is made anywhere, and settled by a person."""

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
