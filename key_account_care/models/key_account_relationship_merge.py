from odoo import api, models

SAID = ('desired', 'assessment', 'successor_id')


class KeyAccountRelationship(models.Model):
    """What becomes of relationships when Odoo merges people or customers: what was judged stays, figures are recounted."""
    _inherit = 'key.account.relationship'

    @api.model
    def _merge_people(self, sources, destination):
        """Leave one relationship per user and account for people who turn out to be one.

        :param res.partner sources: people who will be deleted
        :param res.partner destination: the person who stays
        """
        found = self.search([('partner_id', 'in', (sources | destination).ids)])
        found.is_stale = True
        for relationships in found.grouped(lambda each: (each.account_id, each.user_id)).values():
            kept = relationships.sorted(lambda each: each.partner_id != destination)[0]
            for other in relationships - kept:
                kept._take_over(other)
        (sources | destination)._leave_own_circle()
        # calls that were made count for who stays; Odoo moves only the activities that are still to be done
        self.env['mail.activity'].search([
            ('res_model', '=', 'res.partner'), ('res_id', 'in', sources.ids), ('active', '=', False)]).res_id = destination.id
        self.env.flush_all()

    def _move_to(self, account):
        """Take these relationships along to the account that stays.

        :param key.account account: the account that stays
        """
        own = account.relationship_ids.grouped(lambda each: (each.user_id, each.partner_id))
        for relationship in self:
            kept = own.get((relationship.user_id, relationship.partner_id))
            if kept:
                kept._take_over(relationship)
            else:
                relationship.account_id = account
        account.relationship_ids.is_stale = True

    def _take_over(self, other):
        """Keep what people judged, wrote and planned about ``other``, where nothing is said here, and delete it."""
        self.ensure_one()
        other.message_change_thread(self)
        other.with_context(active_test=False).introduction_ids.key_account_relationship_id = self  # also those done
        assessed_on = self.assessed_on if self.assessment else other.assessed_on
        self.write({name: other[name] for name in SAID if other[name] and not self[name]})
        self.assessed_on = assessed_on
        other.unlink()
