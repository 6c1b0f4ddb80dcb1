from odoo import models

PEOPLE = 60  # of theirs at most; those with whom we exchange, or about whom we know something, come first


class KeyAccount(models.Model):
    """The relationship map: our people as rows, theirs as columns, and what is between them."""
    _inherit = 'key.account'

    def get_relationship_map(self):
        """:return: dict for the map: ``ours``, ``theirs``, ``cells``, ``levels``, ``missing_roles`` and ``hidden``, the
            number of people who are left out
        :raise AccessError: when the user may not see the account
        """
        self.ensure_one()
        self.check_access('read')
        relationships = self.relationship_ids.filtered(
            lambda relationship: relationship.partner_id.commercial_partner_id == self.partner_id)
        theirs = self._get_map_people(relationships)
        relationships = relationships.filtered(lambda relationship: relationship.partner_id in theirs[:PEOPLE])
        return {
            'ours': [self._prepare_map_user(user) for user in self._get_map_users(relationships)],
            'theirs': [self._prepare_map_person(person) for person in theirs[:PEOPLE]],
            'cells': [self._prepare_map_cell(relationship) for relationship in relationships],
            'levels': relationships._fields['desired']._description_selection(self.env),
            'missing_roles': self.missing_role_ids.mapped('name'),
            'hidden': len(theirs[PEOPLE:]),
        }

    def _get_map_people(self, relationships):
        """:return: the customer's people by area and level; those who left only while there is something to hand over"""
        exchanging = relationships.filtered('strength').partner_id
        people = self._get_people().get(self, self.env['res.partner']) | exchanging
        known = people.filtered(
            lambda person: person in relationships.partner_id or person._get_judgements()
            or person.key_account_is_placeholder)
        return (known or people).sorted(lambda person: (
            not person.key_account_area_id, person.key_account_area_id.sequence, person.key_account_area_id.id,
            -int(person.key_account_seniority or 0), person.name or ''))

    def _get_map_users(self, relationships):
        """:return: the team of the account, and who else of ours exchanges with them; by their part, then by strength"""
        strength = {}
        for relationship in relationships:
            strength[relationship.user_id] = strength.get(relationship.user_id, 0) + relationship.strength
        team = self.user_id | self.sponsor_id | self.member_ids
        # sudo: the names of colleagues are for all employees
        return (team | relationships.user_id).sudo().sorted(lambda user: (
            user != self.sponsor_id, user != self.user_id, user not in team, -strength.get(user, 0), user.name))

    def _prepare_map_user(self, user):
        parts = [
            (user == self.user_id, self.env._("Key Account Manager")), (user == self.sponsor_id, self.env._("Sponsor"))]
        return {
            'id': user.id, 'name': user.name, 'active': user.active,
            'part': ", ".join(name for holds, name in parts if holds)}

    def _prepare_map_person(self, person):
        names = {
            name: dict(person._fields[f'key_account_{name}']._description_selection(self.env)).get(
                person[f'key_account_{name}'], '')
            for name in ('seniority', 'stance')}
        return {
            'id': person.id, 'name': person.name or '', 'function': person.function or '',
            'area': person.key_account_area_id.name or '', 'roles': person.key_account_role_ids.mapped('name'),
            'seniority': names['seniority'], 'stance': person.key_account_stance or '', 'stance_name': names['stance'],
            'is_placeholder': person.key_account_is_placeholder, 'has_left': bool(person.key_account_left_on)}

    def _prepare_map_cell(self, relationship):
        return {
            'id': relationship.id, 'user_id': relationship.user_id.id, 'partner_id': relationship.partner_id.id,
            'strength': relationship.strength, 'trend': relationship.trend, 'is_gap': relationship.is_gap,
            'desired': relationship.desired, 'level': relationship.level, 'assessment': relationship.assessment,
            'direction': 'both' if relationship.last_in and relationship.last_out else (
                'in' if relationship.last_in else 'out' if relationship.last_out else '')}

    def set_desired_level(self, user_id, partner_id, desired):
        """Say how well two people should know each other, also when they do not yet.

        :param int user_id: one of ours
        :param int partner_id: one of theirs
        :param str desired: a value of ``desired``, or False
        :return: id of the relationship
        """
        self.ensure_one()
        user, person = self.env['res.users'].browse(user_id), self.env['res.partner'].browse(partner_id)
        relationship = self._get_relationship(user, person, desired)
        relationship.desired = desired
        return relationship.id

    def _get_relationship(self, user, person, desired=False):
        """:return: key.account.relationship of these two, which begins with a desired level when there is none yet"""
        self.ensure_one()
        relationship = self.relationship_ids.filtered(lambda each: each.user_id == user and each.partner_id == person)
        if not relationship:
            relationship = self.relationship_ids.create({
                'account_id': self.id, 'user_id': user.id, 'partner_id': person.id, 'desired': desired})
        elif desired and not relationship.desired:
            relationship.desired = desired
        return relationship
