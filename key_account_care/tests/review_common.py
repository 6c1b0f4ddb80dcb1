from datetime import date, datetime

from odoo.fields import Command

from .common import KeyAccountCommon


class ReviewCommon(KeyAccountCommon):
    """A review of a customer with three people, which is due in three days, and who of ours attends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = 'UTC'
        cls.champion, cls.decider = (
            cls.env.ref(f'key_account_care.buying_role_{role}') for role in ('champion', 'decision_maker'))
        cls.customer = cls.create_customer("Harbor Works", lang='en_US')
        cls.ada, cls.bea, cls.cid = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': email, 'key_account_role_ids': [Command.set(roles.ids)]}
            for name, email, roles in (
                ("Ada", 'ada@harbor.example', cls.champion), ("Bea", False, cls.decider),
                ("Cid", 'cid@harbor.example', cls.champion.browse()))])
        cls.set_tiers({'rule': 'amount', 'amount_min': 0, 'review_months': 3})
        cls.account = cls.env['key.account'].create({
            'partner_id': cls.customer.id, 'user_id': cls.salesperson.id, 'sponsor_id': cls.manager.id,
            'member_ids': [Command.set(cls.salesperson_2.ids)]})
        cls.kind = cls.env['key.account.review.type'].create({
            'name': "Business review", 'duration': 1.0, 'agenda': "Deliveries\n\n Prices ",
            'criteria': "Who decides was there\n\n Both promised something ",
            'role_ids': [Command.set((cls.champion + cls.decider).ids)], 'with_sponsor': True})
        cls.review = cls.env['key.account.review'].create({
            'account_id': cls.account.id, 'type_id': cls.kind.id, 'due_date': date(2025, 7, 3)})
        cls.mine = cls.review.with_user(cls.salesperson)
        cls.ours = cls.salesperson.partner_id | cls.manager.partner_id

    def plan(self, start=datetime(2025, 7, 2, 9), **options):
        self.mine._plan_meeting(start, self.ours | self.ada, 1.0, **options)
        return self.mine.event_id

    def hold(self, **vals):
        """Held this morning."""
        self.plan(datetime(2025, 6, 30, 9))
        self.mine.write({'minutes': "<p>All is well</p>", **vals})
        self.mine.action_hold()
