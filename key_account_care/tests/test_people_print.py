from odoo.tests import tagged

from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestPeoplePrint(RelationshipCommon):
    """The relationship map and the org chart on paper."""

    def render(self):
        report = self.env['ir.actions.report']._render_qweb_html(
            'key_account_care.report_key_account_people', self.account.ids)
        return report[0].decode()

    def test_map(self):
        self.ada.key_account_area_id = self.env['key.account.area'].create({'name': "Cellar"})
        for _number in range(3):
            self.meet(self.ours, self.ada)
        self.refresh()
        relationship = self.find(self.ours, self.ada)
        relationship.desired = '85'
        part, = self.account._get_printed_maps()
        self.assertEqual([person['name'] for person in part['people']], ["Ada"])
        row = next(row for row in part['rows'] if row['user']['id'] == self.ours.id)
        cell = row['cells'][0]
        self.assertEqual((cell['text'], cell['arrow'], cell['is_gap']), (relationship.strength, '↑', True))
        text = self.render()
        for word in ("Harbor Works", "Olga", "Cellar", "3px solid"):
            self.assertIn(word, text)

    def test_map_of_many_is_in_parts(self):
        self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id} for number in range(27)])
        parts = self.account._get_printed_maps()
        self.assertEqual([len(part['people']) for part in parts], [12, 12, 6])

    def test_nobody(self):
        (self.ada | self.bea | self.cid).active = False
        self.assertIn("Nobody of this customer is known yet", self.render())

    def test_org_chart(self):
        self.ada.key_account_reports_to_id = self.cid
        self.bea.key_account_reports_to_id = self.ada
        self.env['res.partner'].create({'name': "Dock 4", 'type': 'delivery', 'parent_id': self.customer.id})
        lines = self.account._get_printed_org_chart()
        self.assertEqual([(line['person'], line['depth']) for line in lines], [(self.cid, 0), (self.ada, 1), (self.bea, 2)])
        self.env.flush_all()
        # an import past the checks makes a circle
        self.env.cr.execute(
            "UPDATE res_partner SET key_account_reports_to_id = %s WHERE id = %s", (self.bea.id, self.cid.id))
        self.env.invalidate_all()
        self.assertEqual(len(self.account._get_printed_org_chart()), 3)

    def test_chart_of_many_in_few_queries(self):
        people = self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id} for number in range(300)])
        people[1:].key_account_reports_to_id = people[0]
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            self.assertEqual(len(self.account._get_printed_org_chart()), 303)
