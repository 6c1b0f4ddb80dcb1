from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .agreement_common import AgreementCommon


class TestAgreementRevision(AgreementCommon):
    """An amendment replaces what was agreed from its first day on; what was called off counts on."""

    @classmethod
    def revise(cls, agreement, **vals):
        """:return: the draft that is to replace an agreement"""
        revision = agreement._revise()
        revision.write(vals)
        return revision

    def get_price(self, agreement_line, day=None):
        return agreement_line.agreement_id.pricelist_id._get_product_price(self.product, 1.0, date=day)

    def test_draft_is_the_same_agreement(self):
        agreement = self.create_agreement({'price_unit': 80.0, 'step_ids': [
            Command.create({'min_quantity': 10, 'price_unit': 70.0})]})
        action = agreement.action_revise()
        revision = self.env[action['res_model']].browse(action['res_id'])
        self.assertEqual((revision.name, revision.revision, revision.state), (agreement.name, 1, 'draft'))
        self.assertEqual(revision.date_start, self.today)
        self.assertEqual(revision.date_end, agreement.date_end)
        self.assertEqual(revision.line_ids.origin_id, agreement.line_ids)
        self.assertEqual(revision.line_ids.step_ids.price_unit, 70.0)
        self.assertEqual(agreement.state, 'signed', "the older one is in force until the new one is signed")
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_one_open_revision_at_a_time(self):
        agreement = self.create_agreement()
        self.assertEqual(agreement.action_revise()['res_id'], agreement.action_revise()['res_id'])

    def test_sign_today(self):
        agreement = self.create_agreement()
        revision = self.revise(agreement)
        revision.line_ids.price_unit = 75.0
        revision.action_sign()
        self.assertEqual((agreement.state, agreement.close_reason), ('closed', 'revised'))
        self.assertEqual(agreement.date_until, date(2025, 6, 29))
        self.assertEqual(self.quote().order_line.price_unit, 75.0)
        self.assertEqual(agreement.line_ids.price_unit, 80.0)

    def test_sign_for_later(self):
        agreement = self.create_agreement()
        revision = self.revise(agreement, date_start=date(2025, 9, 1))
        revision.line_ids.price_unit = 75.0
        revision.action_sign()
        self.assertEqual((agreement.state, agreement.close_reason), ('signed', 'revised'))
        self.assertEqual(agreement.date_until, date(2025, 8, 31))
        self.assertEqual(self.quote().order_line.price_unit, 80.0)
        self.assertEqual(max(agreement.pricelist_id.item_ids.mapped('date_end'), key=bool).date(), date(2025, 8, 31))
        with self.assertRaisesRegex(UserError, "later revision"):
            agreement._revise()

    def test_correct_from_the_first_day(self):
        agreement = self.create_agreement()
        revision = self.revise(agreement, date_start=agreement.date_start)
        revision.action_sign()
        self.assertEqual((agreement.state, revision.state), ('closed', 'signed'))

    def test_revision_of_a_revision_that_starts_before_it(self):
        agreement = self.create_agreement()
        second = self.revise(agreement, date_start=date(2025, 9, 1))
        second.action_sign()
        third = self.revise(second, date_start=date(2025, 8, 1))
        third.action_sign()
        self.assertEqual((third.revision, third._get_revision_before()), (2, second))
        self.assertEqual(second.state, 'closed')
        self.assertEqual(agreement.date_until, date(2025, 7, 31))

    def test_call_offs_count_together(self):
        agreement = self.create_agreement({'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0})
        self.order(quantity=6.0)
        revision = self.revise(agreement, beyond_limit='block')
        revision.action_sign()
        self.assertEqual(revision.line_ids.called_off, 6.0)
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.order(quantity=5.0)
        self.order(quantity=4.0)
        self.env.invalidate_all()
        self.assertEqual(agreement.line_ids.called_off, 10.0)
        self.assertEqual(revision.line_ids.remaining, 0.0)

    def test_another_product_counts_from_the_start(self):
        agreement = self.create_agreement({'price_unit': 80.0})
        self.order(quantity=6.0)
        revision = self.revise(agreement)
        revision.line_ids.product_id = self.create_product(name="Chain")
        self.assertFalse(revision.line_ids.origin_id)
        self.assertEqual(revision.line_ids.called_off, 0.0)

    def test_line_that_is_put_back_counts_on(self):
        terms = {'product_id': self.product.id, 'price_unit': 80.0, 'commitment': 'quantity', 'commit_max': 10.0}
        agreement = self.create_agreement(terms, beyond_limit='block')
        self.order(quantity=6.0)
        second = self.revise(agreement)
        second.line_ids.unlink()
        second.line_ids = [Command.create({**terms, 'product_id': self.create_product(name="Chain").id})]
        self.assertFalse(second.line_ids.origin_id)
        second.line_ids.product_id = self.product
        second.action_sign()
        self.assertEqual(second.line_ids.called_off, 6.0)
        with self.assertRaisesRegex(UserError, "4 are left"):
            self.order(quantity=5.0)

    def test_maximum_that_becomes_an_amount(self):
        agreement = self.create_agreement({'price_unit': 80.0}, beyond_limit='block')
        self.order(quantity=10.0)
        revision = self.revise(agreement)
        revision.line_ids.write({'commitment': 'amount', 'commit_max': 1000.0})
        revision.action_sign()
        self.order(quantity=2.0)
        with self.assertRaisesRegex(UserError, "are left"):
            self.order(quantity=1.0)

    def test_unit_and_customer_stay(self):
        agreement = self.create_agreement()
        revision = self.revise(agreement)
        with self.assertRaisesRegex(ValidationError, "Keep the unit"):
            revision.line_ids.uom_id = self.env.ref('uom.product_uom_dozen')
        other = self.create_account(self.create_customer("Bay Hotel"))
        with self.assertRaisesRegex(ValidationError, "another customer"):
            revision.account_id = other

    def test_changes_are_shown_line_by_line(self):
        chain, hook = self.create_product(name="Chain"), self.create_product(name="Hook")
        agreement = self.create_agreement({'price_unit': 80.0}, {'price_unit': 5.0, 'product_id': chain.id})
        revision = self.revise(agreement, date_end=date(2026, 3, 31))
        rope, chain_line = revision.line_ids
        rope.price_unit = 75.0
        chain_line.unlink()
        revision.line_ids = [Command.create({'product_id': hook.id, 'price_unit': 3.0})]
        rows = {row[0]: row[1:3] for row in agreement._get_changed_lines(revision)}
        self.assertEqual(len(rows), 3)
        self.assertIn("80.00", rows[self.product.display_name][0])
        self.assertIn("75.00", rows[self.product.display_name][1])
        self.assertFalse(rows[chain.display_name][1])
        self.assertFalse(rows[hook.display_name][0])
        self.assertEqual([row[0] for row in agreement._get_changed_terms(revision)], ["Last Day"])
        self.assertIn("75.00", revision.changes_html)

    def test_changed_bonus_and_firm_prices_are_shown(self):
        agreement = self.create_agreement(price_policy='notice', bonus_ids=[
            Command.create({'amount_from': 1000.0, 'percent': 2.0})])
        revision = self.revise(agreement)
        self.assertFalse(agreement._get_changed_terms(revision))
        revision.bonus_ids.percent = 3.0
        revision.line_ids.never_revise = True
        [(label, before, after)] = agreement._get_changed_terms(revision)
        self.assertEqual((label, before[:3], after[:3]), ("Bonus Steps", "2 %", "3 %"))
        self.assertIn("not revised", agreement._get_changed_lines(revision)[0][2])

    def test_what_is_the_same_is_not_read(self):
        agreement = self.create_agreement(
            {'price_unit': 80.0, 'step_ids': [Command.create({'min_quantity': 10, 'price_unit': 70.0})]})
        revision = self.revise(agreement)
        self.assertFalse(agreement._pair_lines(revision, only_changed=True))
        revision.line_ids.step_ids.price_unit = 71.0
        self.assertEqual(
            agreement._pair_lines(revision, only_changed=True), [(agreement.line_ids, revision.line_ids)])

    def test_salesperson_revises(self):
        agreement = self.create_agreement()
        agreement.account_id.user_id = agreement.user_id = self.salesperson
        revision = agreement.with_user(self.salesperson)._revise()
        revision.line_ids.price_unit = 75.0
        revision.action_sign()
        self.assertEqual((agreement.state, revision.state), ('closed', 'signed'))
