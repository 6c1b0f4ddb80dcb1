from odoo import api, fields, models
from odoo.fields import Command

from .key_account_review_meeting import SILENT

MOVED_BY = frozenset({'start', 'stop', 'start_date', 'stop_date', 'duration', 'partner_ids', 'active'})


class CalendarEvent(models.Model):
    """The meeting of a review: who moves it moves the review, and who deletes it makes the review due again."""
    _inherit = 'calendar.event'

    def write(self, vals):
        """Customers who were not invited by mail do not hear of changes either."""
        reviews = self._get_key_account_reviews() if MOVED_BY & vals.keys() else self.env['key.account.review']
        events = self
        if reviews:
            # its activity gets the new day, and must not move the meeting in turn: that would cost it its new duration
            events = self.with_context(
                calendar_event_meeting_update=True, **({} if any(reviews.mapped('invited')) else SILENT))
        result = super(CalendarEvent, events).write(vals)
        if not self.env.context.get('key_account_review_moved'):
            reviews._follow_meeting()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_return_reviews(self):
        reviews = self._get_key_account_reviews().filtered(lambda review: review.state == 'planned')
        reviews._return_to_plan()

    def _get_key_account_reviews(self):
        # sudo: meetings have their own rights; that a review hangs on one does not depend on who moves it
        return self.env['key.account.review'].sudo().search([('event_id', 'in', self.ids)]) if self.ids \
            else self.env['key.account.review']

    def _follow_review(self, review):
        """Move the meeting to where the review is now.

        :param key.account.review review: the review of this meeting
        """
        vals = {
            'start': review.date,
            'stop': fields.Datetime.add(review.date, hours=review.duration),
            'duration': review.duration,  # else Odoo computes it, and from it the stop
            'partner_ids': [Command.set(review.attendee_ids.ids)],
            'location': review.location,
        }
        if self and (self.start, self.stop, self.partner_ids) != (vals['start'], vals['stop'], review.attendee_ids):
            self.with_context(key_account_review_moved=True).write(vals)
