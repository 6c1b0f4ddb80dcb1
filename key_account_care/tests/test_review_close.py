from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, users

from ..hooks import _keep_meetings
from .review_common import ReviewCommon


class TestReviewClose(ReviewCommon):
    """A review is held and closed; who may see it; and the objectives that are talked about."""

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

    def test_agenda_of_a_closed_review_stays(self):
        self.hold()
        topic = self.mine.topic_ids[0]
        topic.is_done = True
        self.mine._close(self.env['res.partner'])
        for change in (
                lambda: topic.write({'name': "Other"}), topic.unlink,
                lambda: topic.create({'review_id': self.mine.id, 'name': "More"})):
            with self.assertRaisesRegex(UserError, "agenda stays"):
                change()

    def test_criteria(self):
        """What makes a review a good one comes from its type, is ticked when it is closed, and counts by then."""
        self.mine._fill_agenda()
        self.assertEqual(self.mine.criterion_ids.mapped('name'), ["Who decides was there", "Both promised something"])
        self.mine.criterion_ids[1].name = "Both promised something with a date"
        self.mine.criterion_ids[0].is_met = True
        self.assertEqual(self.review.criteria_met, 0.0, "Nothing is met before the meeting.")
        self.hold()
        self.assertEqual(len(self.review.criterion_ids), 2)
        self.assertEqual(self.review.criteria_met, 0.5)
        wizard = self.close_wizard()
        with Form(wizard) as form, form.criterion_ids.edit(1) as line:
            self.assertEqual((line.name, line.is_met), ("Both promised something with a date", False))
            line.is_met = True
        wizard.action_close_silently()
        self.assertEqual(self.review.criteria_met, 1.0)
        self.kind.criteria = "Another one"
        self.assertEqual(self.review.next_id.criterion_ids.ids, [])
        self.review.next_id._fill_criteria()
        self.assertEqual(self.review.next_id.criterion_ids.mapped('name'), ["Another one"])

    def test_criteria_without_agenda(self):
        """A meeting that was only noted afterwards is judged, too."""
        self.mine.write({'date': datetime(2025, 6, 27, 9)})
        self.mine.action_hold()
        self.assertEqual(len(self.mine.criterion_ids), 2)

    def test_link_in_the_mail(self):
        """The minutes take the people of the customer to their page, and nobody else; nobody while it is not shared."""
        for share in (False, True):
            self.hold()
            wizard = self.close_wizard()
            wizard.share = share
            wizard.action_close()
            bodies = {}
            for mail in self.env['mail.mail'].sudo().search([('mail_message_id', 'in', self.review.message_ids.ids)]):
                for person in mail.recipient_ids:
                    bodies[person] = mail.body_html
            link = f'/my/meetings/{self.review.id}?access_token={self.review.access_token}'
            self.assertEqual(link in bodies[self.ada], share)
            self.assertFalse([person.name for person in self.ours if link in bodies.get(person, '')])
            self.review._set_state('due', date=False, event_id=False)
            self.review.message_ids.unlink()

    def test_token_opens_no_messages(self):
        self.hold()
        self.mine._close(self.env['res.partner'], share=True)
        Review = self.env['key.account.review'].with_user(self.env.ref('base.public_user'))
        self.assertFalse(Review._get_thread_with_access(self.review.id, token=self.review._portal_ensure_token()))
        self.assertFalse(Review._get_thread_with_access(
            self.review.id, pid=self.ada.id, hash=self.review._sign_token(self.ada.id)))
        self.assertTrue(self.mine._get_thread_with_access(self.review.id))

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
