from odoo import api, models


class CalendarAttendee(models.Model):
    """Who is taken off a meeting was not there."""
    _inherit = 'calendar.attendee'

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        self.env['key.account.relationship']._note_stale_people(
            self.partner_id | self.event_id.partner_ids)
