from datetime import date

import psycopg2
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .agreement_common import AgreementCommon


class TestAgreementLife(AgreementCommon):
    """Drafting, signing and what can no longer be changed then."""

    def test_numbers(self):
        first, second = (self.create_agreement(sign=False) for __ in range(2))
        self.assertNotEqual(first.name, second.name)
        number = first.name
        first.action_sign()
        self.assertEqual(first.name, number)

    def test_duplicate(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        twin = agreement.copy()
        self.assertEqual(twin.state, 'draft')
        self.assertEqual(twin.line_ids.price_unit, 80.0)
        self.assertNotEqual(twin.name, agreement.name)
        self.assertFalse(twin.pricelist_id)

    @mute_logger('odoo.sql_db')
    def test_end_before_start(self):
        with self.assertRaises(psycopg2.errors.CheckViolation):
            self.create_agreement(sign=False, date_end=date(2024, 12, 31))

    def test_one_agreement_at_a_time(self):
        first = self.create_agreement()
        second = self.create_agreement(sign=False, date_start=date(2025, 12, 31), date_end=date(2026, 12, 31))
        with self.assertRaisesRegex(UserError, first.name):
            second.action_sign()
        second.date_start = date(2026, 1, 1)
        second.action_sign()
        self.assertEqual(second.state, 'signed')

    @mute_logger('odoo.sql_db')
    def test_one_agreement_at_a_time_whoever_signs_at_the_same_moment(self):
        self.create_agreement()
        second = self.create_agreement(sign=False)
        with self.assertRaises(psycopg2.errors.ExclusionViolation):
            second.sudo().state = 'signed'
            second.flush_recordset()

    def test_without_lines(self):
        agreement = self.create_agreement(sign=False)
        agreement.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "no lines"):
            agreement.action_sign()

    def test_signed_terms_stay(self):
        agreement = self.create_agreement({'price_unit': 80.0, 'step_ids': [
            Command.create({'min_quantity': 10.0, 'price_unit': 70.0})]}).with_user(self.manager)
        for vals in (
                {'date_end': date(2026, 6, 30)}, {'line_ids': [Command.clear()]}, {'commit_max': 5.0},
                {'price_policy': 'notice'}, {'price_notice_days': 0}, {'price_index': "Steel"}, {'beyond_limit': 'block'},
                {'renewal': 'renew'}, {'renewal_months': 24}, {'notice_days': 0}):
            with self.assertRaisesRegex(UserError, "Revise", msg=vals):
                agreement.write(vals)
        line = agreement.line_ids
        for change in (
                lambda: line.write({'price_unit': 1.0}), line.unlink, lambda: line.step_ids.write({'price_unit': 1.0}),
                line.step_ids.unlink, lambda: line.step_ids.copy({'min_quantity': 2.0})):
            with self.assertRaisesRegex(UserError, "Revise"):
                change()
        with self.assertRaisesRegex(UserError, "by its buttons"):
            agreement.state = 'draft'

    def test_signed_agreement_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Terminate"):
            self.create_agreement().with_user(self.manager).unlink()

    def test_draft_of_a_colleague_is_not_deleted(self):
        agreement = self.create_agreement(sign=False, user_id=self.salesperson_2.id)
        agreement.account_id.user_id = self.salesperson
        with self.assertRaisesRegex(UserError, "belongs to ka_salesperson_2"):
            agreement.with_user(self.salesperson).unlink()
        agreement.with_user(self.salesperson_2).unlink()

    def test_draft_of_nobody_is_deleted(self):
        agreement = self.create_agreement(sign=False, user_id=False)
        agreement.account_id.user_id = self.salesperson
        agreement.user_id = False
        agreement.with_user(self.salesperson).unlink()
        self.assertFalse(agreement.exists())

    def test_pricelist_of_others_is_not_taken_for_the_generated_one(self):
        account = self.create_agreement(sign=False).account_id
        account.user_id = self.salesperson
        with self.assertRaisesRegex(UserError, "is a draft"):
            self.env['key.account.agreement'].with_user(self.salesperson).create({
                'account_id': account.id, 'pricelist_id': self.pricelist.id})

    def test_agreement_of_another_team_is_not_seen(self):
        agreement = self.create_agreement(sign=False, user_id=self.manager.id)
        agreement.account_id.user_id = self.manager
        with self.assertRaises(AccessError):
            agreement.with_user(self.salesperson).read(['name'])

    def test_salesperson_signs(self):
        agreement = self.create_agreement(sign=False)
        agreement.account_id.user_id = self.salesperson
        agreement.with_user(self.salesperson).action_sign()
        self.assertEqual(agreement.state, 'signed')
        self.assertTrue(agreement.pricelist_id.item_ids)

    def test_lines_that_overlap_are_named(self):
        with self.assertRaisesRegex(ValidationError, "Rope"):
            self.create_agreement({'price_unit': 80.0}, {'price_unit': 70.0}, sign=False)
        with self.assertRaisesRegex(ValidationError, "everything"):
            self.create_agreement({'applied_on': '3_global'}, {'applied_on': '3_global'}, sign=False)

    @mute_logger('odoo.sql_db')
    def test_absurd_numbers(self):
        for line in (
                {'price_unit': -1.0}, {'price_type': 'discount', 'discount': 101.0},
                {'price_type': 'cost_plus', 'markup': -1.0}, {'commitment': 'quantity', 'commit_min': -1.0},
                {'commitment': 'quantity', 'commit_min': 5.0, 'commit_max': 4.0}):
            with self.assertRaises(psycopg2.errors.CheckViolation, msg=line), self.env.cr.savepoint():
                self.create_agreement(line, sign=False)

    def test_unit_that_cannot_be_converted(self):
        with self.assertRaisesRegex(ValidationError, "cannot be converted"):
            self.create_agreement({'uom_id': self.env.ref('uom.product_uom_kgm').id}, sign=False)
