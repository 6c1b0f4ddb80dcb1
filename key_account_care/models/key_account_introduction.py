from odoo import models
from odoo.tools import format_date

from .key_account_people import IN_CONTACT


class KeyAccount(models.Model):
    """Who of ours can introduce a colleague to one of theirs: *who knows whom*."""
    _inherit = 'key.account'

    def get_relationship_map(self):
        """Tell where an introduction is planned, too."""
        result = super().get_relationship_map()
        planned = self.env['mail.activity'].search([
            ('key_account_relationship_id', 'in', [cell['id'] for cell in result['cells']])])
        days = {activity.key_account_relationship_id.id: activity.date_deadline for activity in planned}
        for cell in result['cells']:
            cell['introduction'] = format_date(self.env, days[cell['id']]) if cell['id'] in days else ''
        return result

    def _prepare_map_cell(self, relationship):
        return {**super()._prepare_map_cell(relationship), 'successor': relationship.successor_id.name or ''}

    def _get_introducers(self, user, person):
        """:return: res.users of ours who know ``person``, the strongest first, without ``user``"""
        self.ensure_one()
        return self.relationship_ids.filtered(
            lambda each: each.partner_id == person and each.strength and each.user_id != user and each.user_id.active
        ).sorted('strength', reverse=True).user_id

    def _get_in_contact(self, user):
        """:return: res.partner with whom ``user`` is in contact"""
        return self.relationship_ids.filtered(
            lambda each: each.user_id == user and each.strength >= IN_CONTACT).partner_id

    def action_plan_introduction(self, user_id, partner_id):
        """Open the assistant that plans an introduction by whoever of ours knows this person best.

        :param int user_id: who is to be introduced
        :param int partner_id: to whom
        :raise AccessError: when the user may not see the account
        """
        self.ensure_one()
        self.check_access('read')
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_introduction'),
            'context': {
                'default_account_id': self.id, 'default_user_id': user_id, 'default_partner_id': partner_id},
        }
