from odoo import api, models
from odoo.tools import format_amount, formatLang

DIGITS = 6  # of a price at most; small parts cost fractions of a cent


class KeyAccountAgreementLine(models.Model):
    """What the customer reads of a line: what it covers, its prices and how much of it was agreed."""
    _inherit = 'key.account.agreement.line'

    def _get_document_line(self, day=None):
        """:return: dict of texts: name, unit, prices (list of quantity and price), commitment, note"""
        self.ensure_one()
        return {
            'name': self._get_document_name(),
            'unit': self.uom_id.name or '',
            'prices': [
                (self._format_quantity(quantity) if quantity else '', self._get_price_text(terms, day))
                for quantity, terms in self._get_own_breaks()],
            'commitment': self._get_commitment_text(),
            'note': self.env._("Not revised") if self._is_firm() else '',
        }

    def _is_firm(self):
        """:return: whether the price stays although others of the agreement may be revised"""
        return self.never_revise and self.price_type == 'fixed' and self.agreement_id.price_policy != 'firm'

    def _get_document_name(self):
        if self.applied_on == '2_product_category':
            return self.env._("Everything in %(category)s", category=self.categ_id.name)
        if self.applied_on == '3_global':
            return self.env._("Everything else") if len(self.agreement_id.line_ids) > 1 else self.env._("Everything")
        return self.display_name

    def _get_own_breaks(self):
        return [(0.0, self), *((step.min_quantity, step) for step in self.step_ids.sorted('min_quantity'))]

    def _get_price_text(self, terms, day=None):
        """:return: str, an agreed price. A markup would tell our cost, so it is not named."""
        if self.price_type == 'discount':
            return self.env._("%(discount)s %% off the normal price", discount=self._format_number(terms.discount))
        if self.price_type == 'cost_plus':
            return self.env._("Price of the day")
        price = self._apply_factor(terms.price_unit, self._get_price_factor(day))
        return self._format_price(price, self.currency_id, self.currency_id.decimal_places)

    def _get_price_factor(self, day):
        """:return: float, by how much price revisions have changed the fixed prices on a day"""
        periods = self._get_price_periods() if day else []
        return next((factor for first, last, factor in periods if first <= day <= last), 1.0)

    def _get_commitment_text(self):
        if self.commitment == 'none' or not (self.commit_min or self.commit_max):
            return ''
        return self.agreement_id._get_bounds_text(
            *(amount and self._format_committed(amount) for amount in (self.commit_min, self.commit_max)))

    def _has_maximum(self):
        return self.commitment != 'none' and bool(self.commit_max)

    def _format_committed(self, amount):
        """:return: str, a part of the commitment as it is measured: a quantity or an amount"""
        if self.commitment == 'amount':
            return format_amount(self.env, amount, self.currency_id)
        return f"{self._format_quantity(amount)} {self.uom_id.name}"

    def _format_quantity(self, quantity):
        return self._format_number(quantity)

    @api.model
    def _format_number(self, number, least=0):
        """:return: str in the customer's language, with no more digits than the number has, but with some at least"""
        decimals = f"{number:.{DIGITS}f}".rstrip('0').partition('.')[2]
        return formatLang(self.env, number, digits=max(least, len(decimals)))

    @api.model
    def _format_price(self, price, currency, least):
        """:return: str, a price with its currency and all its digits, ``least`` of them at least"""
        number, symbol = self._format_number(price, least), currency.symbol
        # as in Odoo's own amounts no line breaks between number and symbol
        parts = (symbol, number) if currency.position == 'before' else (number, symbol)
        return '\N{NO-BREAK SPACE}'.join(parts)
