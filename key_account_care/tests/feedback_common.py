from .common import KeyAccountCommon


class FeedbackCommon(KeyAccountCommon):
    """A customer with three people, its account and tier, and the questions that are asked each time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = False  # day and night: answer times are those of the clock
        cls.tier, = cls.set_tiers({
            'name': "Key", 'rule': 'manual', 'is_key': True, 'answer_hours': 8, 'satisfaction_months': 6,
            'satisfaction_people': 2})
        cls.customer = cls.create_customer("Harbor Works", user_id=cls.salesperson.id)
        cls.ada, cls.bea, cls.cid = cls.env['res.partner'].create([
            {'name': name, 'parent_id': cls.customer.id, 'email': f'{name.lower()}@harbor.example'}
            for name in ("Ada", "Bea", "Cid")])
        cls.account = cls.env['key.account'].create({
            'partner_id': cls.customer.id, 'user_id': cls.salesperson.id, 'tier_id': cls.tier.id})
        cls.Feedback, cls.Invitation, Question = (
            cls.env[name] for name in ('key.account.feedback', 'key.account.feedback.invitation', 'key.account.question'))
        Question.search([]).active = False
        cls.quality, cls.logistics = cls.env['key.account.area'].create([{'name': "Ropes"}, {'name': "Ships"}])
        cls.scored, cls.compared, cls.worded = Question.create([
            {'text': "How good are our ropes?", 'area_id': cls.quality.id},
            {'text': "How did we help you?", 'kind': 'expectation'},
            {'text': "What should be better?", 'kind': 'text'}])

    @classmethod
    def tell(cls, kind='complaint', **vals):
        """:return: feedback of Ada about the customer's account, as the user of this world notes it"""
        return cls.Feedback.create({'kind': kind, 'account_id': cls.account.id, 'partner_id': cls.ada.id, **vals})

    @classmethod
    def invite(cls, person=None, send=True, **vals):
        """:return: an invitation of Ada or somebody else, sent unless told otherwise"""
        invitation = cls.Invitation.create({
            'account_id': cls.account.id, 'partner_id': (person or cls.ada).id, 'user_id': cls.salesperson.id, **vals})
        if send:
            invitation.action_send()
        return invitation
