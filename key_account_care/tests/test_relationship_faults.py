from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import TODAY
from .relationship_common import RelationshipCommon

REFRESH = 'odoo.addons.key_account_care.models.key_account_relationship_refresh'


@tagged('post_install', '-at_install')
class TestRelationshipFaults(RelationshipCommon):
    """People who move, merge, leave or are shared, and input that nobody meant: a night still equals a recount."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env['res.partner'].create({'name': "Elsewhere", 'is_company': True})

    def start(self, today=TODAY):
        """A first night, long enough ago that only what comes now is news to the next one."""
        with patch(f'{REFRESH}.LATE_MESSAGES', 0):
            self.refresh(today)
        self.make_old()

    def make_old(self):
        """Nothing was written since the last night."""
        self.env.flush_all()
        for table in ('res_partner', 'res_users', 'key_account', 'calendar_event', 'calendar_attendee', 'mail_activity'):
            self.env.cr.execute(SQL(
                "UPDATE %s SET write_date = '2020-01-01', create_date = '2020-01-01'", SQL.identifier(table)))
        self.env.invalidate_all()

    def night(self, today=TODAY):
        """The next night, which has to give what a recount gives."""
        with patch(f'{REFRESH}.LATE_MESSAGES', 0):
            self.refresh(today)
        by_night = self.read_all()
        self.Relationship._recount_relationships(self.env.company, today)
        self.env.invalidate_all()
        self.assertEqual(by_night, self.read_all())

    def merge(self, source, destination):
        self.env['base.partner.merge.automatic.wizard'].create({})._merge(
            (source + destination).ids, destination, extra_checks=False)
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # Moved, merged, archived, shared
    # ------------------------------------------------------------

    def test_contact_moves_to_who_is_no_account(self):
        self.mail(self.ours, self.ada)
        self.start()
        self.ada.parent_id = self.elsewhere
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))

    def test_contact_moves_to_a_new_account(self):
        self.mail(self.ours, self.ada)
        self.start()
        self.find(self.ours, self.ada).desired = '60'
        self.ada.parent_id = self.elsewhere
        account = self.env['key.account'].create({'partner_id': self.elsewhere.id})
        self.night()
        old, new = self.find(self.ours, self.ada).sorted(lambda each: each.account_id != self.account)
        self.assertEqual((old.account_id, old.strength, old.desired), (self.account, 0, '60'))
        self.assertEqual(new.account_id, account)
        self.assertGreater(new.strength, 0)
        self.assertFalse(self.account.with_user(self.manager).get_relationship_map()['cells'])

    def test_account_opened_at_night_for_an_old_acquaintance(self):
        person = self.env['res.partner'].create({'name': "Dee", 'parent_id': self.elsewhere.id})
        self.mail(self.ours, person)
        self.start()
        self.create_invoice(self.elsewhere, TODAY, 100)
        self.env['key.account']._refresh_accounts(self.company, TODAY, self.env['key.account'])
        self.make_old()
        self.env.cr.execute(SQL(
            "UPDATE key_account SET create_date = %s WHERE partner_id = %s", self.env.cr.now(), self.elsewhere.id))
        self.night()
        self.assertTrue(self.find(self.ours, person).strength)

    def test_people_merged(self):
        """The mails count for who stays; what was judged about either is kept, that of who stays first."""
        self.mail(self.ours, self.ada)
        self.mail(self.ours, self.bea)
        self.mail(self.other, self.bea)
        self.start()
        self.find(self.ours, self.bea).write({'desired': '85', 'assessment': '30'})
        self.find(self.ours, self.ada).desired = '60'
        self.merge(self.bea, self.ada)
        self.night()
        kept = self.find(self.ours, self.ada)
        self.assertEqual((kept.mail_out_count, kept.desired, kept.assessment), (2, '60', '30'))
        self.assertEqual(self.find(self.other, self.ada).mail_out_count, 1)

    def test_calls_of_people_who_are_merged(self):
        call = self.bea.activity_schedule('mail.mail_activity_data_call', user_id=self.ours.id, date_deadline=TODAY)
        call.active = False
        self.start()
        self.merge(self.bea, self.ada)
        self.night()
        self.assertEqual(self.find(self.ours, self.ada).call_count, 1)

    def test_people_merged_in_the_middle_of_a_handover(self):
        """Who takes over, and the introductions that are planned or done, go to the relationship that stays."""
        self.mail(self.ours, self.ada)
        self.mail(self.ours, self.bea)
        self.start()
        gone, kept = self.find(self.ours, self.bea), self.find(self.ours, self.ada)
        gone.successor_id = self.other
        done = gone._plan_introduction(self.other, TODAY)
        done.active = False
        planned = gone._plan_introduction(self.other, TODAY)
        self.merge(self.bea, self.ada)
        self.assertEqual(kept.successor_id, self.other)
        self.assertEqual((planned | done).key_account_relationship_id, kept)
        self.assertEqual(kept.introduction_ids, planned)

    def test_merged_by_somebody_who_may_not_see_the_account(self):
        self.account.user_id = self.ours
        self.salesperson.group_ids += self.env.ref('base.group_partner_manager')
        self.bea.key_account_stance = 'critic'
        people = (self.ada + self.bea).with_user(self.salesperson)
        self.env['base.partner.merge.automatic.wizard'].with_user(self.salesperson).create({})._merge(
            people.ids, people[0], extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(self.ada.key_account_stance, 'critic')

    def test_boss_and_report_merged(self):
        self.ada.key_account_reports_to_id = self.cid
        self.cid.key_account_reports_to_id = self.bea
        self.merge(self.bea, self.ada)
        self.assertFalse(self.ada._has_cycle('key_account_reports_to_id'))
        self.assertEqual(self.cid.key_account_reports_to_id, self.ada)

    def test_customers_merged(self):
        person = self.env['res.partner'].create({'name': "Dee", 'parent_id': self.elsewhere.id})
        other = self.env['key.account'].create({'partner_id': self.elsewhere.id})
        self.Relationship.create({
            'account_id': other.id, 'user_id': self.ours.id, 'partner_id': person.id, 'desired': '60'})
        self.mail(self.other, person)
        self.env['key.account.suggestion'].create({'account_id': other.id, 'email': 'x@else.example', 'state': 'ignored'})
        self.start()
        self.merge(self.elsewhere, self.customer)
        self.night()
        self.assertFalse(other.exists())
        self.assertEqual(self.find(self.ours, person).account_id, self.account)
        self.assertEqual(self.find(self.other, person).mail_out_count, 1)
        self.assertEqual(
            self.env['key.account.suggestion'].search([('email', '=', 'x@else.example')]).account_id, self.account)

    def test_archived_contact_is_off_the_map(self):
        self.mail(self.ours, self.ada)
        self.start()
        self.ada.active = False
        self.night()
        self.env['key.account']._refresh_people(self.env.company, TODAY, self.env['key.account'])
        self.env.invalidate_all()
        self.assertEqual(self.account.people_theirs, 0)

    def test_customer_of_two_companies(self):
        """An exchange counts once: for the company of the user, or the one that the user may see."""
        abroad = self.create_company("Abroad", self.dollar)
        account = self.env['key.account'].with_company(abroad).create({
            'partner_id': self.customer.id, 'company_id': abroad.id})
        them = new_test_user(
            self.env, 'olav', 'sales_team.group_sale_salesman', company_id=abroad.id, company_ids=[Command.set(abroad.ids)])
        self.mail(self.ours, self.ada)
        self.mail(them, self.ada)
        for company in self.company + abroad:
            self.Relationship._refresh_relationships(company, TODAY, self.env['key.account'])
        self.env.invalidate_all()
        found = self.Relationship.search([('partner_id', '=', self.ada.id)])
        self.assertEqual({(each.user_id, each.account_id) for each in found}, {(self.ours, self.account), (them, account)})

    # ------------------------------------------------------------
    # Our people
    # ------------------------------------------------------------

    def test_user_who_left(self):
        """The relationships stay for the handover, but hold nothing."""
        self.meet(self.ours, self.ada)
        self.start()
        self.ours.active = False
        self.night()
        self.env['key.account']._refresh_people(self.env.company, TODAY, self.env['key.account'])
        self.env.invalidate_all()
        self.assertTrue(self.find(self.ours, self.ada).strength)
        self.assertEqual((self.account.people_ours, self.account.thread), (0, 'ours'))
        ours = self.account.with_user(self.manager).get_relationship_map()['ours']
        self.assertEqual([user['active'] for user in ours if user['id'] == self.ours.id], [False])

    def test_user_changes_company(self):
        abroad = self.create_company("Abroad", self.dollar)
        self.mail(self.ours, self.ada)
        self.start()
        self.ours.write({'company_ids': [Command.set(abroad.ids)], 'company_id': abroad.id})
        self.night()
        self.assertFalse(self.find(self.ours, self.ada))

    # ------------------------------------------------------------
    # Strange input
    # ------------------------------------------------------------

    def test_circle_of_reports_in_the_database(self):
        """Say an import by SQL made it: the map and the chart still open."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE res_partner SET key_account_reports_to_id = CASE id WHEN %s THEN %s ELSE %s END WHERE id IN %s",
            self.ada.id, self.bea.id, self.ada.id, (self.ada + self.bea)._ids))
        self.env.invalidate_all()
        account = self.account.with_user(self.manager)
        self.assertTrue(account.get_relationship_map()['theirs'])
        domain = account.action_open_org_chart()['domain']
        self.assertEqual(self.env['res.partner'].search_count(domain), 3)

    def test_mail_from_an_unknown_address(self):
        """It counts for nobody, also when it answers a mail of ours."""
        question = self.mail(self.ours, self.ada)
        self.mail(self.ada, self.ours, author_id=False, email_from='stranger@nowhere.example', parent_id=question.id)
        self.start()
        self.night()
        found = self.Relationship.search([('account_id', '=', self.account.id)])
        self.assertEqual([(each.partner_id, each.mail_in_count) for each in found], [(self.ada, 0)])

    def test_meeting_of_200_people(self):
        """Neither strong relationships nor hours of their own for everybody; as many rows as it has pairs."""
        crowd = self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id} for number in range(198)])
        self.meet(self.ours, self.other, *crowd)
        self.start()
        found = self.Relationship.search([('account_id', '=', self.account.id)])
        self.assertEqual(len(found), 396)
        self.assertLess(max(found.mapped('strength')), 3)
        self.env['key.account']._refresh_people(self.env.company, TODAY, self.env['key.account'])
        self.env.invalidate_all()
        self.assertEqual(self.account.people_theirs, 0)
        rows = self.env['key.account.interaction'].search([('partner_id', 'in', crowd.ids)])
        self.assertAlmostEqual(sum(rows.filtered(lambda row: row.user_id == self.ours).mapped('hours')), 1)

    def test_map_takes_as_many_queries_for_300_contacts(self):
        account = self.account.with_user(self.manager)

        def add(count):
            people = self.env['res.partner'].create([
                {'name': f"Guest {number}", 'parent_id': self.customer.id, 'key_account_stance': 'neutral'}
                for number in range(count)])
            self.Relationship.create([
                {'account_id': self.account.id, 'user_id': user.id, 'partner_id': person.id, 'strength': 20}
                for person in people for user in (self.ours, self.other)])

        add(5)
        account.get_relationship_map()
        few = self.count_queries(account.get_relationship_map)
        add(295)
        self.assertEqual(self.count_queries(account.get_relationship_map), few)
        shown = account.get_relationship_map()
        self.assertEqual((len(shown['theirs']), shown['hidden']), (60, 240))

    def test_clock_changes(self):
        """Meetings in the nights in which the clocks change last as long as they do."""
        self.company.partner_id.tz = 'Europe/Oslo'
        for change in (datetime(2025, 3, 30, 0, 30), datetime(2024, 10, 27, 0, 30)):
            self.meet(self.ours, self.ada, start=change, stop=change + timedelta(hours=2))
        rows = self.env['key.account.interaction'].search([('partner_id', '=', self.ada.id)])
        self.assertEqual(rows.mapped('hours'), [2.0, 2.0])
        self.start(date(2025, 3, 29))
        self.night(date(2025, 3, 30))
        self.assertEqual(self.find(self.ours, self.ada).last_meeting, date(2025, 3, 30))
