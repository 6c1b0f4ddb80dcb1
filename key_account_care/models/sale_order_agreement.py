from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """An order shows the agreement it is under, and is confirmed only by prices that hold today."""
    _inherit = 'sale.order'

    key_account_agreement_id = fields.Many2one(
        'key.account.agreement', string="Agreement", compute='_compute_key_account_agreement_id',
        search='_search_key_account_agreement_id', compute_sudo=True, groups='base.group_user')
    key_account_agreement_days = fields.Integer(
        string="Days Left", compute='_compute_key_account_agreement_id', compute_sudo=True, groups='base.group_user')

    key_account_agreement_to_apply = fields.Boolean(
        compute='_compute_key_account_agreement_to_apply', groups='base.group_user')

    @api.depends('partner_id', 'date_order', 'company_id', 'pricelist_id')
    def _compute_key_account_agreement_id(self):
        """The agreement by whose pricelist the order is priced, else the one that is in force on the day of the order."""
        Agreement = self.env['key.account.agreement']
        for (company, moment), orders in self.grouped(lambda order: (order.company_id, order.date_order)).items():
            company = company or self.env.company
            day = Agreement._get_day(company, moment or None)
            in_force = Agreement._find_in_force(orders.partner_id.commercial_partner_id._origin.ids, company, day)
            for order in orders:
                agreement = (
                    order.pricelist_id.key_account_agreement_id
                    or in_force.get(order.partner_id.commercial_partner_id._origin.id, Agreement))
                order.key_account_agreement_id = agreement
                order.key_account_agreement_days = (agreement.date_until - day).days + 1 if agreement else 0

    @api.depends('order_line.key_account_agreement_mark')
    def _compute_key_account_agreement_to_apply(self):
        for order in self:
            order.key_account_agreement_to_apply = any(
                line.key_account_agreement_mark == 'covered' for line in order.order_line)

    @api.model
    def _search_key_account_agreement_id(self, operator, value):
        if operator not in ('in', 'any'):
            return NotImplemented
        return [('order_line.key_account_agreement_line_id.agreement_id', operator, value)]

    @api.constrains('pricelist_id', 'partner_id')
    def _check_agreement_pricelist(self):
        """:raise ValidationError: when an order would be priced by the agreement of another customer"""
        for order in self:
            # sudo: the prices of an agreement are not for other customers, whoever may see the agreement
            agreement = order.pricelist_id.sudo().key_account_agreement_id
            if agreement and order.partner_id.commercial_partner_id not in (
                    agreement.partner_id | agreement.covered_partner_ids):
                raise ValidationError(self.env._(
                    "The pricelist of %(order)s is that of the agreement with %(customer)s. Choose another pricelist.",
                    order=order.display_name, customer=agreement.partner_id.name))

    # ------------------------------------------------------------
    # Confirm
    # ------------------------------------------------------------

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_agreement_error()

    def _get_agreement_error(self):
        """:return: why the order cannot be confirmed by the agreed prices it has, or False"""
        self.ensure_one()
        # sudo: see _compute_key_account_agreement_line_id
        lines, listed = self.sudo().order_line, self.sudo().pricelist_id.key_account_agreement_id
        agreements = lines.key_account_agreement_line_id.agreement_id
        if listed - agreements and listed._get_covered_products(lines.product_id):
            agreements += listed  # prices that were copied from an order of then are agreed prices without a link
        today = self.env['key.account.agreement']._get_day(self.company_id)
        customer = self.partner_id.commercial_partner_id
        for agreement in agreements:
            if agreement.state != 'signed' or not agreement.date_start <= today <= agreement.date_until:
                return self.env._(
                    "%(order)s has prices of %(agreement)s, which was in force from %(start)s to %(end)s. "
                    "Use “Update Prices”, then confirm.",
                    order=self.name, agreement=agreement.display_name, start=agreement.date_start,
                    end=agreement.date_until)
            if customer not in agreement.partner_id | agreement.covered_partner_ids:
                return self.env._(
                    "%(order)s has prices of %(agreement)s, which is not for %(customer)s. "
                    "Use “Update Prices”, then confirm.",
                    order=self.name, agreement=agreement.display_name, customer=customer.name)
        return False

    def action_confirm(self):
        """Confirm, and see to it that nothing goes beyond the maximum of an agreement without its policy."""
        ready = self.filtered(lambda order: not order._confirmation_error_message())
        ready.order_line._fit_into_limits()
        return super().action_confirm()

    def action_apply_agreement_prices(self):
        """Price the quotation by the agreement in force, for quotations made before it was signed."""
        for order in self.filtered(lambda order: order.state in ('draft', 'sent')):
            order._take_pricelist_of_customer()
            order._recompute_prices()

    def _take_pricelist_of_customer(self):
        self.ensure_one()
        self.pricelist_id = self.partner_id.with_company(self.company_id).property_product_pricelist

    def _recompute_prices(self):
        """Prices of an agreement that is over are left with its pricelist."""
        for order in self.filtered(lambda order: order.state in ('draft', 'sent') and order._get_agreement_error()):
            order._take_pricelist_of_customer()
        return super()._recompute_prices()

    def _compute_is_expired(self):  # pylint: disable=missing-return
        """Prices of an agreement that is over cannot be accepted by the customer either."""
        super()._compute_is_expired()
        for order in self:
            if not order.is_expired and order.state in ('draft', 'sent') and order.order_line:
                order.is_expired = bool(order._get_agreement_error())
