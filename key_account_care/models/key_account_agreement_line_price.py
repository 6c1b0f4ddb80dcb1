from odoo import models

from .key_account_agreement_line_document import DIGITS


class KeyAccountAgreementLine(models.Model):
    """The pricelist rules that a line becomes: one per quantity step and period of its price."""
    _inherit = 'key.account.agreement.line'

    def _prepare_pricelist_items(self):
        """:return: list of values for ``product.pricelist.item``; ``list_price`` as base stands for the normal price"""
        return [vals for line in self for vals in line._prepare_line_items()]

    def _prepare_line_items(self):
        self.ensure_one()
        agreement = self.agreement_id
        common = {
            'key_account_agreement_line_id': self.id,
            **self._prepare_item_scope(),
        }
        items = []
        for first, last, factor in self._get_price_periods():
            start, end = agreement._get_day_bounds(agreement.company_id, first, last)
            items += [
                {**common, **self._prepare_item_price(terms, factor),
                 'min_quantity': self._get_product_quantity(quantity), 'date_start': start, 'date_end': end}
                for quantity, terms in self._get_breaks()]
        return items

    def _get_price_periods(self):
        """:return: list of first day, last day and factor on the fixed price; without price revisions it is one"""
        self.ensure_one()
        return [(self.agreement_id.date_start, self.agreement_id.date_until, 1.0)]

    def _get_breaks(self):
        """Quantities from which prices hold, each with the line or step that tells the price.

        Of two categories one of which is part of the other, Odoo takes the rule with the larger quantity first. So the
        inner one repeats its price at the quantities of the outer ones.
        """
        self.ensure_one()
        steps = self.step_ids.sorted('min_quantity')
        quantities = {0.0, *steps.mapped('min_quantity')}
        if self.applied_on == '2_product_category':
            outer = self.agreement_id.line_ids.filtered(
                lambda line: line.categ_id and line != self
                and self.categ_id.parent_path.startswith(line.categ_id.parent_path))
            quantities.update(outer.step_ids.mapped('min_quantity'))
        return [
            (quantity, [self, *(step for step in steps if step.min_quantity <= quantity)][-1])
            for quantity in sorted(quantities)]

    def _prepare_item_scope(self):
        return {
            'applied_on': self.applied_on,
            'product_id': self.product_id.id,
            'product_tmpl_id': self.product_tmpl_id.id or self.product_id.product_tmpl_id.id,
            'categ_id': self.categ_id.id,
        }

    def _prepare_item_price(self, terms, factor):
        """How Odoo computes the price. Percentages, unlike formulas, keep all their digits.

        :param terms: the line or one of its steps
        :param float factor: by how much price revisions have changed a fixed price
        """
        if self.price_type == 'discount':
            return {'compute_price': 'percentage', 'percent_price': terms.discount, 'base': 'list_price'}
        if self.price_type == 'cost_plus':
            return {'compute_price': 'percentage', 'percent_price': -terms.markup, 'base': 'standard_price'}
        return {'compute_price': 'fixed', 'fixed_price': self._get_product_price(terms.price_unit, factor)}

    def _get_product_price(self, price, factor):
        """:return: an agreed price per unit of the product, which is what pricelists know"""
        product_uom = self._get_product_uom()
        price = self._apply_factor(price, factor)
        return self.uom_id._compute_price(price, product_uom) if self.uom_id and product_uom else price

    def _apply_factor(self, price, factor):
        """:return: an agreed price as price revisions have changed it, in not too many digits to be told"""
        if factor == 1.0:
            return price
        digits = max(self.env['decimal.precision'].precision_get('Product Price'), 4 if price >= 1 else DIGITS)
        return round(price * factor, digits)

    def _get_product_quantity(self, quantity):
        """:return: a quantity in the unit of the product, which is what pricelists know"""
        product_uom = self._get_product_uom()
        if not (self.uom_id and product_uom):
            return quantity
        return self.uom_id._compute_quantity(quantity, product_uom, round=False)

    def _get_product_uom(self):
        return self.product_id.uom_id or self.product_tmpl_id.uom_id
