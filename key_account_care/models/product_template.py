from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ProductTemplate(models.Model):
    """What takes the place of a product, and what is new about it."""
    _inherit = 'product.template'

    key_account_successor_id = fields.Many2one(
        'product.template', string="Successor", index='btree_not_null', ondelete='set null', copy=False, check_company=True,
        help="What customers buy in its place. Early warnings name those who buy the old one and were not told.")
    key_account_news = fields.Text(
        string="What Is New", translate=True, copy=False, help="Customers read it in the mail that tells them.")
    key_account_told_ids = fields.One2many(
        'key.account.product.told', 'product_tmpl_id', string="Who Was Told", groups='key_account_care.group_user')

    @api.constrains('key_account_successor_id')
    def _check_key_account_successor(self):
        """:raise ValidationError: when products would succeed each other in a circle"""
        if self._has_cycle('key_account_successor_id'):
            raise ValidationError(self.env._("A product cannot be the successor of itself, nor of one that comes after it."))
