from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_round

GROWING = frozenset({'product_uom_qty', 'product_uom_id', 'price_unit', 'discount'})  # what makes a call-off take more


class SaleOrderLine(models.Model):
    """What happens when an order asks for more than the maximum of an agreement: allow, tell, refuse or split."""
    _inherit = 'sale.order.line'

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == 'sale')._fit_into_limits()
        return lines

    def write(self, vals):
        # sudo: see _compute_key_account_agreement_line_id
        calloffs = GROWING & vals.keys() and self.sudo().filtered(
            lambda line: line.state == 'sale' and line.key_account_agreement_line_id)
        before = {line: line._get_needs() for line in calloffs or ()}
        result = super().write(vals)
        grown = [line.id for line in before if any(
            need > before[line].get(limit, 0) for limit, need in line._get_needs().items())]
        self.browse(grown)._fit_into_limits()
        return result

    def _fit_into_limits(self):
        """Hold these call-offs, which are confirmed or about to be, against what is left of their agreements.

        :raise UserError: when an agreement refuses what is beyond its maximum
        """
        # sudo: see _compute_key_account_agreement_line_id
        calloffs = self.sudo().filtered('key_account_agreement_line_id').sorted(
            lambda line: (line.order_id.id, line.sequence, line.id))
        limits = calloffs.key_account_agreement_line_id._get_limits()
        if not limits:
            return
        left = calloffs.key_account_agreement_line_id._lock_and_get_left(limits, calloffs)
        freed = self.env['key.account.calloff']._get_freed_shares(calloffs)
        for line in calloffs:
            line._fit_into_limit(left, freed.get(line.id, 0.0))

    def _fit_into_limit(self, left, freed):
        """Take what fits from what is left.

        :param dict left: quantity or amount that is left, by agreement line or agreement
        :param float freed: share of the line that does not count, because it was returned or credited
        """
        asked = {limit: need for limit, need in self._get_needs().items() if limit in left and need > 0}
        part = min((1.0, *(freed + max(left[limit], 0) / need for limit, need in asked.items())))
        if float_compare(part, 1, precision_digits=9) < 0:
            part = self._go_beyond_limit(part)
        for limit, need in asked.items():
            left[limit] -= need * max(part - freed, 0)

    def _get_needs(self):
        """:return: dict of what the line takes from its agreement line and from the whole agreement"""
        self.ensure_one()
        terms = self.key_account_agreement_line_id
        amount = self._get_agreement_amount()
        if terms.commitment == 'quantity':
            need = self.product_uom_id._compute_quantity(
                self.product_uom_qty, terms.uom_id, round=False, raise_if_failure=False)
        else:
            need = amount
        return {terms._get_first(): need, terms.agreement_id._get_first(): amount}

    def _get_agreement_amount(self):
        """:return: untaxed amount of the line in the currency of its agreement"""
        self.ensure_one()
        return self.currency_id._convert(
            self.price_subtotal, self.key_account_agreement_line_id.currency_id, self.company_id,
            self.order_id.date_order, round=False)

    def _go_beyond_limit(self, part):
        """Do what the agreement says about an order of which only a part fits.

        :param float part: share of the line that is left of the maximum, 0 to 1
        :return: share of the line that stays under the agreement
        :raise UserError: when the agreement refuses it
        """
        policy = self.key_account_agreement_line_id.agreement_id.beyond_limit
        if self.order_id.amount_paid and policy != 'allow':
            policy = 'warn'  # too late to refuse it or to ask for more money
        return getattr(self, f'_go_beyond_limit_{policy}')(part)

    def _go_beyond_limit_allow(self, part):
        return 1.0

    def _go_beyond_limit_warn(self, part):
        self.order_id.message_post(body=self._get_beyond_limit_text(part))
        self.key_account_agreement_line_id.agreement_id.message_post(body=self._get_beyond_limit_text(part))
        return 1.0

    def _go_beyond_limit_block(self, part):
        raise UserError(self._get_beyond_limit_text(part) + "\n" + self.env._(
            "Order less, or agree on more: “Revise” on the agreement."))

    def _go_beyond_limit_split(self, part):
        """What is left keeps the agreed price; the rest becomes a line of its own at the normal price.

        :raise UserError: when the rest is invoiced already, as it can be when an order was cancelled and is confirmed again
        """
        fits = float_round(
            self.product_uom_qty * part, precision_rounding=self.product_uom_id.rounding, rounding_method='DOWN')
        if float_compare(self.qty_invoiced, max(fits, 0.0), precision_rounding=self.product_uom_id.rounding) > 0:
            return self._go_beyond_limit_block(part)
        if fits <= 0:
            self._price_without_agreement()
            return 0.0
        share = fits / self.product_uom_qty
        rest = self.with_context(sale_no_log_for_new_lines=True).copy({
            'order_id': self.order_id.id, 'product_uom_qty': self.product_uom_qty - fits,
            'key_account_beyond_limit': True})
        rest._price_without_agreement()
        terms = self.key_account_agreement_line_id
        self.write({'product_uom_qty': fits, 'price_unit': self.price_unit, 'discount': self.discount})
        self.key_account_agreement_line_id = terms  # by a smaller quantity the pricelist would give another price
        return share

    def _price_without_agreement(self):
        """Sell the line at what the customer would pay without the agreement."""
        line = self.with_company(self.company_id)
        normal = line.order_id.pricelist_id._get_agreement_fallback()
        item = self.env['product.pricelist.item'].browse(
            normal._get_product_rule(line.product_id, **line._get_pricelist_kwargs()))
        price = item._compute_price(
            line.product_id.with_context(**line._get_product_price_context()), **line._get_pricelist_kwargs())
        line.write({
            'key_account_beyond_limit': True,
            'key_account_agreement_line_id': False,
            'discount': 0.0,
            'price_unit': line.product_id._get_tax_included_unit_price_from_price(
                price, product_taxes=line.product_id.taxes_id._filter_taxes_by_company(line.company_id),
                fiscal_position=line.order_id.fiscal_position_id),
        })

    def _get_beyond_limit_text(self, part):
        terms = self.key_account_agreement_line_id
        return self.env._(
            "%(order)s asks for %(quantity)s %(unit)s of %(product)s; %(left)s are left under %(agreement)s.",
            order=self.order_id.name, quantity=terms._format_quantity(self.product_uom_qty),
            unit=self.product_uom_id.name, product=self.product_id.display_name,
            left=terms._format_quantity(self.product_uom_qty * part), agreement=terms.agreement_id.name)
