from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .review_common import ReviewCommon


class TestReviews(ReviewCommon):
    """A meeting is planned with people on both sides, moved and lost, and its agenda and actions are kept."""

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
        self.ada.key_account_is_placeholder = True
        self.assertNotIn(self.ada, self.review._get_default_attendees(), "nobody has met that person")

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
        self.mine.action_cancel()
        self.review.copy()
        with self.assertRaisesRegex(UserError, "There is an open review"):
            self.mine.action_reopen()

    def cancelled_mails(self):
        """:return: what people were written about cancelled meetings"""
        return self.env['mail.message'].search([
            ('model', '=', 'key.account'), ('res_id', '=', self.account.id), ('subject', 'like', "Deleted event:")])

    def test_who_was_invited_hears_of_the_end(self):
        """By Odoo's own mail, which outlives the meeting; in whatever way the review lets go of it."""
        for how in (
                lambda: self.mine.action_cancel(), lambda: self.mine.write({'date': False}), lambda: self.mine.unlink()):
            self.plan(invite=True)
            how()
            message = self.cancelled_mails()
            self.assertEqual(message.notified_partner_ids, self.ada | self.manager.partner_id)
            self.assertIn("has been canceled", message.body)
            self.assertIn(self.ada, self.env['mail.mail'].sudo().search([
                ('mail_message_id', '=', message.id)]).recipient_ids)
            message.unlink()
            if self.mine.exists():
                self.assertFalse(self.mine.invited)
                self.mine.filtered(lambda review: review.state == 'cancelled').action_reopen()

    def test_nobody_hears_of_what_they_did_not_know(self):
        """Who was not invited, and of a meeting that is over."""
        self.plan()
        self.mine.action_cancel()
        self.mine.action_reopen()
        self.plan(datetime(2025, 7, 2, 9), invite=True)
        self.mine.event_id.with_context(key_account_review_moved=True).write(
            {'start': datetime(2025, 6, 27, 9), 'stop': datetime(2025, 6, 27, 10)})
        self.mine.action_cancel()
        self.assertFalse(self.cancelled_mails())

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
        complaints = self.env['key.account.feedback'].create([
            {'kind': 'complaint', 'account_id': self.account.id, 'answer_due': due}
            for due in (datetime(2025, 7, 8), datetime(2025, 7, 9))])
        self.env['key.account.objective'].create({
            'name': "Half of all orders by EDI", 'account_id': self.account.id, 'year': 2025, 'measure': 'free',
            'target_value': 50.0})
        following.action_fill_agenda()
        names = following.topic_ids.mapped('name')
        self.assertEqual(names[:2], ["Deliveries", "Prices"])
        self.assertIn("Open: Send samples (ka_salesperson (sales_team.group_sale_salesman))", names)
        self.assertIn("Behind its plan: Half of all orders by EDI", names)
        self.assertFalse([name for name in names if "Name a buyer" in name or "Weekly" in name])
        self.assertEqual(
            [topic.res_id for topic in following.topic_ids if topic.res_model == 'key.account.feedback'], complaints.ids,
            "What is due first in front, as on the account.")
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

    def test_promise_and_action_go_together(self):
        """Whichever of the two somebody settles, also under another date and when it is taken back."""
        self.hold(decision_ids=[Command.create({
            'name': "Name a buyer", 'partner_id': self.ada.id, 'deadline': date(2025, 7, 20)})])
        self.mine._close(self.env['res.partner'])
        action = self.mine.decision_ids
        first = action.promise_id
        self.assertEqual(first.name, "Name a buyer")
        first.action_keep()
        self.assertRecordValues(action, [{'is_done': True, 'done_on': self.today}])
        first.done_on = date(2025, 6, 28)
        self.assertEqual(action.done_on, date(2025, 6, 28))
        first.action_reopen()
        self.assertRecordValues(action, [{'is_done': False, 'done_on': False}])
        second = first._renegotiate(date(2025, 8, 1), "Holidays")
        self.assertEqual((action.promise_id, action.is_done), (second, False))
        action.is_done = True
        self.assertRecordValues(second, [{'state': 'kept', 'done_on': self.today}])
        action.is_done = False
        self.assertRecordValues(second, [{'state': 'open', 'done_on': False}])
        second.action_break()
        self.assertFalse(action.is_done)
        self.assertEqual(first.state, 'renegotiated')
