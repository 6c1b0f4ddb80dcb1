from datetime import datetime, timedelta

from odoo.tests import new_test_user

from .common import TODAY, KeyAccountCommon


class RelationshipCommon(KeyAccountCommon):
    """A customer with three people, two of ours who serve it, and what they exchange."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env['res.partner'].create({'name': "Harbor Works", 'is_company': True})
        cls.account = cls.env['key.account'].create({'partner_id': cls.customer.id})
        cls.ada, cls.bea, cls.cid = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': f'{name.lower()}@harbor.example'}
            for name in ("Ada", "Bea", "Cid")])
        cls.ours, cls.other = (
            new_test_user(cls.env, login, 'sales_team.group_sale_salesman', name=login.title(), email=f'{login}@we.example')
            for login in ('olga', 'otto'))
        cls.Relationship = cls.env['key.account.relationship']

    @classmethod
    def mail(cls, author, recipient, day=TODAY, **vals):
        """:return: a mail between a user and a person of the customer, on the customer's page"""
        sender, receiver = (
            person.partner_id if person._name == 'res.users' else person for person in (author, recipient))
        return cls.env['mail.message'].create({
            'model': 'res.partner', 'res_id': cls.customer.id, 'author_id': sender.id, 'partner_ids': receiver.ids,
            'message_type': 'comment' if author._name == 'res.users' else 'email', 'is_internal': False,
            'subtype_id': cls.env.ref('mail.mt_comment').id, 'date': datetime.combine(day, datetime.min.time()), **vals})

    @classmethod
    def meet(cls, *people, day=TODAY, **vals):
        """:return: a meeting of one hour between users and people of the customer"""
        partners = cls.env['res.partner'].union(*(
            person.partner_id if person._name == 'res.users' else person for person in people))
        start = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
        return cls.env['calendar.event'].with_context(no_mail_to_attendees=True, dont_notify=True).create({
            'name': "Meeting", 'start': start, 'stop': start + timedelta(hours=1), 'partner_ids': partners.ids, **vals})

    @classmethod
    def refresh(cls, today=TODAY):
        cls.env.flush_all()
        cls.Relationship._refresh_relationships(cls.env.company, today, cls.env['key.account'])
        cls.env.invalidate_all()

    @classmethod
    def find(cls, user, person):
        return cls.Relationship.search([('user_id', '=', user.id), ('partner_id', '=', person.id)])

    @classmethod
    def read_all(cls):
        """:return: all that is stored about all relationships but what only the run itself goes on from"""
        names = (
            'strength', 'strength_before', 'trend', 'is_gap', 'last_in', 'last_out', 'last_meeting', 'mail_in_count',
            'mail_out_count', 'meeting_count', 'call_count')
        return {
            (row.account_id, row.user_id, row.partner_id): tuple(row[name] for name in names)
            for row in cls.Relationship.search([])}


class PeopleCommon(RelationshipCommon):
    """As well, what the accounts make of their relationships."""

    @classmethod
    def refresh(cls, today=TODAY):
        result = super().refresh(today)
        cls.env['key.account']._refresh_people(cls.env.company, today, cls.env['key.account'])
        cls.env.invalidate_all()
        return result
