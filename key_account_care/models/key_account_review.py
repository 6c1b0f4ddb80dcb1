from odoo import api, fields, models


class KeyAccountReview(models.Model):
    """A formal meeting with a customer about a period: what was delivered, what was promised, and what comes next."""
    _name = 'key.account.review'
    _description = "Review"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, due_date desc, id desc'
    _check_company_auto = True

    name = fields.Char(compute='_compute_name', store=True, precompute=True, readonly=False, required=True)
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, precompute=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    type_id = fields.Many2one(
        'key.account.review.type', required=True, index=True, ondelete='restrict', check_company=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", compute='_compute_user_id', store=True, precompute=True, readonly=False,
        check_company=True, tracking=True, domain="[('share', '=', False)]")
    state = fields.Selection(
        selection=[
            ('due', "To Plan"),
            ('planned', "Planned"),
            ('held', "Held"),
            ('closed', "Closed"),
            ('cancelled', "Cancelled"),
        ], default='due', required=True, readonly=True, copy=False, tracking=True)
    due_date = fields.Date(string="Due", required=True, default=fields.Date.context_today, copy=False)
    date = fields.Datetime(string="Meeting", copy=False, tracking=True)
    period_start = fields.Date(string="Period from", help="First day of what the review is about.")
    period_end = fields.Date(string="Period until", help="Last day of what the review is about.")

    @api.depends('type_id', 'account_id')
    def _compute_name(self):
        for review in self:
            review.name = ", ".join(filter(None, (review.type_id.name, review.account_id.display_name)))

    @api.depends('account_id')
    def _compute_user_id(self):
        for review in self:
            review.user_id = review.account_id.user_id or self.env.user
