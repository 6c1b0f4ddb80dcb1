from odoo import models


class KeyAccountPriceRevision(models.Model):
    """New prices hold on, where the agreement has renewed itself already for the time after."""
    _inherit = 'key.account.price.revision'

    def _find_later_lines(self):
        """Nobody has agreed on other prices for what renews itself; where a next version was signed, its own hold."""
        scopes = {line._get_scope_key() for line in self._get_present_lines()}
        renewed = self.agreement_id._get_self_renewed().filtered(lambda agreement: agreement.state != 'closed')
        return super()._find_later_lines() | renewed.line_ids.filtered(
            lambda line: line._get_scope_key() in scopes and line.price_type == 'fixed' and not line.never_revise)
