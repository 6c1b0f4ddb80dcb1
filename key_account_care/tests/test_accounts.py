from datetime import date

import psycopg2
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import KeyAccountCommon

DAY = date(2025, 6, 1)


class TestOpening(KeyAccountCommon):
    """Who gets an account by itself, and who when a person asks for it."""

    def test_buyers_of_24_months(self):
        first_day, day_before = date(2023, 7, 1), date(2023, 6, 30)
        invoiced, refunded, ordered, too_old, too_new = (self.create_customer() for _place in range(5))
        self.create_invoice(invoiced, first_day, 1.0)
        self.create_credit_note(refunded, first_day, 1.0)
        self.create_order(ordered, first_day)
        self.create_invoice(too_old, day_before, 1.0)
        self.create_order(too_old, day_before)
        self.create_invoice(too_new, date(2025, 7, 1), 1.0)
        self.create_order(too_new, date(2025, 7, 1))
        self.refresh()
        self.assertEqual(set(self.get_accounts().partner_id), {invoiced, refunded, ordered})

    def test_not_for_intentions_or_purchases(self):
        customer = self.create_customer()
        self.create_invoice(customer, DAY, 1.0, post=False)
        self.create_invoice(customer, DAY, 1.0, move_type='in_invoice')
        self.create_order(customer, DAY, confirm=False)
        self.create_order(customer, DAY).action_cancel()
        self.refresh()
        self.assertFalse(self.get_accounts().partner_id)

    def test_contacts_and_addresses_count_for_their_company(self):
        customer = self.create_customer(contacts=["Ann", "Bo"])
        ann, bo = customer.child_ids
        bo.type = 'delivery'
        self.create_invoice(ann, DAY, 1.0)
        self.create_invoice(bo, DAY, 2.0)
        self.create_order(ann, DAY, partner_shipping_id=bo.id)
        self.refresh()
        self.assertEqual(self.get_accounts().partner_id, customer)
        self.assertRecordValues(self.get_account(customer), [{'revenue': 3.0, 'order_count': 1}])

    def test_subsidiaries_have_accounts_of_their_own(self):
        group = self.create_customer("Group")
        subsidiary = self.create_customer("Subsidiary", parent_id=group.id, contacts=["Ann"])
        self.create_invoice(group, DAY, 1.0)
        self.create_invoice(subsidiary.child_ids, DAY, 2.0)
        self.refresh()
        self.assertEqual(self.get_account(group).revenue, 1.0)
        self.assertEqual(self.get_account(subsidiary).revenue, 2.0)

    def test_own_companies_are_no_customers(self):
        sister = self.create_company("Sister", self.company.currency_id)
        self.create_invoice(sister.partner_id, DAY, 1.0)
        self.create_invoice(self.company.partner_id, DAY, 1.0)
        self.refresh()
        self.assertFalse(self.get_accounts().partner_id)

    def test_company_without_sales(self):
        self.refresh()
        self.assertFalse(self.get_accounts().partner_id)
        account = self.env['key.account'].create({'partner_id': self.create_customer().id})
        self.refresh()
        self.assertRecordValues(account, [
            {'revenue': 0.0, 'share': 0.0, 'cumulative_share': 0.0, 'rank': 1, 'growth': 0.0, 'lifecycle': False}])

    def test_nothing_is_doubled(self):
        self.create_invoice(self.create_customer(), DAY, 1.0)
        self.refresh()
        self.refresh()
        self.assertEqual(len(self.get_accounts().partner_id), 1)

    def test_an_account_stays_after_the_window(self):
        customer = self.create_customer()
        self.create_invoice(customer, DAY, 1.0)
        self.refresh()
        self.refresh(date(2028, 1, 1))
        self.assertRecordValues(self.get_account(customer), [
            {'active': True, 'revenue': 0.0, 'last_order_date': DAY, 'lifecycle': 'lost'}])

    def test_a_person_adds_one(self):
        """With its figures at once, for the company of the contact, and with that person as its manager."""
        customer = self.create_customer(contacts=["Ann"])
        self.create_invoice(customer, DAY, 70.0)
        form = Form(self.env['key.account'].with_user(self.salesperson))
        form.partner_id = customer.child_ids
        account = form.save()
        self.assertRecordValues(account, [{
            'partner_id': customer.id, 'company_id': self.company.id, 'user_id': self.salesperson.id, 'revenue': 70.0,
            'rank': 1, 'share': 1.0, 'active': True}])

    def test_twice_is_refused(self):
        customer = self.create_customer()
        self.env['key.account'].create({'partner_id': customer.id})
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env['key.account'].create({'partner_id': customer.id})

    def test_key_account_manager(self):
        """The salesperson of the customer, else of its last order, else of its last invoice; none who has left."""
        of_customer = self.create_customer(user_id=self.salesperson.id)
        of_order, of_invoice, of_nobody, of_former = (self.create_customer() for _place in range(4))
        former = self.salesperson_2.copy({'login': 'ka_former'})
        self.create_order(of_customer, DAY, user_id=self.salesperson_2.id)
        self.create_order(of_order, date(2025, 1, 1), user_id=self.salesperson.id)
        self.create_order(of_order, DAY, user_id=self.salesperson_2.id)
        self.create_invoice(of_invoice, DAY, 1.0, invoice_user_id=self.salesperson.id)
        self.create_invoice(of_nobody, DAY, 1.0, invoice_user_id=False)
        self.create_order(of_former, DAY, user_id=former.id)
        former.active = False
        self.refresh()
        customers = of_customer, of_order, of_invoice, of_nobody, of_former
        self.assertEqual(
            [self.get_account(customer).user_id for customer in customers],
            [self.salesperson, self.salesperson_2, self.salesperson, self.env['res.users'], self.env['res.users']])
        self.get_account(of_customer).user_id = self.manager
        self.refresh()
        self.assertEqual(self.get_account(of_customer).user_id, self.manager, "What a person chose stays.")


