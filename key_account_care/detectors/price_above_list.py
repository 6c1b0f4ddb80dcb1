from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """Somebody ordered or was invoiced at more than what everybody can read in the price list."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('price_above_list', "Price above the list")], ondelete={'price_above_list': 'cascade'})

    def _detect_price_above_list(self, accounts, today):
        """Orders and invoices of the days of the limit. Where somebody typed another price than the pricelist said at that
        time, it is compared with that one; orders without a pricelist, or with that of an agreement, and invoices without
        an order with the sales price as it is now. Prices of 0 are none. At stake is what is paid too much."""
        since = today - timedelta(days=int(self.threshold))
        lines = SQL(" UNION ALL ").join(
            SQL("SELECT found.*, found.list_price AS due_price FROM (%s) found WHERE found.list_price > 0", found)
            for found in (self._recent_orders_sql(accounts, since, today), self._recent_invoices_sql(accounts, since, today)))
        return self._overpaid_sql(lines)


class KeyAccountRisk(models.Model):
    """The price is corrected where it stands."""
    _inherit = 'key.account.risk'

    def _fix_price_above_list(self):
        return self._open_document()
