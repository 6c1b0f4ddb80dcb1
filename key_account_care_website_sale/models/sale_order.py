from odoo import fields, models
from odoo.exceptions import UserError, ValidationError


class SaleOrder(models.Model):
    """A cart has the agreed prices of the day on which its customer looks at it, and is held to them before it is paid."""
    _inherit = 'sale.order'

    def _follow_agreement(self):
        """Price the cart anew when an agreement began or ended, or another day has come, since it was priced.

        :return: whether it was
        """
        self.ensure_one()
        outdated = self.website_id._is_outdated_by_agreement(self.pricelist_id)
        if not outdated and not self._is_agreement_cart_of_another_day():
            return False
        self.date_order = fields.Datetime.now()  # Odoo prices by it
        if outdated:
            self._compute_pricelist_id()
        self._recompute_prices()
        return True

    def _is_agreement_cart_of_another_day(self):
        Agreement = self.env['key.account.agreement']
        return bool(
            self.pricelist_id.key_account_agreement_id
            and Agreement._get_day(self.company_id, self.date_order) != Agreement._get_day(self.company_id))

    def _recompute_cart(self):  # pylint: disable=missing-return
        """What is beyond the maximum of an agreement is split off before it is paid."""
        super()._recompute_cart()
        self._get_agreement_payment_error()

    def _get_agreement_payment_error(self):
        """Hold the cart against its agreement: once it is paid, nothing can be refused or split.

        :return: why it cannot be paid, or False
        """
        self.ensure_one()
        lines = self.order_line.filtered(
            lambda line: line.key_account_agreement_line_id.agreement_id.beyond_limit in ('block', 'split'))
        try:
            with self.env.cr.savepoint():
                lines._fit_into_limits()
        except UserError as error:
            return str(error)
        return self._get_agreement_error()

    def _check_cart_is_ready_to_be_paid(self):
        """:raise ValidationError: when the agreement does not let the cart be ordered as it is"""
        reason = self._get_agreement_payment_error()
        if reason:
            raise ValidationError(reason)
        return super()._check_cart_is_ready_to_be_paid()
