from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users

from .relationship_common import RelationshipCommon

PEOPLE_MODELS = (
    'key.account.interaction', 'key.account.relationship', 'key.account.suggestion', 'key.account.data.check')


@tagged('post_install', '-at_install')
class TestRelationshipSecurity(RelationshipCommon):
    """Who has no rights on an account learns nothing of it through its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({
            'user_id': cls.ours.id, 'tier_id': cls.env['key.account.tier'].create({
                'name': "Cared for", 'rule': 'manual', 'is_key': True, 'data_check_months': 1}).id})
        cls.ada.write({'key_account_stance': 'opponent', 'key_account_left_sign': 'bounce'})
        cls.meeting = cls.meet(cls.ours, cls.ada, name="Take over the competitor", privacy='private', user_id=cls.ours.id)
        cls.mail(cls.ours, cls.ada, subject="Their secret plan")
        cls.suggestion = cls.env['key.account.suggestion'].create({'account_id': cls.account.id, 'email': 'dee@harbor.example'})
        cls.refresh()
        cls.relationship = cls.find(cls.ours, cls.ada)
        cls.relationship.message_post(body="He told me in private")

    def seen(self, user, model):
        return self.env[model].with_user(user).with_context(**user.env.context).search([('account_id', '=', self.account.id)])

    def test_who_serves_the_account_sees_all(self):
        for model in PEOPLE_MODELS:
            self.assertTrue(self.seen(self.ours, model), model)
        self.assertTrue(self.account.with_user(self.ours).get_relationship_map()['cells'])

    @users('ka_salesperson')
    def test_salesperson_without_rights(self):
        for model in PEOPLE_MODELS:
            with self.subTest(model=model):
                everything = self.env[model].sudo().search([('account_id', '=', self.account.id)])
                self.assertFalse(self.seen(self.env.user, model))
                name = 'email' if model == 'key.account.suggestion' else 'partner_id.email'
                self.assertFalse(self.env[model].search([(name, 'like', 'harbor.example')]))
                self.assertFalse([
                    group['__count'] for group in self.env[model].formatted_read_group([], ['account_id'], ['__count'])
                    if group['account_id'] and group['account_id'][0] == self.account.id])
                with self.assertRaises(AccessError):
                    everything.with_env(self.env).read(['account_id'])
        account = self.account.with_env(self.env)
        for call in (
            account.get_relationship_map, account.action_open_org_chart,
            lambda: account.read(['leaving_ids']), lambda: account.read(['people_gaps']),
            lambda: account.set_desired_level(self.env.uid, self.ada.id, '60'),
            lambda: account.action_plan_introduction(self.env.uid, self.ada.id),
            lambda: self.env['key.account.introduction'].create({
                'account_id': account.id, 'user_id': self.env.uid, 'partner_id': self.ada.id}).who_knows_whom,
            lambda: self.env['key.account.handover'].create({'account_ids': account.ids, 'user_id': self.env.uid}).summary,
            lambda: self.env['ir.actions.report']._render_qweb_html(
                'key_account_care.report_key_account_people', account.ids),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                call()

    @users('ka_salesperson')
    def test_salesperson_without_rights_changes_nothing(self):
        for records, method in (
            (self.suggestion, 'action_add'), (self.suggestion, 'action_ignore'),
            (self.relationship, 'action_open_interactions'),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(records.with_env(self.env), method)()
        with self.assertRaises(AccessError):
            self.relationship.with_env(self.env).desired = '85'
        with self.assertRaises(AccessError):
            self.relationship.with_env(self.env).create({
                'account_id': self.account.id, 'user_id': self.env.uid, 'partner_id': self.bea.id, 'desired': '85'})
        self.assertEqual(self.suggestion.state, 'new')
        self.assertFalse(self.env['mail.message'].search([('res_id', '=', self.relationship.id), (
            'model', '=', 'key.account.relationship')]))

    @users('ka_salesperson')
    def test_salesperson_without_rights_reads_no_judgement(self):
        """The contact itself is for everybody; what we think of it is for those who serve the customer."""
        self.ada.write({
            'key_account_role_ids': self.env['key.account.buying.role'].search([], limit=1).ids,
            'key_account_reports_to_id': self.bea.id})
        names = [name for name, field in self.ada._fields.items()
                 if field.groups == 'key_account_care.group_user' and name != 'key_account_ids']
        own = self.env['res.partner'].sudo().create({'name': "No customer yet", 'key_account_stance': 'neutral'})
        self.env.flush_all()
        self.env.invalidate_all()
        values = self.ada.with_env(self.env).read(['name', *names])[0]
        self.assertEqual(values['name'], "Ada")
        self.assertEqual([name for name in names if values[name]], [])
        self.assertEqual(own.with_env(self.env).key_account_stance, 'neutral')
        for name in names:
            found = self.env['res.partner'].search([(name, '!=', False)])
            self.assertFalse(found & (self.ada + self.bea), name)
            found = self.env['res.partner'].search([(name, '=', False), ('id', '=', self.ada.id)])
            self.assertLessEqual(len(found), 1)
        for operator, person in (('child_of', self.bea), ('parent_of', self.ada)):
            found = self.env['res.partner'].search([('key_account_reports_to_id', operator, person.id)])
            self.assertFalse(found, operator)
        groups = self.env['res.partner']._read_group(
            [('id', 'in', self.ada.ids)], ['key_account_stance'], ['__count'])
        self.assertEqual(groups, [(False, 1)])
        person = self.ada.with_env(self.env)
        self.env.user.sudo().group_ids += self.env.ref('base.group_partner_manager')
        person.name = "Ada L."
        for change in (lambda: person.write({'key_account_stance': 'champion'}), person.action_key_account_still_true,
                       person.action_key_account_still_there):
            with self.assertRaises(AccessError):
                change()
        self.env.invalidate_all()
        self.assertEqual(self.ada.key_account_stance, 'opponent')
        self.account.member_ids += self.salesperson
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(person.key_account_stance, 'opponent')
        self.assertTrue(person.key_account_role_ids)
        self.assertIn(person, self.env['res.partner'].search([('key_account_role_ids', '!=', False)]))
        self.assertIn(person, self.env['res.partner'].search([('key_account_reports_to_id', 'child_of', self.bea.id)]))

    def test_people_judge_but_do_not_count(self):
        """Nor do they give away a relationship, or begin one with somebody of another customer."""
        stranger = self.env['res.partner'].create({'name': "Stranger"})
        own = self.relationship.with_user(self.ours)
        own.write({'desired': '85', 'assessment': '60', 'successor_id': self.other.id})
        begun = {'account_id': self.account.id, 'user_id': self.ours.id, 'desired': '60'}
        own.create({**begun, 'partner_id': self.bea.id})
        for change in (
            lambda: own.write({'strength': 99}), lambda: own.write({'account_id': self.account.id + 1}),
            lambda: own.write({'partner_id': self.cid.id}),
            lambda: own.create({**begun, 'partner_id': self.cid.id, 'strength': 99}),
            lambda: own.create({**begun, 'partner_id': stranger.id}),
            lambda: self.account.with_user(self.ours).set_desired_level(self.ours.id, self.customer.id, '60'),
            lambda: self.account.with_user(self.ours).set_desired_level(self.portal_user.id, self.cid.id, '60'),
        ):
            with self.assertRaises(UserError):
                change()

    def test_colleague_counts_private_meetings_but_reads_no_subject(self):
        self.account.member_ids = self.salesperson
        rows = self.seen(self.salesperson, 'key.account.interaction').sorted('kind')
        self.assertEqual(rows.mapped('kind'), ['mail', 'meeting'])
        self.assertNotIn('competitor', rows[1].subject or '')
        self.assertNotIn('competitor', str(rows[1].read()))
        self.assertEqual(self.relationship.meeting_count, 1)

    def test_colleague_reads_nothing_of_documents_that_only_others_may_open(self):
        """Neither the mail nor the activity on somebody else's opportunity, by whatever way."""
        self.account.member_ids = self.salesperson
        lead = self.env['crm.lead'].create({
            'name': "Secret bid", 'type': 'opportunity', 'partner_id': self.ada.id, 'user_id': self.ours.id})
        asked = self.mail(self.ada, self.ours, model='crm.lead', res_id=lead.id, subject="Secret price")
        self.mail(self.ours, self.ada, model='crm.lead', res_id=lead.id, subject="Secret answer", parent_id=asked.id)
        lead.activity_schedule('mail.mail_activity_data_call', user_id=self.ours.id, summary="Secret call").action_feedback()
        self.env['key.account.response']._refresh_responses(self.env.company, fields.Date.today(), self.env['key.account'])
        self.env.invalidate_all()
        self.assertFalse(lead.with_user(self.salesperson).has_access('read'))
        for model, count in (('key.account.interaction', 5), ('key.account.response', 1)):
            rows = self.seen(self.salesperson, model)
            self.assertEqual(len(rows), count)
            names = [name for name in rows._fields if rows._has_field_access(rows._fields[name], 'read')]
            links = [name for name in names if rows._fields[name].type == 'many2one']
            told = [
                rows.read(names),
                rows.web_read({name: {'fields': {'display_name': {}}} for name in (*links, *{'res_id'} & set(names))}),
                *(rows.formatted_read_group([], [name], ['__count']) for name in links)]
            self.assertNotIn("Secret", str(told))
            self.assertIn("Secret", str(self.seen(self.ours, model).mapped('subject')))

    def test_employees_and_customers_read_no_judgement(self):
        """The portal lets customers read their own colleagues: not whom we call an opponent."""
        self.portal_user.partner_id.parent_id = self.customer
        names = [name for name in self.ada._fields if name.startswith('key_account_') and name not in (
            'key_account_id', 'key_account_tier_id', 'key_account_tier_color')]
        self.assertIn('key_account_left_sign', names)
        for user in self.portal_user, self.employee:
            person = self.ada.with_user(user)
            person.read(['name'])
            for name in names:
                with self.subTest(user=user.login, name=name):
                    with self.assertRaises(AccessError):
                        person.read([name])
                    with self.assertRaises(AccessError):
                        person.search([(name, '!=', False)])
            for model in (*PEOPLE_MODELS, 'key.account.departure'):
                with self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.account.with_user(user).get_relationship_map()
            with self.assertRaises(AccessError):
                person.action_key_account_still_true()

    def test_other_company(self):
        abroad = self.create_company("Abroad", self.dollar)
        self.manager.write({'company_ids': [(6, 0, abroad.ids)], 'company_id': abroad.id})
        for model in PEOPLE_MODELS:
            self.assertFalse(self.seen(self.manager.with_context(allowed_company_ids=abroad.ids), model), model)

    def test_employee_who_edits_contacts_keeps_the_judgements(self):
        self.employee.group_ids += self.env.ref('base.group_partner_manager')
        person = self.ada.with_user(self.employee)
        person.write({'name': "Ada L.", 'parent_id': self.customer.id})
        copied = person.copy()
        self.assertEqual(self.ada.key_account_stance, 'opponent')
        self.assertFalse(copied.sudo().key_account_left_sign)
        self.assertFalse(copied.sudo().key_account_stance)
