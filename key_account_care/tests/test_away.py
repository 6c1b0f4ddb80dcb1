from datetime import datetime, timedelta

from odoo.tests import new_test_user, tagged

from .common import TODAY
from .relationship_common import PeopleCommon


@tagged('post_install', '-at_install')
class TestAway(PeopleCommon):
    """An account hangs on one thread when it hangs on somebody of ours who is on leave or has left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.noon = datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=12)
        (cls.ours | cls.other).tz = 'UTC'
        for user, person in ((cls.ours, cls.ada), (cls.other, cls.bea)):
            for days in (2, 10, 20):
                cls.meet(user, person, day=TODAY - timedelta(days=days))
        cls.env.cr.execute("UPDATE key_account SET revenue = 1000 WHERE id = %s", [cls.account.id])
        cls.Leave = cls.env['resource.calendar.leaves']
        cls.resource = cls.env['resource.resource'].create({'name': "Otto", 'user_id': cls.other.id, 'tz': 'UTC'})

    def leave(self, hours_before, hours_after, **vals):
        return self.Leave.create({
            'name': "Holidays", 'date_from': self.noon - timedelta(hours=hours_before),
            'date_to': self.noon + timedelta(hours=hours_after), 'resource_id': self.resource.id, **vals})

    def assertThread(self, thread, note):
        self.refresh()
        self.assertEqual((self.account.thread, self.account.away_note), (thread, note))

    def test_everybody_is_here(self):
        self.assertThread('several', "")

    def test_vacation_responder(self):
        self.other.write({'out_of_office_from': self.noon - timedelta(days=1), 'out_of_office_to': self.noon + timedelta(days=9)})
        day = TODAY + timedelta(days=9)
        self.assertThread('ours', f"Otto is away until {day.month:02}/{day.day:02}/{day.year}.")
        self.assertIn("Otto is away until", self.account.people_gaps)
        self.assertEqual((self.account.people_ours, self.account.people_theirs), (2, 2))
        self.assertEqual(self.account.revenue_at_stake, 1000)

    def test_vacation_without_end(self):
        self.other.out_of_office_from = self.noon - timedelta(days=1)
        self.assertThread('ours', "Otto is away.")

    def test_approved_time_off(self):
        self.leave(4, 5)
        self.assertThread('ours', f"Otto is away until {TODAY.month:02}/{TODAY.day:02}/{TODAY.year}.")

    def test_what_is_no_leave(self):
        self.leave(4, 0)  # half a day
        self.leave(4, 5, time_type='other')
        self.leave(4, 5, resource_id=False)
        self.leave(-20, 40)
        self.other.write({'out_of_office_from': self.noon - timedelta(days=9), 'out_of_office_to': self.noon - timedelta(days=1)})
        self.assertThread('several', "")

    def test_nobody_is_here(self):
        self.leave(4, 5)
        self.ours.out_of_office_from = self.noon - timedelta(days=1)
        self.refresh()
        self.assertEqual((self.account.thread, self.account.revenue_at_stake), ('ours', 1000))

    def test_the_only_one_has_left(self):
        self.other.active = False
        self.assertThread('both', "Otto has left.")
        self.ours.active = False
        self.refresh()
        self.assertEqual((self.account.thread, self.account.revenue_at_stake), ('ours', 1000))
        self.assertFalse(self.account.people_ours)

    def test_introduced_by_who_is_here(self):
        third = new_test_user(self.env, 'ivar', 'sales_team.group_sale_salesman')
        self.meet(self.ours, self.bea)
        self.refresh()
        self.assertEqual(self.account._get_introducers(third, self.bea).ids, (self.other + self.ours).ids)
        self.leave(4, 5)
        self.assertEqual(self.account._get_introducers(third, self.bea).ids, (self.ours + self.other).ids)

    def test_map(self):
        self.leave(4, 5)
        self.refresh()
        parts = {user['name']: user['part'] for user in self.account.get_relationship_map()['ours']}
        self.assertIn("Away until", parts["Otto"])
        self.assertFalse(parts["Olga"])

    def test_seen_by_a_salesperson(self):
        self.leave(4, 5)
        self.refresh()
        self.account.user_id = self.ours
        self.assertIn("Otto is away", self.account.with_user(self.ours).people_gaps)

    def test_who_is_away_in_few_queries(self):
        self.leave(4, 5)
        self.refresh()
        accounts = self.account | self.env['key.account'].create([
            {'partner_id': self.env['res.partner'].create({'name': f"Customer {number}", 'is_company': True}).id}
            for number in range(10)])
        self.env.flush_all()
        self.account.mapped('away_note')
        accounts.invalidate_recordset(['away_note'])
        with self.assertQueryCount(1):
            accounts.mapped('away_note')
