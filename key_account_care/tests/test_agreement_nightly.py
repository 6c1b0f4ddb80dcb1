from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command

from .agreement_common import AgreementCommon


class TestAgreementNightly(AgreementCommon):
    """What the night does to agreements: close, follow, remind."""

    @classmethod
    def run_night(cls, day):
        """The agreement step of the night of a day."""
        cls.env.flush_all()
        cls.env['key.account.agreement']._refresh_agreements(cls.company, day, cls.env['key.account'])
        cls.env.invalidate_all()

    def test_step_is_part_of_the_night(self):
        agreement = self.create_agreement(date_end=date(2025, 6, 29))
        self.refresh()
        self.assertEqual(agreement.state, 'closed')

    def test_last_day_is_in_force(self):
        agreement = self.create_agreement(date_end=self.today)
        self.run_night(self.today)
        self.assertEqual(agreement.state, 'signed')
        self.run_night(self.today + timedelta(days=1))
        self.assertEqual((agreement.state, agreement.close_reason), ('closed', 'ended'))
        self.assertFalse(agreement.pricelist_id.active)
        self.assertTrue(self.pricelist.active)

    def test_replaced_by_a_revision(self):
        agreement = self.create_agreement()
        revision = agreement._revise()
        revision.date_start = date(2025, 7, 10)
        revision.action_sign()
        self.run_night(date(2025, 7, 9))
        self.assertEqual(agreement.state, 'signed')
        self.run_night(date(2025, 7, 10))
        self.assertEqual((agreement.state, agreement.close_reason, revision.state), ('closed', 'revised', 'signed'))

    def test_only_the_accounts_asked_for(self):
        agreement = self.create_agreement(date_end=date(2025, 6, 29))
        other = self.create_agreement(customer=self.create_customer("Bay Hotel"), date_end=date(2025, 6, 29))
        self.env.flush_all()
        self.env['key.account.agreement']._refresh_agreements(self.company, self.today, other.account_id)
        self.env.invalidate_all()
        self.assertEqual((agreement.state, other.state), ('signed', 'closed'))

    def test_normal_pricelist_is_followed(self):
        agreement = self.create_agreement({'price_type': 'discount', 'discount': 10.0})
        vip = self.env['product.pricelist'].create({
            'name': "VIP", 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'sequence': 5,
            'item_ids': [Command.create({'compute_price': 'fixed', 'fixed_price': 50.0})]})
        self.env.cr.execute("UPDATE product_pricelist SET sequence = 0 WHERE id = %s", [vip.id])
        self.env.invalidate_all()
        self.run_night(self.today)
        self.assertEqual(agreement.pricelist_id.item_ids.base_pricelist_id, vip)
        self.assertEqual(self.quote().order_line.price_subtotal, 45.0)

    def test_pricelists_off_and_on_again(self):
        agreement = self.create_agreement()
        closed = self.create_agreement(customer=self.create_customer("Bay Hotel"), date_end=date(2025, 6, 1))
        group = self.env.ref('product.group_product_pricelist')
        self.env.ref('base.group_user')._remove_group(group)
        self.env['product.pricelist'].search([]).action_archive()
        self.run_night(self.today)
        self.assertFalse(agreement.pricelist_id.active)
        self.assertTrue(agreement.pricelists_off)
        self.env.ref('base.group_user')._apply_group(group)
        self.run_night(self.today)
        self.assertTrue(agreement.pricelist_id.active)
        self.assertFalse(agreement.pricelists_off)
        self.assertFalse(closed.pricelist_id.active)
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_reminders_once_each(self):
        agreement = self.create_agreement(user_id=self.salesperson.id, notice_days=90)
        self.run_night(agreement.notice_date - timedelta(days=31))
        self.assertFalse(agreement.activity_ids)
        for __ in range(2):
            self.run_night(agreement.notice_date - timedelta(days=30))
        self.assertEqual(agreement.activity_ids.user_id, self.salesperson)
        self.assertEqual(agreement.activity_ids.date_deadline, agreement.notice_date)
        agreement.activity_ids.action_done()
        self.run_night(agreement.notice_date)
        self.assertFalse(agreement.activity_ids)
        for __ in range(2):
            self.run_night(agreement.date_end - timedelta(days=14))
        self.assertEqual(agreement.activity_ids.mapped('date_deadline'), [agreement.date_end])

    def test_no_reminder_when_the_next_one_is_signed(self):
        agreement = self.create_agreement()
        self.create_agreement(date_start=date(2026, 1, 1), date_end=date(2026, 12, 31))
        self.run_night(agreement.date_end)
        self.assertFalse(agreement.activity_ids)

    def test_queries_do_not_grow(self):
        def night():
            self.env['key.account.agreement']._refresh_agreements(self.company, self.today, self.env['key.account'])

        self.create_agreement()
        few = self.count_queries(night)
        for number in range(10):
            self.create_agreement(customer=self.create_customer(f"Hotel {number}"))
        self.assertLessEqual(self.count_queries(night), few)


class TestAgreementMerge(AgreementCommon):
    """Odoo's merge of contacts keeps their agreements."""

    def merge(self, source):
        self.env['base.partner.merge.automatic.wizard']._merge((source | self.customer).ids, self.customer)

    def test_agreement_follows(self):
        source = self.create_customer("Bay Hotel")
        agreement = self.create_agreement(customer=source)
        kept = self.create_agreement(date_start=date(2026, 1, 1), date_end=date(2026, 12, 31))
        self.merge(source)
        self.assertEqual((agreement | kept).partner_id, self.customer)
        self.assertEqual((agreement | kept).account_id, self.get_account(self.customer))
        self.assertEqual(self.quote().order_line.price_unit, 80.0)

    def test_two_in_force(self):
        source = self.create_customer("Bay Hotel")
        self.create_agreement(customer=source)
        self.create_agreement()
        with self.assertRaisesRegex(UserError, "terminate one"):
            self.merge(source)

    def test_covered_subsidiary_becomes_the_customer(self):
        source = self.create_customer("Bay Hotel")
        agreement = self.create_agreement(covered_partner_ids=source.ids)
        self.merge(source)
        self.assertNotIn(self.customer, agreement.covered_partner_ids)