class TestCustomerChanges(KeyAccountCommon):
    """What becomes of accounts when their customers are archived, moved or merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.create_customer("Customer", contacts=["Ann"])
        cls.other = cls.create_customer("Other", contacts=["Bo"])
        cls.create_invoice(cls.customer, DAY, 100.0)
        cls.create_invoice(cls.other.child_ids, DAY, 50.0)
        cls.refresh()
        cls.account = cls.get_account(cls.customer)
        cls.other_account = cls.get_account(cls.other)

    def test_archived(self):
        """An archived customer keeps its account, out of sight and out of the ranking, and gets it back."""
        self.customer.active = False
        self.assertFalse(self.account.active)
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [
            {'active': False, 'rank': 0, 'share': 0.0, 'revenue': 100.0},
            {'active': True, 'rank': 1, 'share': 1.0, 'revenue': 50.0}])
        self.customer.active = True
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [
            {'active': True, 'rank': 1, 'share': 100 / 150}, {'active': True, 'rank': 2, 'share': 50 / 150}])

    def test_archived_behind_our_back(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET active = FALSE WHERE id = %s", [self.customer.id])
        self.env.invalidate_all()
        self.refresh()
        self.assertFalse(self.account.active)

    def test_archived_before_it_had_an_account(self):
        late = self.create_customer()
        self.create_invoice(late, DAY, 10.0)
        late.active = False
        self.refresh()
        self.assertRecordValues(self.get_account(late), [{'active': False, 'revenue': 10.0, 'rank': 0}])

    def test_moved_under_another_company_and_back(self):
        """A customer that becomes a contact sells for its new company; what it had is there when it comes back."""
        self.other.write({'is_company': False, 'parent_id': self.customer.id})
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [
            {'active': True, 'revenue': 150.0, 'order_count': 2, 'rank': 1, 'share': 1.0},
            {'active': False, 'revenue': 0.0, 'order_count': 0, 'rank': 0, 'share': 0.0}])
        self.other.write({'is_company': True, 'parent_id': False})
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [
            {'active': True, 'revenue': 100.0, 'order_count': 1, 'rank': 1, 'share': 100 / 150},
            {'active': True, 'revenue': 50.0, 'order_count': 1, 'rank': 2, 'share': 50 / 150}])

    def test_a_contact_changes_company(self):
        self.other.child_ids.parent_id = self.customer
        self.refresh()
        self.assertEqual((self.account + self.other_account).mapped('revenue'), [150.0, 0.0])

    # ------------------------------------------------------------
    # Merged with Odoo's own wizard
    # ------------------------------------------------------------

    def merge(self, sources, destination):
        self.env['base.partner.merge.automatic.wizard'].create({
            'partner_ids': (sources + destination).ids, 'dst_partner_id': destination.id}).action_merge()
        self.assertFalse(sources.exists())
        self.env.invalidate_all()

    def assertOneAccount(self, kept, partner, revenue):
        """One account is left for the merged customer, before and after the next night."""
        self.refresh()
        self.assertEqual(self.get_accounts(), kept)
        self.assertRecordValues(kept, [{'partner_id': partner.id, 'revenue': revenue, 'share': 1.0, 'active': True}])

    def test_merge_both_with_accounts(self):
        """What people had put on the account that goes is on the one that stays."""
        standard, strategic = self.set_tiers({'rule': 'manual'}, {'rule': 'manual'})
        other = self.other_account
        other._set_tier(strategic, "Our first customer")
        other.action_unlock()
        other.write({'sponsor_id': self.manager.id, 'member_ids': self.salesperson.ids})
        self.account._set_tier(standard, "As agreed")
        changes = (self.account + other).change_ids
        message = other.message_post(body="Met at the fair", message_type='comment', subtype_xmlid='mail.mt_comment')
        other.message_subscribe(self.salesperson_2.partner_id.ids)
        planned = other.activity_schedule('mail.mail_activity_data_todo', summary="Call", user_id=self.manager.id)
        done = other.activity_schedule('mail.mail_activity_data_todo', summary="Called", user_id=self.manager.id)
        done.action_feedback(feedback="Well")
        attachment = self.env['ir.attachment'].create({
            'name': "Notes", 'raw': b"x", 'res_model': 'key.account', 'res_id': other.id})
        self.merge(self.other, self.customer)
        self.assertOneAccount(self.account, self.customer, 150.0)
        self.assertRecordValues(self.account, [{
            'tier_id': standard.id, 'tier_locked': True, 'change_ids': changes.ids, 'sponsor_id': self.manager.id,
            'member_ids': self.salesperson.ids}])
        self.assertIn(message, self.account.message_ids)
        self.assertIn(self.salesperson_2.partner_id, self.account.message_partner_ids)
        self.assertEqual(attachment.res_id, self.account.id)
        self.assertEqual(planned.res_id, self.account.id)
        self.assertEqual(done.exists().res_id, self.account.id, "What was done is history.")

    def test_merge_only_the_source_has_an_account(self):
        newcomer = self.create_customer("Newcomer")
        self.merge(self.customer + self.other, newcomer)
        self.assertOneAccount(self.account, newcomer, 150.0)

    def test_merge_only_the_destination_has_an_account(self):
        newcomer = self.create_customer("Newcomer")
        self.other_account.unlink()
        self.merge(newcomer + self.other, self.customer)
        self.assertOneAccount(self.account, self.customer, 150.0)

    def test_merge_a_locked_account_wins(self):
        tier, = self.set_tiers({'rule': 'manual'})
        self.other_account._set_tier(tier, "The owner's friend", date(2030, 1, 1))
        self.merge(self.other, self.customer)
        self.assertOneAccount(self.other_account, self.customer, 150.0)
        self.assertRecordValues(self.other_account, [{
            'tier_id': tier.id, 'tier_locked': True, 'lock_reason': "The owner's friend",
            'lock_until': date(2030, 1, 1)}])

    def test_merge_open_proposals(self):
        """Two open proposals cannot stand on one account: that of the account that stays is kept."""
        tier, = self.set_tiers({'rule': 'manual'})
        (self.account + self.other_account)._propose_tier(tier, "Promising")
        self.merge(self.other, self.customer)
        self.assertEqual(sorted(self.account.change_ids.filtered('user_id').mapped('state')), ['proposed', 'withdrawn'])
        self.assertEqual(self.account.proposal_id.tier_to_id, tier)

    def test_merge_a_person_into_a_contact_of_another_customer(self):
        """The person was a customer and becomes a contact: sales and account go to the company of that contact."""
        person = self.env['res.partner'].create({'name': "Ann"})
        self.create_order(person, DAY)
        account = self.env['key.account'].create({'partner_id': person.id})
        account.message_post(body="Met at the fair")
        self.merge(person, self.customer.child_ids)
        self.refresh()
        self.assertFalse(account.exists())
        self.assertRecordValues(self.account, [{'revenue': 100.0, 'order_count': 1, 'partner_id': self.customer.id}])
        self.assertIn("Met at the fair", str(self.account.message_ids.mapped('body')))

    def test_merge_a_company_into_a_contact_of_another_customer(self):
        """Odoo makes the contact a company with a parent: a subsidiary, which has the account of its own."""
        contact = self.customer.child_ids
        self.merge(self.other, contact)
        self.assertEqual(contact.commercial_partner_id, contact)
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [
            {'partner_id': self.customer.id, 'revenue': 100.0, 'active': True},
            {'partner_id': contact.id, 'revenue': 50.0, 'active': True}])

    def test_merge_contacts_of_one_customer(self):
        """Contacts have no accounts: nothing happens to those of their company."""
        contact = self.customer.child_ids
        double = contact.copy({'parent_id': self.customer.id})
        self.merge(double, contact)
        self.refresh()
        self.assertRecordValues(self.account + self.other_account, [{'revenue': 100.0}, {'revenue': 50.0}])

    def test_merge_an_archived_customer(self):
        """Of two accounts the one in use stays."""
        self.customer.active = False
        self.refresh()
        newcomer = self.create_customer("Newcomer")
        self.merge(self.customer + self.other, newcomer)
        self.assertOneAccount(self.other_account, newcomer, 150.0)

    def test_merge_in_two_companies(self):
        """Each company keeps one account, also that which the user who merges is not in at the moment."""
        branch = self.create_company("Branch", self.company.currency_id)
        self.create_invoice(self.customer, DAY, 7.0, company=branch)
        self.create_invoice(self.other, DAY, 8.0, company=branch)
        self.refresh(company=branch)
        kept = self.get_account(self.customer, branch)
        self.merge(self.other, self.customer)
        self.assertOneAccount(self.account, self.customer, 150.0)
        self.refresh(company=branch)
        self.assertRecordValues(self.get_accounts(branch), [
            {'id': kept.id, 'revenue': 15.0, 'partner_id': self.customer.id}])
