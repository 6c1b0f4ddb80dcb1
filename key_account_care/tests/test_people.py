from datetime import timedelta

from odoo.tests import tagged

from .common import TODAY
from .relationship_common import PeopleCommon


@tagged('post_install', '-at_install')
class TestPeople(PeopleCommon):
    """Whether enough people know enough people, and what is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decider, cls.champion = cls.env['key.account.buying.role'].create([
            {'name': "Decides in this test"}, {'name': "Wants us in this test"}])
        cls.tier = cls.env['key.account.tier'].create({
            'name': "Cared for", 'rule': 'manual', 'min_their_contacts': 2, 'min_our_contacts': 2, 'sponsor_required': True,
            'required_role_ids': (cls.decider | cls.champion).ids})
        cls.account.sudo().write({'tier_id': cls.tier.id, 'sponsor_id': False})
        cls.ada.key_account_role_ids = cls.decider

    def meet_often(self, *people):
        for days in (0, 10, 20):
            self.meet(*people, day=TODAY - timedelta(days=days))

    def test_nobody(self):
        self.refresh()
        self.assertEqual((self.account.people_ours, self.account.people_theirs, self.account.thread), (0, 0, 'none'))
        self.assertEqual(self.account.missing_role_ids, self.decider | self.champion)

    def test_addresses_are_no_people(self):
        gate = self.env['res.partner'].create({'name': "Gate C", 'parent_id': self.customer.id, 'type': 'delivery'})
        self.assertIn(self.ada, self.account._get_people()[self.account])
        self.assertNotIn(gate, self.account._get_people()[self.account])

    def test_one_thread(self):
        self.meet_often(self.ours, self.ada)
        self.refresh()
        self.assertEqual((self.account.people_ours, self.account.people_theirs, self.account.thread), (1, 1, 'both'))
        self.assertEqual(self.account.missing_role_ids, self.champion)
        self.assertIn("one person", self.account.people_gaps)

    def test_revenue_that_hangs_on_one_thread(self):
        """The share that the one person holds; nothing while several hold it."""
        self.env.cr.execute("UPDATE key_account SET revenue = 1000 WHERE id = %s", [self.account.id])
        self.meet_often(self.ours, self.ada)
        self.refresh()
        self.assertEqual(self.account.revenue_at_stake, 1000)
        self.meet_often(self.ours, self.bea)
        self.mail(self.other, self.cid)
        self.refresh()
        self.assertEqual(self.account.thread, 'ours')
        self.assertAlmostEqual(self.account.revenue_at_stake, 1000 * self.account.top_ours_share, places=2)
        self.meet_often(self.other, self.cid)
        self.refresh()
        self.assertEqual((self.account.thread, self.account.revenue_at_stake), ('several', 0))

    def test_several(self):
        self.ada.key_account_seniority = '4'
        for user in (self.ours, self.other):
            for person in (self.ada, self.bea):
                self.meet_often(user, person)
        self.bea.key_account_role_ids = self.champion
        self.account.sponsor_id = self.manager
        self.refresh()
        self.assertEqual(self.account.thread, 'several')
        self.assertEqual(self.account.people_seniority, '4')
        self.assertFalse(self.account.people_gaps)

    def test_who_left_holds_nothing(self):
        self.meet_often(self.ours, self.ada)
        self.meet_often(self.other, self.bea)
        self.refresh()
        self.assertEqual(self.account.thread, 'several')
        self.bea.key_account_left_on = TODAY
        self.refresh()
        self.assertEqual((self.account.people_theirs, self.account.thread), (1, 'both'))
        self.ours.active = False
        self.refresh()
        self.assertEqual(self.account.people_theirs, 0)

    def test_who_left_is_in_the_org_chart_while_others_report_there(self):
        (self.ada | self.bea).key_account_left_on = TODAY - timedelta(days=1)
        self.cid.key_account_reports_to_id = self.ada
        found = self.env['res.partner'].search(self.account.action_open_org_chart()['domain'])
        self.assertEqual(found, self.ada | self.cid)

    def test_area_without_contact(self):
        self.cid.key_account_area_id = self.env['key.account.area'].create({'name': "Cellar"})
        self.meet_often(self.ours, self.ada)
        self.refresh()
        self.assertEqual(self.account.missing_area_ids, self.cid.key_account_area_id)

    def test_gaps_of_many_accounts_in_few_queries(self):
        accounts = self.env['key.account'].create([
            {'partner_id': self.env['res.partner'].create({'name': f"Customer {number}", 'is_company': True}).id,
             'tier_id': self.tier.id} for number in range(20)])
        self.refresh()
        with self.assertQueryCount(12):
            accounts.mapped('people_gaps')

    def test_rows_of_the_map_by_rank(self):
        """The sponsor, the key account manager, the team, then whoever else exchanges with them, the strongest first."""
        self.account.write({
            'sponsor_id': self.manager.id, 'user_id': self.salesperson.id, 'member_ids': self.salesperson_2.ids})
        self.mail(self.other, self.ada)
        self.meet(self.ours, self.ada)
        self.refresh()
        self.assertEqual(
            [user['id'] for user in self.account.get_relationship_map()['ours']],
            [self.manager.id, self.salesperson.id, self.salesperson_2.id, self.ours.id, self.other.id])
