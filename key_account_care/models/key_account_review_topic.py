from odoo import api, fields, models
from odoo.exceptions import UserError


class KeyAccountReviewTopic(models.Model):
    """One point of the agenda of a review, and the record that it is about."""
    _name = 'key.account.review.topic'
    _description = "Agenda Point"
    _order = 'review_id, sequence, id'

    review_id = fields.Many2one('key.account.review', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='review_id.company_id', store=True, precompute=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Point", required=True)
    is_internal = fields.Boolean(string="Only for Us", help="Not for the customer to read.")
    is_done = fields.Boolean(string="Done")
    source = fields.Char(readonly=True, help="What suggested it; the same is not suggested twice.")
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field='res_model', readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        """The agenda of a closed review stays as it was."""
        topics = super().create(vals_list)
        topics._check_not_closed()
        return topics

    def write(self, vals):
        """The agenda of a closed review stays as it was."""
        self._check_not_closed()
        result = super().write(vals)
        self._check_not_closed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_closed(self):
        self._check_not_closed()

    def _check_not_closed(self):
        if not self.env.su and any(review.state == 'closed' for review in self.review_id):
            raise UserError(self.env._("The review is closed, so its agenda stays as it was in the meeting."))

    def action_open_source(self):
        """Open the record that this point is about.

        :raise AccessError: when the user may not read it
        """
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        record.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'res_model': self.res_model, 'res_id': record.id, 'views': [(False, 'form')]}
