from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

PRECISION = 0.00005  # of a price: what is left over when a discount is stored with two decimals


class SaleOrderLine(models.Model):
    """An order line that the pricelist of an agreement priced is a call-off; the link stays when the order is confirmed."""
    _inherit = 'sale.order.line'

    key_account_agreement_line_id = fields.Many2one(
        'key.account.agreement.line', string="Agreement Line", compute='_compute_key_account_agreement_line_id',
        store=True, precompute=True, copy=False, index='btree_not_null', ondelete='restrict', groups='base.group_user')
    key_account_beyond_limit = fields.Boolean(
        string="Beyond the Limit", copy=False, readonly=True,
        help="Split off, because the maximum of the agreement was reached.")

    def _auto_init(self):
        # made here and left empty: no order of the past is under an agreement, so nothing has to be computed
        for name, kind in (('key_account_agreement_line_id', 'int4'), ('key_account_beyond_limit', 'bool')):
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, kind)
        return super()._auto_init()

    @api.depends(
        'product_id', 'product_uom_id', 'product_uom_qty', 'price_unit', 'discount', 'order_id.pricelist_id')
    def _compute_key_account_agreement_line_id(self):
        """The line of the agreement by whose price the line is sold. A price that was typed is not the agreed one."""
        for line in self:
            if line._origin.id and line.state not in ('draft', 'sent'):
                continue
            # sudo: whoever sells at agreed prices calls off, whether or not they may see the agreement
            agreed = line.order_id.pricelist_id.sudo().key_account_agreement_id
            # sudo: as above, and its rule tells the line
            item = line.pricelist_item_id.sudo() if agreed and line._is_key_account_purchase() else None
            terms = item and item.key_account_agreement_line_id
            line.key_account_agreement_line_id = (
                terms if terms and not line.key_account_beyond_limit and line._is_at_pricelist_price() else False)

    @api.depends('product_id', 'product_uom_id', 'product_uom_qty')
    def _compute_price_unit(self):  # pylint: disable=missing-return
        """A confirmed call-off keeps its price when the agreement is over; what is priced anew is not beyond a limit."""
        # sudo: see _compute_key_account_agreement_line_id
        kept = self.sudo().filtered(
            lambda line: line._origin.id and line.state == 'sale' and line.key_account_agreement_line_id
            and line.pricelist_item_id.key_account_agreement_line_id != line.key_account_agreement_line_id)
        super(SaleOrderLine, self - kept)._compute_price_unit()
        if self.env.context.get('force_price_recomputation'):
            self.filtered('key_account_beyond_limit').key_account_beyond_limit = False

    def _is_at_pricelist_price(self):
        """:return: whether the line is sold at the price that its pricelist gives"""
        self.ensure_one()
        line = self.with_company(self.company_id)
        price = line.product_id._get_tax_included_unit_price_from_price(
            line._get_pricelist_price(),
            product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
            fiscal_position=line.order_id.fiscal_position_id)
        paid = line.price_unit * (1 - line.discount / 100)
        return abs(paid - price) <= PRECISION * max(abs(line.price_unit), abs(price))

    def _is_key_account_purchase(self):
        """:return: whether the line is something that an agreement can cover: goods or services, no reward or deposit"""
        self.ensure_one()
        return bool(
            self.product_id and not self.display_type and not self.is_downpayment and not self.combo_item_id
            and not self._is_global_discount() and not self._is_delivery()
            and not ('is_reward_line' in self._fields and self.is_reward_line))
