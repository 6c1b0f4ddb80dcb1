from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, users

from ..hooks import _keep_meetings
from .common import KeyAccountCommon


class TestReviews(KeyAccountCommon):
    """One review from its plan to its minutes, with people on both sides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = 'UTC'
        cls.champion, cls.decider = (
            cls.env.ref(f'key_account_care.buying_role_{role}') for role in ('champion', 'decision_maker'))
        cls.customer = cls.create_customer("Harbor Works", lang='en_US')
        cls.ada, cls.bea, cls.cid = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': email, 'key_account_role_ids': [Command.set(roles.ids)]}
            for name, email, roles in (
                ("Ada", 'ada@harbor.example', cls.champion), ("Bea", False, cls.decider),
                ("Cid", 'cid@harbor.example', cls.champion.browse()))])
        cls.set_tiers({'rule': 'amount', 'amount_min': 0, 'review_months': 3})
        cls.account = cls.env['key.account'].create({
            'partner_id': cls.customer.id, 'user_id': cls.salesperson.id, 'sponsor_id': cls.manager.id,
            'member_ids': [Command.set(cls.salesperson_2.ids)]})
        cls.kind = cls.env['key.account.review.type'].create({
            'name': "Business review", 'duration': 1.0, 'agenda': "Deliveries\n\n Prices ",
            'role_ids': [Command.set((cls.champion + cls.decider).ids)], 'with_sponsor': True})
        cls.review = cls.env['key.account.review'].create({
            'account_id': cls.account.id, 'type_id': cls.kind.id, 'due_date': date(2025, 7, 3)})
        cls.mine = cls.review.with_user(cls.salesperson)
        cls.ours = cls.salesperson.partner_id | cls.manager.partner_id

    def plan(self, start=datetime(2025, 7, 2, 9), **options):
        self.mine._plan_meeting(start, self.ours | self.ada, 1.0, **options)
        return self.mine.event_id

    def hold(self, **vals):
        """Held this morning."""
        self.plan(datetime(2025, 6, 30, 9))
        self.mine.write({'minutes': "<p>All is well</p>", **vals})
        self.mine.action_hold()

    def wizard(self):
        return self.env['key.account.review.plan'].with_user(self.salesperson).browse(self.mine.action_plan()['res_id'])

    def meet(self, start, hours, *people, **vals):
        return self.env['calendar.event'].with_context(no_mail_to_attendees=True, dont_notify=True).create({
            'name': "Secret", 'start': start, 'stop': start + timedelta(hours=hours),
            'partner_ids': [Command.set([person.partner_id.id for person in people])], **vals})

    # ------------------------------------------------------------
    # Who, and when
    # ------------------------------------------------------------

    def test_who_has_to_attend(self):
        self.assertEqual(self.review.attendee_ids, self.ours | self.ada | self.bea)
        self.assertIn("No email address: Bea.", self.review.attendee_note)
        self.kind.with_team = True
        self.assertIn(self.salesperson_2.partner_id, self.review._get_default_attendees())
        self.review.attendee_ids = self.ours
        self.assertIn("Nobody of the customer is among the attendees.", self.review.attendee_note)
        self.assertIn("Nobody attends who is Decision maker, Champion.", self.review.attendee_note)
        self.account.sponsor_id = False
        self.assertIn("no executive sponsor", self.review.attendee_note)

    def test_free_times(self):
        """Within working hours, not on July 1 in the morning, when the sponsor is in a meeting that is not ours to read."""
        self.meet(datetime(2025, 7, 1, 7), 5.25, self.manager, privacy='private')
        self.meet(datetime(2025, 7, 2, 0), 24, self.salesperson, show_as='free')
        wizard = self.wizard()
        free = wizard.slot_ids.mapped('start')
        self.assertEqual(free[0], datetime(2025, 7, 1, 13))
        self.assertEqual(wizard.start, free[0])
        self.assertTrue(all(
            {opens.weekday() < 5, opens.minute in (0, 30), opens > datetime(2025, 6, 30, 12)} == {True} for opens in free))
        self.assertIn(date(2025, 7, 2), [start.date() for start in free])
        self.assertEqual(len(free), 6)

    def test_nobody_is_free(self):
        self.manager.sudo().write({'out_of_office_from': datetime(2025, 6, 1), 'out_of_office_to': datetime(2026, 6, 1)})
        wizard = self.wizard()
        self.assertFalse(wizard.slot_ids)
        self.assertIn("No time is free", wizard.start_note)
        with self.assertRaisesRegex(UserError, "Choose when"):
            wizard.action_plan()
        wizard.start = datetime(2025, 7, 1, 9)
        self.assertIn("Not free at that time: ka_manager", wizard.start_note)
        wizard.action_plan()
        self.assertEqual(self.review.state, 'planned')

    def test_declined_meetings_are_free(self):
        event = self.meet(datetime(2025, 7, 1, 7), 10, self.manager)
        event.attendee_ids.state = 'declined'
        self.assertEqual(self.wizard().start.date(), date(2025, 7, 1))

    def test_daylight_saving(self):
        """Nine o'clock in Brussels before and after the clocks change on October 26, 2025."""
        self.company.resource_calendar_id.tz = 'Europe/Brussels'
        self.company.resource_calendar_id.attendance_ids.filtered(
            lambda hours: hours.day_period == 'morning').write({'hour_from': 9, 'hour_to': 12})
        self.company.partner_id.tz = 'Europe/Brussels'
        wizard = self.wizard()
        wizard.write({'first_day': date(2025, 10, 24)})
        wizard.action_propose()
        mornings = [start for start in wizard.slot_ids.mapped('start') if start.hour < 10]
        self.assertEqual(mornings[:2], [datetime(2025, 10, 24, 7), datetime(2025, 10, 27, 8)])

    def test_other_times_for_other_people(self):
        self.manager.write({'out_of_office_from': datetime(2025, 6, 1), 'out_of_office_to': datetime(2026, 6, 1)})
        wizard = self.wizard()
        wizard.attendee_ids -= self.manager.partner_id
        wizard.action_propose()
        self.assertEqual(len(wizard.slot_ids), 6)
        with Form(wizard) as form:
            self.assertEqual(form.attendee_note, "No email address: Bea. They get neither invitation nor minutes.")
            form.attendee_ids.remove(id=self.ada.id)
            self.assertIn("Nobody attends who is Champion.", form.attendee_note)
            form.slot_id = wizard.slot_ids[2]
            self.assertEqual(form.start, wizard.slot_ids[2].start)

    # ------------------------------------------------------------
    # In the calendar
    # ------------------------------------------------------------

    def test_planned_with_both_sides(self):
        """Nobody is written to unless the user says so."""
        event = self.plan()
        self.assertRecordValues(event, [{
            'start': datetime(2025, 7, 2, 9), 'stop': datetime(2025, 7, 2, 10), 'user_id': self.salesperson.id,
            'partner_ids': (self.ours | self.ada).ids, 'res_model': 'key.account.review', 'res_id': self.review.id}])
        self.assertRecordValues(self.review, [{'state': 'planned', 'date': datetime(2025, 7, 2, 9), 'duration': 1.0}])
        self.assertEqual(self.review.activity_ids.calendar_event_id, event)
        self.assertEqual(self.review.topic_ids.mapped('name')[:2], ["Deliveries", "Prices"])
        self.assertFalse(self.find_mails())

    def find_mails(self):
        """:return: what the customer's people were written about meetings"""
        return self.env['mail.message'].search([
            ('model', '=', 'calendar.event'), ('partner_ids', 'in', (self.ada + self.cid).ids)])

    def test_invited(self):
        event = self.plan(invite=True)
        self.assertEqual(self.find_mails().res_id, event.id)
        self.plan(datetime(2025, 7, 2, 9), invite=True)
        self.assertEqual(len(self.find_mails()), 1, "Once is enough.")

    def test_invited_later(self):
        """One mail with the new time, not one about a change of what they had not heard of."""
        self.plan()
        self.plan(datetime(2025, 7, 8, 9), invite=True)
        self.assertEqual(len(self.find_mails()), 1)
        self.assertIn("Invitation", self.find_mails().subject)
        self.assertTrue(self.review.invited)

    def test_moved_in_the_calendar(self):
        """Whoever moves the event moves the review, silently for a customer who was not invited."""
        event = self.plan()
        event.with_user(self.employee).sudo().write({'start': datetime(2025, 7, 8, 14), 'stop': datetime(2025, 7, 8, 16)})
        self.assertRecordValues(self.review, [{'date': datetime(2025, 7, 8, 14), 'duration': 2.0, 'state': 'planned'}])
        self.assertEqual(self.review.activity_ids.date_deadline, date(2025, 7, 8))
        event.partner_ids += self.cid
        self.assertIn(self.cid, self.review.attendee_ids)
        self.assertFalse(self.find_mails())

    def test_moved_in_the_review(self):
        event = self.plan()
        self.mine.write({'date': datetime(2025, 7, 9, 8), 'duration': 1.5})
        self.assertEqual((event.start, event.stop), (datetime(2025, 7, 9, 8), datetime(2025, 7, 9, 9, 30)))
        self.mine.attendee_ids -= self.ada
        self.assertEqual(event.partner_ids, self.ours)
        self.assertEqual(self.wizard().start, datetime(2025, 7, 9, 8))
        self.plan(datetime(2025, 7, 10, 8))
        self.assertEqual((event.start, self.mine.event_id), (datetime(2025, 7, 10, 8), event))

    def test_deleted_in_the_calendar(self):
        """The review is due again, and its activity is still there."""
        for how in ('unlink', 'action_archive'):
            event = self.plan()
            getattr(event, how)()
            self.assertRecordValues(self.review, [{'state': 'due', 'date': False}])
            self.assertEqual(len(self.review.activity_ids), 1)
            self.assertFalse(self.review.activity_ids.calendar_event_id)
        event.action_unarchive()
        self.assertEqual((self.review.state, self.review.date), ('planned', event.start))

    def test_deleted_after_it_was_held(self):
        self.hold()
        self.mine.event_id.unlink()
        self.assertRecordValues(self.review, [{'state': 'held', 'date': datetime(2025, 6, 30, 9)}])

    def test_cancel_and_reopen(self):
        event = self.plan()
        self.mine.action_cancel()
        self.assertFalse(event.exists())
        self.assertFalse(self.review.activity_ids)
        self.assertEqual(self.review.state, 'cancelled')
        self.mine.action_reopen()
        self.assertEqual(self.review.state, 'due')

    def test_without_attendees(self):
        with self.assertRaisesRegex(UserError, "a meeting needs people"):
            self.mine._plan_meeting(datetime(2025, 7, 2, 9), self.env['res.partner'], 1.0)
        self.mine._plan_meeting(datetime(2025, 7, 2, 9), self.bea, 1.0, invite=True)
        self.assertEqual(self.mine.event_id.partner_ids, self.bea)

    def test_in_the_past(self):
        """A meeting that was forgotten is noted, and held; nobody is invited to it."""
        wizard = self.wizard()
        wizard.write({'start': datetime(2025, 6, 2, 9), 'invite': True})
        self.assertIn("This time is past", wizard.start_note)
        wizard.action_plan()
        self.assertFalse(self.review.invited)
        self.mine.action_hold()
        self.assertRecordValues(self.review, [{'state': 'held', 'on_time': 1.0}])

    # ------------------------------------------------------------
    # Agenda
    # ------------------------------------------------------------

    def test_agenda(self):
        """What the last meeting left open, and what the facts say; twice gives nothing new."""
        self.hold(decision_ids=[
            Command.create({'name': "Send samples", 'user_id': self.salesperson.id, 'deadline': date(2025, 7, 1)}),
            Command.create({'name': "Name a buyer", 'partner_id': self.ada.id}),
            Command.create({'name': "Weekly calls", 'kind': 'decision'})])
        self.review.decision_ids.filtered(lambda each: each.name == "Name a buyer").is_done = True
        following = self.mine.create({'account_id': self.account.id, 'type_id': self.kind.id, 'date': datetime(2025, 9, 1, 9)})
        self.assertEqual(following.previous_id, self.mine)
        self.env['key.account.objective'].create({
            'name': "Half of all orders by EDI", 'account_id': self.account.id, 'year': 2025, 'measure': 'free',
            'target_value': 50.0})
        following.action_fill_agenda()
        names = following.topic_ids.mapped('name')
        self.assertEqual(names[:2], ["Deliveries", "Prices"])
        self.assertIn("Open: Send samples (ka_salesperson (sales_team.group_sale_salesman))", names)
        self.assertIn("Behind its plan: Half of all orders by EDI", names)
        self.assertFalse([name for name in names if "Name a buyer" in name or "Weekly" in name])
        following.action_fill_agenda()
        self.assertEqual(following.topic_ids.mapped('name'), names)
        action = following.topic_ids.filtered(lambda topic: "samples" in topic.name).action_open_source()
        self.assertEqual(action['res_model'], 'key.account.review.decision')

    def test_gaps_are_for_us_only(self):
        self.account.tier_id.min_their_contacts = 3
        self.mine.action_fill_agenda()
        gaps = self.mine.topic_ids.filtered('is_internal')
        self.assertEqual(gaps.mapped('name'), self.account.people_gaps.splitlines())

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def test_actions_become_activities(self):
        action = self.env['key.account.review.decision'].with_user(self.salesperson).create({
            'review_id': self.review.id, 'name': "Send samples", 'user_id': self.salesperson_2.id,
            'deadline': date(2025, 7, 10)})
        activity = action.activity_id
        self.assertRecordValues(activity, [{
            'user_id': self.salesperson_2.id, 'summary': "Send samples", 'date_deadline': date(2025, 7, 10)}])
        action.write({'deadline': date(2025, 7, 11), 'user_id': self.salesperson.id})
        self.assertEqual((activity.date_deadline, activity.user_id), (date(2025, 7, 11), self.salesperson))
        activity.with_user(self.salesperson).action_feedback(feedback="Sent")
        self.assertRecordValues(action, [{'is_done': True, 'done_on': self.today}])
        action.is_done = False
        self.assertTrue(action.activity_id.active)
        action.is_done = True
        self.assertFalse(action.activity_id.active)

    def test_action_taken_back(self):
        action = self.env['key.account.review.decision'].create({
            'review_id': self.review.id, 'name': "Send samples", 'user_id': self.salesperson.id})
        action.write({'user_id': False, 'partner_id': self.ada.id})
        self.assertFalse(self.review.activity_ids)
        action.user_id = self.salesperson
        action.unlink()
        self.assertFalse(self.review.activity_ids)

    def test_actions_of_theirs_become_promises(self):
        if 'key.account.promise' not in self.env:
            self.skipTest("Promises are not there yet.")
        self.hold(decision_ids=[
            Command.create({'name': "Name a buyer", 'partner_id': self.ada.id, 'deadline': date(2025, 7, 20)}),
            Command.create({'name': "Tell the plant", 'partner_id': self.cid.id}),
            Command.create({'name': "Send samples", 'user_id': self.salesperson.id})])
        self.mine._close(self.env['res.partner'], next_due=date(2025, 9, 30))
        promises = self.env['key.account.promise'].search([('account_id', '=', self.account.id)], order='date_due')
        self.assertRecordValues(promises, [
            {'name': name, 'contact_id': contact.id, 'date_due': due, 'direction': 'they', 'state': 'open',
             'review_id': self.review.id, 'user_id': self.salesperson.id}
            for name, contact, due in (
                ("Name a buyer", self.ada, date(2025, 7, 20)), ("Tell the plant", self.cid, date(2025, 9, 30)))])
        self.review.next_id._fill_agenda()
        names = self.review.next_id.topic_ids.mapped('name')
        self.assertEqual([name for name in names if "buyer" in name], ["Promise: Name a buyer"])

    # ------------------------------------------------------------
    # Held and closed
    # ------------------------------------------------------------

    def test_held(self):
        with self.assertRaisesRegex(UserError, "When was it held"):
            self.mine.action_hold()
        self.plan()
        with self.assertRaisesRegex(UserError, "It can be marked as held on that day"):
            self.mine.action_hold()
        self.hold()
        self.assertEqual(self.review.present_ids, self.ours | self.ada)
        self.assertFalse(self.review.activity_ids)
        self.assertEqual(self.review.on_time, 1.0)
        self.review.due_date = date(2025, 6, 29)
        self.assertEqual(self.review.on_time, 0.0)
        with self.assertRaisesRegex(UserError, "Reopen it"):
            self.plan()

    def test_steps_by_buttons_only(self):
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            self.mine.state = 'closed'

    def close_wizard(self):
        return self.env['key.account.review.close'].with_user(self.salesperson).create({
            'review_id': self.mine.action_close()['context']['default_review_id']})

    def test_close(self):
        """Minutes to who was there, in their language; the next one is due in three months, on a working day."""
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.env.ref('key_account_care.mail_template_review_minutes')
        template.update_field_translations('subject', {'fr_FR': "Compte rendu"})
        self.ada.lang = 'fr_FR'
        self.hold(decision_ids=[Command.create({'name': "Weekly calls", 'kind': 'decision'})])
        self.mine.present_ids += self.bea
        wizard = self.close_wizard()
        self.assertEqual(wizard.recipient_ids, self.ours | self.ada)
        self.assertEqual((wizard.without_email, wizard.next_due), ("Bea", date(2025, 9, 30)))
        self.assertIn("Weekly calls", wizard.preview)
        wizard.action_close()
        self.assertRecordValues(self.review, [{
            'state': 'closed', 'closed_on': self.today, 'sent_to_ids': (self.ours | self.ada).ids, 'shared_on': self.today}])
        messages = self.review.message_ids.filtered(lambda message: message.message_type == 'comment')
        self.assertEqual({message.subject: message.partner_ids for message in messages}, {
            "Compte rendu": self.ada, "Harbor Trading: minutes of our meeting on 06/30/2025": self.ours})
        self.assertTrue(all("All is well" in message.body for message in messages))
        self.assertRecordValues(self.review.next_id, [{
            'state': 'due', 'due_date': date(2025, 9, 30), 'type_id': self.kind.id, 'by_schedule': True,
            'period_start': date(2025, 7, 3)}])
        with self.assertRaisesRegex(UserError, "Only a review that was held"):
            self.mine.action_close()
        with self.assertRaisesRegex(UserError, "stays"):
            self.mine.unlink()

    def test_close_without_mail(self):
        self.hold()
        wizard = self.close_wizard()
        wizard.write({'next_due': False, 'share': False})
        wizard.action_close_silently()
        self.assertFalse(self.review.sent_to_ids | self.review.message_ids.partner_ids)
        self.assertFalse(self.review.shared_on or self.review.next_id)

    def test_nothing_to_send(self):
        self.hold(minutes=False)
        with self.assertRaisesRegex(UserError, "nothing to send"):
            self.close_wizard().action_close()
        self.assertEqual(self.review.state, 'held')

    def test_next_one_is_open_already(self):
        self.hold()
        following = self.mine.create({'account_id': self.account.id, 'type_id': self.kind.id, 'due_date': date(2025, 8, 1)})
        self.close_wizard().action_close_silently()
        self.assertEqual(self.review.next_id, following)

    def test_mail_server_is_down(self):
        """The minutes are in the chatter, and wait in Odoo's queue."""
        self.hold()
        with patch.object(self.registry['ir.mail_server'], '_connect__', side_effect=OSError("down")):
            self.close_wizard().action_close()
        self.assertEqual(self.review.state, 'closed')
        self.assertEqual(set(self.env['mail.mail'].sudo().search([
            ('mail_message_id', 'in', self.review.message_ids.ids)]).mapped('state')), {'outgoing'})

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    @users('ka_salesperson_2')
    def test_whose_reviews(self):
        """The team reads and writes; others do not, and neither do employees outside of sales."""
        review = self.review.with_env(self.env)
        review.minutes = "<p>Seen</p>"
        self.account.member_ids = False
        review.invalidate_recordset()
        for record in (review, self.env['key.account.review.topic'].sudo().create(
                {'review_id': review.id, 'name': "x"}).sudo(False)):
            with self.assertRaises(AccessError):
                record.read(['display_name'])
        with self.assertRaises(AccessError):
            review.with_user(self.employee).read(['name'])
        self.assertTrue(review.with_user(self.manager).read(['name']))

    def test_handover(self):
        """Reviews to come go with the account."""
        self.plan()
        self.account._hand_over(self.salesperson_2, self.today, self.env['mail.activity.plan'])
        self.assertEqual((self.review.user_id, self.review.activity_ids.user_id), (self.salesperson_2, self.salesperson_2))

    def test_merged_customers(self):
        """Reviews and objectives of both are those of the customer that stays."""
        other = self.env['key.account'].create({'partner_id': self.create_customer("Harbor Work").id})
        goal = self.env['key.account.objective'].create({
            'name': "Goal", 'account_id': other.id, 'year': 2025, 'target_value': 10.0})
        reviews = self.review + self.review.create({'account_id': other.id, 'type_id': self.kind.id})
        reviews.by_schedule = True
        self.env['key.account']._merge_customers(other.partner_id, self.customer)
        self.assertEqual((reviews.account_id, goal.account_id), (self.account, self.account))
        self.assertEqual(reviews.partner_id, self.customer)

    def test_uninstall_keeps_meetings(self):
        """Odoo would delete them with our models."""
        event = self.plan()
        _keep_meetings(self.env)
        event.invalidate_recordset()
        self.assertRecordValues(event, [{'res_model': False, 'res_id': False, 'active': True}])

    # ------------------------------------------------------------
    # Objectives
    # ------------------------------------------------------------

    def objective(self, **vals):
        return self.env['key.account.objective'].with_user(self.salesperson).create({
            'name': "Goal", 'account_id': self.account.id, 'year': 2025, 'target_value': 1000.0, **vals})

    def test_objectives_from_sales(self):
        """Counted from what was sold in the year, minus what was credited, in one query for all of a kind."""
        category = self.env['product.category'].create({'name': "Ropes"})
        below = self.env['product.category'].create({'name': "Long ropes", 'parent_id': category.id})
        rope = self.create_product(categ_id=below.id)
        other = self.create_product(categ_id=self.env['product.category'].create({'name': "Sails"}).id)
        self.create_invoice(self.ada, date(2025, 3, 1), 300, product=rope, quantity=3)
        self.create_invoice(self.customer, date(2025, 3, 1), 400, product=other, quantity=40)
        self.create_credit_note(self.customer, date(2025, 4, 1), 100, product=rope, quantity=1)
        self.create_invoice(self.customer, date(2024, 12, 31), 5000, product=rope)
        self.create_invoice(self.customer, date(2025, 5, 1), 0, product=rope, quantity=5)  # a present
        goals = self.objective() + self.objective(measure='category', category_id=category.id) + self.objective(
            measure='volume', category_id=category.id) + self.objective(measure='volume')
        self.assertEqual(goals.mapped('current_value'), [600.0, 200.0, 7.0, 47.0])
        self.assertEqual(goals.mapped('is_computed'), [True] * 4)
        self.company.key_account_revenue_source = 'order'
        self.create_order(self.customer, date(2025, 5, 1), 70, product=rope, quantity=7)
        goals.invalidate_recordset()
        self.assertEqual(goals.mapped('current_value'), [70.0, 70.0, 7.0, 7.0])

    def test_objectives_by_hand(self):
        goal = self.objective(measure='free', start_value=20.0, target_value=10.0, value_by_hand=14.0)
        self.assertFalse(goal.is_computed)
        self.assertAlmostEqual(goal.progress, 0.6)
        self.assertAlmostEqual(goal.planned_progress, 180 / 364)
        for value, state in ((14.0, 'on_plan'), (17.0, 'behind'), (10.0, 'reached'), (9.0, 'reached')):
            goal.value_by_hand = value
            self.assertEqual(goal.progress_state, state)
        goal.write({'year': 2024, 'value_by_hand': 14.0})
        self.assertEqual((goal.date_due, goal.progress_state), (date(2024, 12, 31), 'missed'))

    def test_objectives_that_make_no_sense(self):
        with self.assertRaisesRegex(ValidationError, "are the same"):
            self.objective(target_value=0.0)
        with self.assertRaisesRegex(ValidationError, "Choose the product category"):
            self.objective(measure='category')
