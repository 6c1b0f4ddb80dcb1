from odoo import fields, models


class KeyAccountProductTold(models.Model):
    """Who was told that another product takes the place of one that they buy, and when."""
    _name = 'key.account.product.told'
    _description = "Told about a Successor"
    _order = 'date desc, id desc'
    _rec_name = 'product_tmpl_id'
    _check_company_auto = True

    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True)
    partner_id = fields.Many2one('res.partner', string="Contact", index='btree_not_null', ondelete='set null')
    product_tmpl_id = fields.Many2one('product.template', string="Product", required=True, index=True, ondelete='cascade')
    successor_id = fields.Many2one('product.template', index='btree_not_null', ondelete='set null')
    date = fields.Date(string="Told on", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one('res.users', string="Told by", default=lambda self: self.env.user)
