from odoo import fields, models


class SaleReport(models.Model):
    """The tier of the customer as a dimension of Odoo's sales analysis."""
    _inherit = 'sale.report'

    key_account_tier_id = fields.Many2one('key.account.tier', string="Customer Tier", readonly=True)

    def _select_additional_fields(self):
        return {**super()._select_additional_fields(), 'key_account_tier_id': 'key_account.tier_id'}

    def _from_sale(self):
        return f"""{super()._from_sale()}
            LEFT JOIN key_account
                   ON key_account.partner_id = partner.commercial_partner_id
                  AND key_account.company_id = s.company_id AND key_account.active"""

    def _group_by_sale(self):
        return f"""{super()._group_by_sale()},
            key_account.tier_id"""
