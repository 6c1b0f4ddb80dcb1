from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KeyAccountPromiseDate(models.TransientModel):
    """Names another date for a promise: we will be late, or both sides agreed on it."""
    _name = 'key.account.promise.date'
    _description = "Another Date of a Promise"

    promise_id = fields.Many2one('key.account.promise', required=True, readonly=True, ondelete='cascade')
    direction = fields.Selection(related='promise_id.direction')
    date_due = fields.Date(related='promise_id.date_due')
    kind = fields.Selection(
        selection=[('late', "Will be late"), ('agreed', "Renegotiated")], required=True, default='late', readonly=True)
    date = fields.Date(string="New Date", required=True)
    reason = fields.Text(string="Why")
    can_write = fields.Boolean(compute='_compute_can_write')

    @api.depends('promise_id')
    def _compute_can_write(self):
        for wizard in self:
            wizard.can_write = wizard.promise_id._can_write()

    @api.constrains('date')
    def _check_date(self):
        for wizard in self:
            if wizard.kind == 'late' and wizard.date <= wizard.date_due:
                raise ValidationError(self.env._("That is not late. Choose a day after the promised one."))
            if wizard.date < fields.Date.context_today(self):
                raise ValidationError(self.env._("That day is over. Choose today or a later day."))

    def action_apply(self):
        """Note the new date.

        :raise UserError: when somebody has settled the promise in the meantime
        """
        self.ensure_one()
        promise = self.promise_id
        if promise.state != 'open':
            raise UserError(self.env._("“%(promise)s” is settled already. Reload the page.", promise=promise.name))
        if self.kind == 'late':
            promise._announce_late(self.date, self.reason)
            return {'type': 'ir.actions.act_window_close'}
        new = promise._renegotiate(self.date, self.reason)
        return {
            'type': 'ir.actions.act_window', 'res_model': new._name, 'res_id': new.id, 'views': [(False, 'form')]}

    def action_apply_and_write(self):
        """Note the new date, and open the mail that tells the customer."""
        self.action_apply()
        return self.promise_id.action_write()
