from odoo import api, models


class CalendarEvent(models.Model):
    """A meeting that is deleted does not count any more."""
    _inherit = 'calendar.event'

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        self.env['key.account.relationship']._note_stale_people(self.partner_ids)
