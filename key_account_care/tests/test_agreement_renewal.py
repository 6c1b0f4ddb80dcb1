from datetime import date, timedelta
from unittest.mock import patch

import psycopg2
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon

NOTICE = date(2025, 10, 2)  # 90 days before the last day of the calendar year


class RenewalCommon(AgreementCommon):
    """What the tests of renewals share."""

    @classmethod
    def run_night(cls, day):
        """The agreement step of the night of a day."""
        cls.env.flush_all()
        cls.env['key.account.agreement']._refresh_agreements(cls.company, day, cls.env['key.account'])
        cls.env.invalidate_all()

    @classmethod
    def renew(cls, agreement):
        """:return: the proposal that the button opens"""
        return cls.env['key.account.agreement'].browse(agreement.action_renew()['res_id'])

    @classmethod
    def end(cls, agreement, kind='end', reason="They close the plant", **vals):
        """What the assistants do."""
        wizard = cls.env['key.account.agreement.end'].with_env(agreement.env).create(
            {'agreement_id': agreement.id, 'kind': kind, 'reason': reason, **vals})
        wizard.action_apply()


class TestAgreementRenewal(RenewalCommon):
    """The next version is a new agreement for the days after, with the prices that hold at the end."""

    def test_proposal(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0,
             'step_ids': [Command.create({'min_quantity': 10, 'price_unit': 70.0})]}, beyond_limit='block')
        self.order(quantity=9.0)
        proposal = self.renew(agreement)
        self.assertEqual(proposal.state, 'draft')
        self.assertNotEqual(proposal.name, agreement.name)
        self.assertEqual((proposal.date_start, proposal.date_end), (date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual(proposal.previous_id, agreement)
        self.assertEqual(proposal.line_ids.step_ids.price_unit, 70.0)
        self.assertEqual(proposal.line_ids.remaining, 10.0, "call-offs count anew")
        self.assertEqual((agreement.next_id, agreement.can_renew), (proposal, False))
        self.assertEqual(self.renew(agreement), proposal, "there is one proposal at a time")
        self.assertEqual(self.order(quantity=1.0).order_line.price_unit, 80.0, "the old one is in force until its end")

    @mute_logger('odoo.sql_db')
    def test_one_proposal_whoever_clicks_at_the_same_moment(self):
        proposal = self.renew(self.create_agreement())
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            proposal.copy({'previous_id': proposal.previous_id.id})

    def test_length_is_that_of_all_revisions(self):
        agreement = self.create_agreement(date_start=date(2025, 3, 1), date_end=date(2025, 8, 31))
        revision = agreement._revise()
        revision.action_sign()
        proposal = self.renew(revision)
        self.assertEqual((proposal.date_start, proposal.date_end), (date(2025, 9, 1), date(2026, 2, 28)))

    def test_renew_after_revise(self):
        agreement = self.create_agreement()
        early = self.renew(agreement)
        revision = agreement._revise()
        revision.line_ids.price_unit = 75.0
        revision.action_sign()
        self.env.invalidate_all()
        self.assertEqual(revision.next_id, early, "the proposal is that of all revisions")
        self.assertIn("75.00", early.changes_html)
        early.unlink()
        proposal = self.renew(revision)
        self.assertEqual(proposal.line_ids.price_unit, 75.0)
        self.assertEqual(proposal.previous_id, agreement)
        self.assertFalse(proposal.line_ids.origin_id)

    def test_prices_at_the_end(self):
        self.customer.email = "hotel@example.com"
        agreement = self.create_agreement({'price_unit': 80.0}, price_policy='notice')
        self.env['key.account.price.revision'].create({
            'agreement_id': agreement.id, 'date': date(2025, 11, 1), 'percent': 5.0}).action_announce()
        self.assertEqual(self.renew(agreement).line_ids.price_unit, 84.0)

    def test_signed_one_goes_on_the_day_after(self):
        agreement = self.create_agreement()
        proposal = self.renew(agreement)
        proposal.line_ids.price_unit = 82.0
        proposal.action_sign()
        self.run_night(date(2025, 12, 31))
        self.assertEqual((agreement.state, agreement.close_reason), ('signed', False))
        self.run_night(date(2026, 1, 1))
        self.assertEqual((agreement.state, agreement.close_reason), ('closed', 'renewed'))
        self.assertEqual(proposal.pricelist_id._get_product_price(self.product, 1.0, date=date(2026, 1, 2)), 82.0)
        with self.assertRaisesRegex(UserError, "cannot be renewed"):
            agreement._renew()

    def test_signing_settles_the_reminder(self):
        agreement = self.create_agreement()
        self.run_night(NOTICE - timedelta(days=30))
        self.assertTrue(agreement.activity_ids)
        self.renew(agreement).action_sign()
        self.assertFalse(agreement.activity_ids)

    def test_what_is_over_goes_on_from_today(self):
        agreement = self.create_agreement(date_end=date(2025, 3, 31), sign=False)
        agreement.action_sign()
        self.run_night(self.today)
        proposal = self.renew(agreement)
        self.assertEqual((proposal.date_start, proposal.date_end), (self.today, date(2025, 9, 29)))

    def test_changes_are_shown_on_both(self):
        agreement = self.create_agreement()
        proposal = self.renew(agreement)
        chain = self.create_product(name="Chain")
        self.order(quantity=3.0)
        proposal.line_ids.price_unit = 82.0
        proposal.line_ids = [Command.create({'product_id': chain.id, 'price_unit': 5.0})]
        self.env.invalidate_all()
        for html in (proposal.changes_html, agreement.comparison_html):
            self.assertIn("80.00", html)
            self.assertIn("82.00", html)
        rope, new = (agreement._get_compared_line(*pair) for pair in agreement._pair_lines(proposal))
        self.assertIn("3 Units", rope['called_off'])
        self.assertEqual((rope['is_new'], new['is_new'], new['name']), (False, True, chain.display_name))
        self.assertEqual(agreement.action_compare()['res_id'], agreement.id)

    def test_customer_stays(self):
        proposal = self.renew(self.create_agreement())
        other = self.create_account(self.create_customer("Bay Hotel"))
        with self.assertRaisesRegex(ValidationError, "another customer"):
            proposal.account_id = other
        with self.assertRaisesRegex(UserError, "by its buttons"):
            proposal.with_user(self.manager).previous_id = False

    def test_rights(self):
        agreement = self.create_agreement()
        agreement.account_id.user_id = agreement.user_id = self.salesperson
        with self.assertRaises(AccessError):
            agreement.with_user(self.salesperson_2).action_renew()
        with self.assertRaises(AccessError):
            self.end(agreement.with_user(self.salesperson_2))
        proposal = self.renew(agreement.with_user(self.salesperson))
        self.assertEqual(proposal.user_id, self.salesperson)
        proposal.with_user(self.salesperson).action_sign()
        self.assertEqual(proposal.state, 'signed')


class TestAgreementEnd(RenewalCommon):
    """Not to renew, and to terminate, ask for the reason."""

    def test_not_renewed(self):
        agreement = self.create_agreement(renewal='renew')
        self.run_night(NOTICE)
        self.assertTrue(agreement.activity_ids)
        self.end(agreement)
        self.assertEqual((agreement.state, agreement.close_note), ('signed', "They close the plant"))
        self.assertFalse(agreement.activity_ids)
        self.assertFalse(agreement.renewal_due)
        self.run_night(date(2025, 12, 20))
        self.assertFalse(agreement.activity_ids)
        self.assertFalse(agreement.next_id)
        self.assertEqual(self.quote().order_line.price_unit, 80.0)
        self.run_night(date(2026, 1, 1))
        self.assertEqual((agreement.state, agreement.close_reason), ('closed', 'ended'))

    def test_taken_back(self):
        agreement = self.create_agreement()
        self.end(agreement)
        with self.assertRaisesRegex(UserError, "cannot be renewed"):
            agreement.action_renew()
        agreement.action_take_back()
        self.assertFalse(agreement.close_reason or agreement.close_note)
        self.assertTrue(self.renew(agreement))
        with self.assertRaisesRegex(UserError, "nothing to take back"):
            agreement.action_take_back()

    def test_terminated(self):
        agreement = self.create_agreement()
        wizard = Form(self.env['key.account.agreement.end'].with_context(**agreement.action_terminate()['context']))
        self.assertEqual(wizard.last_day, self.today)
        wizard.reason, wizard.last_day = "Insolvent", date(2025, 7, 31)
        wizard.save().action_apply()
        self.assertEqual((agreement.state, agreement.close_reason), ('signed', 'terminated'))
        self.assertEqual(agreement.date_until, date(2025, 7, 31))
        self.assertEqual(max(agreement.pricelist_id.item_ids.mapped('date_end'), key=bool).date(), date(2025, 7, 31))
        self.run_night(date(2025, 8, 1))
        self.assertEqual((agreement.state, agreement.close_reason, agreement.close_note),
                         ('closed', 'terminated', "Insolvent"))

    def test_last_day_is_not_in_the_past(self):
        agreement = self.create_agreement()
        for day in (date(2025, 6, 29), date(2026, 1, 1)):
            with self.assertRaisesRegex(UserError, "from today"):
                self.end(agreement, 'terminate', last_day=day)
        self.assertEqual(agreement.date_until, date(2025, 12, 31))

    def test_all_revisions_end(self):
        agreement = self.create_agreement()
        revision = agreement._revise()
        revision.date_start = date(2025, 9, 1)
        revision.action_sign()
        self.end(agreement, 'terminate', last_day=date(2025, 7, 31))
        self.assertEqual((agreement.state, agreement.date_until), ('signed', date(2025, 7, 31)))
        self.assertEqual((revision.state, revision.close_reason), ('closed', 'terminated'))

    def test_revision_before_keeps_its_end(self):
        agreement = self.create_agreement()
        revision = agreement._revise()
        revision.date_start = date(2025, 9, 1)
        revision.action_sign()
        self.end(agreement, 'terminate', last_day=date(2025, 10, 31))
        self.assertEqual((agreement.close_reason, agreement.date_until), ('revised', date(2025, 8, 31)))
        self.assertEqual((revision.close_reason, revision.date_until), ('terminated', date(2025, 10, 31)))

    def test_next_version_that_never_begins(self):
        agreement = self.create_agreement()
        proposal = self.renew(agreement)
        proposal.action_sign()
        wizard = self.env['key.account.agreement.end'].new({'agreement_id': agreement.id, 'kind': 'terminate'})
        self.assertEqual(wizard.kept_id, proposal)
        self.end(proposal, 'terminate')
        self.assertEqual(proposal.state, 'closed')
        self.env.invalidate_all()
        self.assertTrue(agreement.can_renew)


class TestAgreementSelfRenewal(RenewalCommon):
    """Once nobody can say no any more the night signs the next version, once, whatever happens to others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreement = cls.create_agreement(renewal='renew', renewal_months=6, user_id=cls.salesperson.id)

    def find_next(self, agreement=None):
        return self.env['key.account.agreement'].search(
            [('previous_id', '=', (agreement or self.agreement).id)])

    def test_not_before_the_notice_date_is_over(self):
        self.run_night(NOTICE)
        self.assertFalse(self.find_next())

    def test_once(self):
        for __ in range(2):
            self.run_night(NOTICE + timedelta(days=1))
        successor = self.find_next()
        self.assertEqual(len(successor), 1)
        self.assertEqual((successor.state, successor.renewal), ('signed', 'renew'))
        self.assertEqual((successor.date_start, successor.date_end), (date(2026, 1, 1), date(2026, 6, 30)))
        self.assertTrue(successor.pricelist_id.item_ids)
        for agreement in self.agreement | successor:
            self.assertIn("renewed itself for 6 months", agreement.message_ids[:1].body)
        self.assertIn(self.salesperson.partner_id, self.agreement.message_ids.notified_partner_ids)
        self.assertNotIn(self.customer, self.agreement.message_ids.notified_partner_ids)
        self.run_night(date(2026, 1, 1))
        self.assertEqual(self.agreement.close_reason, 'renewed')

    def test_nights_that_were_left_out(self):
        """Also when no night has run until after the end: it is renewed, not over."""
        self.run_night(date(2026, 1, 10))
        self.assertEqual(self.find_next().date_start, date(2026, 1, 1))
        self.assertEqual((self.agreement.state, self.agreement.close_reason), ('closed', 'renewed'))

    def test_the_revision_is_what_goes_on(self):
        revision = self.agreement._revise()
        revision.line_ids.price_unit = 75.0
        revision.action_sign()
        self.run_night(NOTICE + timedelta(days=1))
        self.assertEqual(self.find_next().line_ids.price_unit, 75.0)

    def test_next_version_terminated_before_it_begins(self):
        """That is a no, if a late one: it does not come back the next night."""
        self.run_night(NOTICE + timedelta(days=1))
        self.end(self.find_next(), 'terminate')
        self.run_night(NOTICE + timedelta(days=2))
        self.assertEqual(len(self.find_next()), 1)

    def test_terminated_with_what_it_has_become(self):
        self.run_night(NOTICE + timedelta(days=1))
        successor = self.find_next()
        self.end(self.agreement, 'terminate')
        self.assertEqual((successor.state, successor.close_reason), ('closed', 'terminated'))
        self.assertEqual(self.agreement.date_until, self.today)

    def test_waits_for_a_proposal_to_the_last_day(self):
        proposal = self.renew(self.agreement)
        self.run_night(date(2025, 12, 30))
        self.assertEqual(self.find_next(), proposal)
        self.run_night(date(2025, 12, 31))
        self.assertEqual(self.find_next().state, 'signed')
        self.assertEqual((proposal.state, proposal.previous_id.id), ('draft', False))
        self.assertIn(proposal.name, self.agreement.message_ids[:1].body)

    def test_one_that_cannot_does_not_stop_the_others(self):
        bay = self.create_customer("Bay Hotel")
        other = self.create_agreement(customer=bay, renewal='renew')
        self.create_agreement(
            customer=self.create_customer("Cape Hotel"), covered_partner_ids=bay.ids, date_start=date(2026, 3, 1),
            date_end=date(2026, 12, 31))
        problem = UserError("Rope is not sold any more.")
        original = type(other)._check_can_sign

        def check(agreement):
            if agreement.account_id == self.agreement.account_id:
                raise problem
            return original(agreement)

        with patch.object(type(other), '_check_can_sign', check):
            for days in (1, 2):
                self.run_night(NOTICE + timedelta(days=days))
        self.assertFalse(self.find_next())
        self.assertTrue(self.find_next(other))
        told = self.agreement.message_ids.filtered(lambda message: "Rope is not sold" in message.body)
        self.assertEqual(len(told), 1)
        self.assertEqual(self.agreement.renewal_problem, "Rope is not sold any more.")
        self.run_night(NOTICE + timedelta(days=3))
        self.assertTrue(self.find_next())
        self.assertFalse(self.agreement.renewal_problem)

    def test_new_prices_go_on(self):
        """A price revision that is announced when the next version is there already; who signed one has its own prices."""
        self.customer.email = "hotel@example.com"
        self.agreement.price_policy = 'notice'
        self.run_night(NOTICE + timedelta(days=1))
        self.env['key.account.price.revision'].create({
            'agreement_id': self.agreement.id, 'date': date(2025, 11, 1), 'percent': 5.0}).action_announce()
        price = self.find_next().pricelist_id._get_product_price(self.product, 1.0, date=date(2026, 1, 2))
        self.assertEqual(price, 84.0)

    def test_new_prices_leave_what_was_signed(self):
        self.customer.email = "hotel@example.com"
        self.agreement.price_policy = 'notice'
        proposal = self.renew(self.agreement)
        proposal.action_sign()
        self.env['key.account.price.revision'].create({
            'agreement_id': self.agreement.id, 'date': date(2025, 11, 1), 'percent': 5.0}).action_announce()
        price = proposal.pricelist_id._get_product_price(self.product, 1.0, date=date(2026, 1, 2))
        self.assertEqual(price, 80.0)

    def test_only_the_accounts_asked_for(self):
        other = self.create_agreement(customer=self.create_customer("Bay Hotel"), renewal='renew')
        self.env.flush_all()
        self.env['key.account.agreement']._refresh_agreements(
            self.company, NOTICE + timedelta(days=1), other.account_id)
        self.env.invalidate_all()
        self.assertTrue(self.find_next(other))
        self.assertFalse(self.find_next())
