from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """The mark on lines that an agreement prices, with what is left, and the hint on lines that it could."""
    _inherit = 'sale.order.line'

    key_account_agreement_mark = fields.Selection(
        selection=[('agreed', "Agreed price"), ('covered', "Not at the agreed price")],
        string="Agreement", compute='_compute_key_account_agreement_mark', compute_sudo=True, groups='base.group_user')
    key_account_agreement_hint = fields.Char(
        compute='_compute_key_account_agreement_mark', compute_sudo=True, groups='base.group_user')

    @api.depends('key_account_agreement_line_id', 'product_id', 'product_uom_qty', 'order_id.partner_id')
    def _compute_key_account_agreement_mark(self):
        for order, lines in self.grouped('order_id').items():
            agreement = order.key_account_agreement_id
            covered = agreement._get_covered_products(lines.product_id)
            for line in lines:
                terms = line.key_account_agreement_line_id
                if terms:
                    line.key_account_agreement_mark = 'agreed'
                    line.key_account_agreement_hint = terms._get_left_text()
                elif line.product_id in covered and line._is_key_account_purchase():
                    line.key_account_agreement_mark = 'covered'
                    line.key_account_agreement_hint = line._get_covered_text(agreement)
                else:
                    line.key_account_agreement_mark = line.key_account_agreement_hint = False

    def _get_covered_text(self, agreement):
        if self.key_account_beyond_limit:
            return self.env._("%(agreement)s: beyond the agreed maximum.", agreement=agreement.name)
        if self.state not in ('draft', 'sent'):
            return self.env._("%(agreement)s covers it; it was sold at another price.", agreement=agreement.name)
        return self.env._(
            "%(agreement)s covers it, but the price is another one. “Apply Agreement Prices” corrects it.",
            agreement=agreement.name)
