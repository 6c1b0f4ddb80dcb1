from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon

LISTS = ('key.account.interaction', 'key.account.relationship', 'key.account.response', 'key.account.data.check',
         'key.account.suggestion', 'key.account.time.share')


@tagged('post_install', '-at_install')
class TestRelationshipQueryCounts(RelationshipCommon):
    """No list, card or form about people takes more queries for more of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.country_id = cls.env.ref('base.no')
        cls.account.write({'user_id': cls.ours.id, 'member_ids': cls.other.ids, 'tier_id': cls.env['key.account.tier'].create({
            'name': "Cared for", 'rule': 'manual', 'is_key': True, 'data_check_months': 1, 'min_their_contacts': 99}).id})

    def get_to_know(self, count):
        """Everything there is about so many people, and of as many customers."""
        people = self.env['res.partner'].create([
            {'name': f"Guest {number}", 'parent_id': self.customer.id, 'key_account_left_sign': 'silence',
             'key_account_seniority': '3', 'key_account_stance': 'critic'} for number in range(count)])
        for person in people:
            self.mail(person, self.ours, subject="Question")
            self.mail(self.ours, person)
            self.mail(self.env['res.partner'], self.ours, author_id=False, email_from=f'{person.id}@harbor.example')
            person.activity_schedule('mail.mail_activity_data_call', user_id=self.ours.id).action_feedback()
        self.meet(self.ours, self.other, *people)
        self.env['key.account'].create([
            {'partner_id': self.env['res.partner'].create({'name': person.name, 'is_company': True}).id,
             'user_id': self.ours.id, 'tier_id': self.account.tier_id.id, 'previous_user_id': self.other.id}
            for person in people])
        self.env['key.account']._refresh(TODAY, companies=self.company)
        self.env.invalidate_all()
        self.account.relationship_ids.desired = '60'

    def get_specification(self, model, view_type, view_id=False):
        """The fields that the web client asks for to show a view."""
        view = model.get_view(view_type=view_type, view_id=view_id)
        return {
            name: {'fields': {'display_name': {}}} if model._fields[name].relational else {}
            for name in view['models'][model._name] if f'"{name}"' in view['arch']}

    def get_calls(self):
        """:return: dict of what the web client calls for each list, and for the account's own page"""
        env = self.env(user=self.ours)
        calls = {}
        for name in LISTS:
            views = dict.fromkeys(('list', 'kanban'))
            for view_type in views:
                if env['ir.ui.view'].sudo().search_count([('model', '=', name), ('type', '=', view_type)]):
                    specification = self.get_specification(env[name], view_type)
                    calls[name, view_type] = lambda model=env[name], spec=specification: model.web_search_read(
                        [], spec, limit=500)
        Account = env['key.account']
        thread = self.env.ref('key_account_care.view_key_account_one_thread_list').id
        specification = self.get_specification(Account, 'list', thread)
        calls['key.account', 'thread'] = lambda: Account.web_search_read([], specification, limit=500)
        form = self.get_specification(Account, 'form')
        calls['key.account', 'form'] = lambda: self.account.with_env(env).web_read(form)
        wizard = self.env['key.account.handover'].with_env(env)
        calls['key.account.handover', 'summary'] = lambda: wizard.new({
            'account_ids': Account.search([]).ids, 'user_id': self.salesperson.id}).summary
        calls['key.account', 'people'] = lambda: Account.search([]).mapped('people_gaps')
        return calls

    def test_as_many_for_many(self):
        self.get_to_know(3)
        calls = self.get_calls()
        for call in calls.values():
            call()  # what Odoo keeps for the whole process
        few = {name: self.count_queries(call) for name, call in calls.items()}
        self.get_to_know(12)
        for name, call in calls.items():
            with self.subTest(name=name):
                self.assertLessEqual(self.count_queries(call), few[name])
        for name in LISTS:
            self.assertGreaterEqual(self.env[name].with_user(self.ours).search_count([]), 15, name)
