from odoo import api, fields, models


class KeyAccountWhitespaceVerdict(models.Model):
    """What a person decided about a category that a customer does not buy, or could buy more of."""
    _name = 'key.account.whitespace.verdict'
    _description = "Verdict on White Space"
    _order = 'date desc, id desc'
    _rec_name = 'product_categ_id'

    account_id = fields.Many2one('key.account', required=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True)
    product_categ_id = fields.Many2one(
        'product.category', string="Product Category", required=True, index=True, ondelete='cascade')
    verdict = fields.Selection(
        selection=[('not_relevant', "Not relevant"), ('opportunity', "Opportunity")], required=True, default='not_relevant')
    reason = fields.Char(help="Why, for whoever comes next.")
    user_id = fields.Many2one('res.users', string="Decided by", readonly=True, default=lambda self: self.env.user)
    date = fields.Date(string="Decided on", readonly=True, default=fields.Date.context_today)
    lead_id = fields.Many2one('crm.lead', string="Opportunity", readonly=True, index='btree_not_null', ondelete='set null')

    _account_categ_uniq = models.Constraint(
        'UNIQUE (account_id, product_categ_id)', "Somebody has decided on this category already. Open it again.")

    def write(self, vals):
        """Whoever decides anew stands for it."""
        if {'verdict', 'reason'} & vals.keys():
            vals = {'user_id': self.env.user.id, 'date': fields.Date.context_today(self), **vals}
        return super().write(vals)

    @api.model
    def _absorb(self, account, other):
        """Take over what was decided about a customer that was merged, where nothing was decided yet.

        :param key.account account: the account that stays
        :param key.account other: the account that goes
        """
        own, others = (self.search([('account_id', '=', some.id)]) for some in (account, other))
        others.filtered(lambda verdict: verdict.product_categ_id not in own.product_categ_id).account_id = account
