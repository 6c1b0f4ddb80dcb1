from odoo import api, fields, models
from odoo.fields import Command


class KeyAccountReview(models.Model):
    """Whether a review was a good one, by the criteria of its type."""
    _inherit = 'key.account.review'

    criterion_ids = fields.One2many('key.account.review.criterion', 'review_id', string="Criteria")
    criteria_met = fields.Float(
        compute='_compute_criteria_met', store=True, aggregator='avg',
        help="Share of the criteria that were met. Only of reviews that were held.")

    @api.depends('criterion_ids.is_met', 'state')
    def _compute_criteria_met(self):
        for review in self:
            criteria = review.criterion_ids if review.state in ('held', 'closed') else review.criterion_ids.browse()
            review.criteria_met = len(criteria.filtered('is_met')) / len(criteria) if criteria else 0.0

    def _fill_criteria(self):
        """Copy the criteria of the type, unless there are some already: what was asked of a review stays."""
        for review in self.filtered(lambda review: not review.criterion_ids):
            review.criterion_ids = [
                Command.create({'sequence': place, 'name': line})
                for place, line in enumerate(review.type_id._get_criteria(), start=1)]

    def _fill_agenda(self):  # pylint: disable=missing-return
        super()._fill_agenda()
        self._fill_criteria()

    def action_hold(self):
        """Was held: now people say which of the criteria were met."""
        result = super().action_hold()
        self._fill_criteria()
        return result
