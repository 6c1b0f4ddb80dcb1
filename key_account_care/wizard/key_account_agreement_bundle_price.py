from collections import defaultdict

from odoo import fields, models

DIGITS_OF_SMALL_PRICES = 4  # more than those of other prices


class KeyAccountAgreementBundle(models.TransientModel):
    """What the assistant proposes for each product: agreed, special or usual price, never above the normal one."""
    _inherit = 'key.account.agreement.bundle'

    def _get_rows(self, purchases):
        """Add to purchases what the products cost, now and by the proposal.

        :param list purchases: of ``key.account._get_purchases``
        :return: list of dict
        """
        products = self.env['product.product'].browse(row['product_id'] for row in purchases)
        normal = self._get_normal_pricelist()
        normal_prices = {
            product_id: price for product_id, (price, __) in normal._compute_price_rule(
                products, 1.0, currency=self.currency_id, date=self._get_moment()).items()}
        offers = self._get_offers(products, normal, normal_prices)
        rate = self.env['res.currency']._get_conversion_rate(
            self.company_id.currency_id, self.currency_id, self.company_id, self.today)
        return [
            self._get_row(row, product, normal_prices[product.id], offers.get(product, {}), rate)
            for row, product in zip(purchases, products)]

    def _get_row(self, row, product, normal_price, offer, rate):
        factor = self._get_tax_factor(product, normal_price)
        usual_price = row['amount'] / row['quantity'] * rate * factor
        price, source = self._get_default_price(usual_price, normal_price)
        return {
            **row,
            'product': product,
            'amount': row['amount'] * rate,
            'usual_price': usual_price,
            'normal_price': normal_price,
            'others_price': (row['others_price'] or 0.0) * rate * factor,
            # sudo: the margin of a sale is for all employees in Odoo, too
            'cost': product.sudo().standard_price * rate * factor,
            'tax_factor': factor,
            'price_unit': price,
            'source': source,
            **offer,
        }

    def _get_default_price(self, usual_price, normal_price):
        """:return: tuple of price and source: nobody signs an agreement to pay more than without it"""
        price = self._round_price(usual_price)
        if price > normal_price > 0:
            return normal_price, 'normal'
        return max(price, 0.0), 'usual'

    def _round_price(self, price):
        """:return: a price as one would write it into a contract; those below 1 keep more digits"""
        digits = self.env['decimal.precision'].precision_get('Product Price')
        return round(price, digits if abs(price) >= 1 else digits + DIGITS_OF_SMALL_PRICES)

    def _get_normal_pricelist(self):
        return self.env['key.account.agreement'].with_company(self.company_id).new({
            'account_id': self.account_id.id})._get_normal_pricelist()

    def _get_moment(self):
        __, moment = self.env['key.account.agreement']._get_day_bounds(self.company_id, self.today, self.today)
        return min(moment, fields.Datetime.now())

    def _get_tax_factor(self, product, price):
        """:return: a price as pricelists know it, divided by the same price without taxes"""
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        if not price or not any(tax.price_include for tax in taxes.flatten_taxes_hierarchy()):
            return 1.0
        net = taxes.compute_all(
            price, currency=self.currency_id, product=product, rounding_method='round_globally')['total_excluded']
        return price / net if net else 1.0

    # ------------------------------------------------------------
    # Agreed and special prices
    # ------------------------------------------------------------

    def _get_offers(self, products, normal, normal_prices):
        """What the customer was promised by name: the running agreement comes before the customer's own pricelist.

        :return: dict of values of a row by product; those without a promise are left out
        """
        # sudo: see _open_for; the rules hold for the customer, whoever may see the agreement
        running = self.running_id.sudo()
        special = self.account_id.partner_id.with_company(self.company_id).specific_property_product_pricelist
        offers = {}
        for pricelist, source, name, named in (
            (special, 'special', special.name, lambda rule: rule.product_id or rule.product_tmpl_id),
            (running and running._get_pricelist_of(self.account_id.partner_id.id, normal) or special.browse(), 'agreement',
             running.name, lambda rule: rule.key_account_agreement_line_id),
        ):
            rules = pricelist._get_applicable_rules(products, self._get_moment()).filtered(named)
            for product, breaks in self._get_breaks(rules, products).items():
                offer = self._prepare_offer(product, breaks, normal, normal_prices[product.id])
                offers[product] = {**offer, 'source': source, 'source_note': name}
        return offers

    def _get_breaks(self, rules, products):
        """:return: dict of (quantity, rule) from which on a rule holds, by product, in the order of quantities"""
        by_scope = defaultdict(list)
        for rule in rules:
            scope = rule.product_id if rule.applied_on == '0_product_variant' else (
                rule.product_tmpl_id if rule.applied_on == '1_product' else None)
            by_scope[scope].append(rule)
        breaks = {}
        for product in products:
            found = [*by_scope[product], *by_scope[product.product_tmpl_id], *by_scope[None]]
            quantities = sorted({1.0, *(rule.min_quantity for rule in found if rule.min_quantity > 1)})
            rules = [
                (quantity, next((rule for rule in found if rule._is_applicable_for(product, quantity)), None))
                for quantity in quantities]
            if any(rule for __, rule in rules):
                breaks[product] = rules
        return breaks

    def _prepare_offer(self, product, breaks, normal, normal_price):
        (__, base), *steps = breaks
        price = base and self._get_rule_price(base, product, 1.0, normal, normal_price)
        offer = {} if price is None else {'price_unit': price}
        return {**offer, 'steps': [
            [quantity, self._get_rule_price(rule, product, quantity, normal, normal_price)]
            for quantity, rule in steps if rule]}

    def _get_rule_price(self, rule, product, quantity, normal, normal_price):
        """:return: price by a pricelist rule, in the currency of the assistant"""
        if rule.compute_price == 'percentage' and rule.base == 'pricelist' and rule.base_pricelist_id == normal:
            return normal_price * (1 - rule.percent_price / 100)  # known already, and Odoo would search for each product
        price = rule._compute_price(
            product, quantity, product.uom_id, date=self._get_moment(), currency=rule.currency_id)
        return rule.currency_id._convert(price, self.currency_id, self.company_id, self.today, round=False)
