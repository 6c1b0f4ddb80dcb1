from odoo import fields, models
from odoo.tools import plaintext2html

STRONG = 40  # who knows us so well is to meet the next manager, whatever the level


class KeyAccountRelationship(models.Model):
    """What becomes of a relationship when another of ours takes over, and who introduces whom."""
    _inherit = 'key.account.relationship'

    successor_id = fields.Many2one(
        'res.users', string="Taken over by", index='btree_not_null', ondelete='set null', tracking=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]", help="Who of ours goes on with it.")
    introduction_ids = fields.One2many('mail.activity', 'key_account_relationship_id', string="Planned Introductions")
    introducer_id = fields.Many2one('res.users', compute='_compute_introducer_id')

    def _compute_introducer_id(self):
        """Who introduces the two: as planned, or else whoever of ours knows the other one best."""
        for relationship in self:
            relationship.introducer_id = relationship.introduction_ids[:1].user_id or relationship.account_id._get_introducers(
                relationship.user_id, relationship.partner_id)[:1]

    def _pass_on(self, user):
        """Name ``user`` as the successor, who is nobody's predecessor any more.

        :param res.users user: who takes over
        """
        self.filtered(lambda relationship: relationship.successor_id != user).successor_id = user
        self.account_id.relationship_ids.filtered(
            lambda relationship: relationship.user_id == user and relationship.successor_id).successor_id = False

    def _is_important(self):
        """:return: whether the next manager must be introduced to this person"""
        self.ensure_one()
        person = self.partner_id
        left_on = person.key_account_left_on
        if not person.active or (left_on and left_on <= fields.Date.context_today(self)):
            return False
        return bool(
            self.desired or self.assessment or self.strength >= STRONG or person.key_account_role_ids
            or person.key_account_seniority in ('3', '4', '5') or person.key_account_influence in ('2', '3'))

    def _get_to_introduce(self, user):
        """:return: those of these relationships whose person matters and does not know ``user`` yet"""
        known = self.account_id._get_in_contact(user)
        return self.filtered(
            lambda relationship: relationship.partner_id not in known and relationship._is_important())

    def _plan_introductions_of(self, user, deadline):
        """Plan to introduce ``user`` to the people of these relationships: to get as far as these are.

        :param res.users user: who is to be introduced
        :param date deadline: until when
        """
        for relationship in self:
            account, person = relationship.account_id, relationship.partner_id
            others = account._get_introducers(user, person) - relationship.user_id
            introducer = account._get_manager_at_handover() or others[:1]
            level = relationship.desired or relationship._get_level()
            account._get_relationship(user, person, level)._plan_introduction(introducer, deadline)

    def _get_level(self):
        """:return: the highest desired level that the strength reaches, or else the lowest one, as without a record"""
        levels = sorted((value for value, _name in self._fields['desired'].selection), key=int)
        return next((level for level in reversed(levels) if int(level) <= self.strength), levels[0])

    def _plan_introduction(self, introducer, deadline, note=False):
        """Plan an activity that brings these two together, in place of the one that is planned already.

        It is on the account, or on the contact for somebody who does not see the account.

        :param res.users introducer: who introduces them; empty when nobody of ours knows this person
        :param date deadline: until when
        :param str note: what the introducer should know
        :return: the activity
        """
        self.ensure_one()
        responsible = introducer or self.user_id
        relationship = self.with_context(lang=responsible.lang, mail_activity_quick_update=True)
        names = {'colleague': self.user_id.name, 'person': self.partner_id.name}
        vals = {
            'user_id': responsible.id, 'date_deadline': deadline, 'note': note and plaintext2html(note),
            'summary': relationship.env._("Introduce %(colleague)s to %(person)s", **names) if introducer
            else relationship.env._("Get to know %(person)s", **names)}
        planned = self.introduction_ids[:1]
        if planned.user_id == responsible:
            planned.with_env(relationship.env).write(vals)
            return planned
        planned.unlink()
        sees_account = self.account_id.with_user(responsible).has_access('read')
        record = relationship.account_id if sees_account else relationship.partner_id
        return record.activity_schedule(
            'mail.mail_activity_data_todo', key_account_relationship_id=self.id, automated=False, **vals)
