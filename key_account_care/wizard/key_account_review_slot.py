from odoo import api, fields, models
from odoo.tools import format_datetime


class KeyAccountReviewSlot(models.TransientModel):
    """A time at which all of ours who attend a review are free."""
    _name = 'key.account.review.slot'
    _description = "Proposed Time"
    _order = 'start, id'

    plan_id = fields.Many2one('key.account.review.plan', required=True, index=True, ondelete='cascade')
    start = fields.Datetime(required=True)

    @api.depends('start')
    @api.depends_context('lang', 'tz')
    def _compute_display_name(self):
        for slot in self:
            slot.display_name = format_datetime(self.env, slot.start, dt_format='EEE d MMM, HH:mm')
