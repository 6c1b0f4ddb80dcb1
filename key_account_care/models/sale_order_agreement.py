from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date


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
        """The agreement by whose pricelist the order was priced; for quotations first the one that is in force on their day."""
        Agreement = self.env['key.account.agreement']
        for (company, day), orders in self.grouped(lambda order: (order.company_id, order._get_agreement_day())).items():
            company = company or self.env.company
            in_force = Agreement._find_in_force(orders.partner_id.commercial_partner_id._origin.ids, company, day)
            for order in orders:
                listed = order.pricelist_id.key_account_agreement_id
                agreement = in_force.get(order.partner_id.commercial_partner_id._origin.id, Agreement)
                if listed and (order.state not in ('draft', 'sent') or not agreement):
                    agreement = listed
                order.key_account_agreement_id = agreement
                order.key_account_agreement_days = (agreement.date_until - day).days + 1 if agreement else 0

    def _get_agreement_day(self):
        """:return: the day whose agreement holds: that of the order, but a quotation is not for a day in the past"""
        self.ensure_one()
        Agreement, company = self.env['key.account.agreement'], self.company_id or self.env.company
        day = Agreement._get_day(company, self.date_order or None)
        return max(day, Agreement._get_day(company)) if self.state in ('draft', 'sent') else day

    @api.depends('order_line.key_account_agreement_mark')
    def _compute_key_account_agreement_to_apply(self):
        for order in self:
            order.key_account_agreement_to_apply = any(
                line.key_account_agreement_mark == 'covered' for line in order.order_line)

    @api.model
    def _search_key_account_agreement_id(self, operator, value):
        if operator not in ('in', 'any'):
            return NotImplemented
        if operator == 'any' or False not in value:
            return [('order_line.key_account_agreement_line_id.agreement_id', operator, value)]
        without = ~Domain('order_line', 'any', [('key_account_agreement_line_id', '!=', False)])
        return without | Domain(self._search_key_account_agreement_id('in', [id_ for id_ in value if id_]))

    @api.constrains('pricelist_id', 'partner_id')
    def _check_agreement_pricelist(self):
        """:raise ValidationError: when an order would be priced by the agreement of another customer"""
        for order in self:
            # sudo: the prices of an agreement are not for other customers, whoever may see the agreement
            agreement = order.pricelist_id.sudo().key_account_agreement_id
            customer = order.partner_id.commercial_partner_id
            if agreement and customer != agreement.partner_id and customer not in agreement.covered_partner_ids:
                raise ValidationError(self.env._(
                    "The pricelist of %(order)s is that of the agreement with %(customer)s. Choose another pricelist.",
                    order=order.display_name, customer=agreement.partner_id.name))

    # ------------------------------------------------------------
    # Confirm
    # ------------------------------------------------------------

    def _confirmation_error_message(self):
        """What is paid is confirmed at the prices at which it was paid."""
        return super()._confirmation_error_message() or (not self.amount_paid and self._get_agreement_error())

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
                    order=self.name, agreement=agreement.display_name,
                    start=format_date(self.env, agreement.date_start), end=format_date(self.env, agreement.date_until))
            if customer != agreement.partner_id and customer not in agreement.covered_partner_ids:
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
        """Price the quotation by the agreement in force, for quotations made before it was signed or before it began."""
        for order in self.filtered(lambda order: order.state in ('draft', 'sent')):
            order._take_pricelist_of_customer()
            # sudo: see _compute_key_account_agreement_line_id
            first_day = order.pricelist_id.sudo().key_account_agreement_id.date_start
            if first_day and self.env['key.account.agreement']._get_day(order.company_id, order.date_order) < first_day:
                order.date_order = fields.Datetime.now()  # Odoo prices by this day
            order._recompute_prices()

    def _take_pricelist_of_customer(self):
        self.ensure_one()
        before = self.pricelist_id
        Pricelist = before.with_company(self.company_id).with_context(key_account_day=self._get_agreement_day())
        self.pricelist_id = Pricelist._get_partner_pricelist_multi(self.partner_id.ids).get(self.partner_id.id)
        # sudo: see _compute_key_account_agreement_line_id
        if (before | self.pricelist_id).sudo().key_account_agreement_id.payment_term_id:
            self._compute_payment_term_id()

    def _compute_payment_term_id(self):  # pylint: disable=missing-return
        """What is sold at agreed prices is paid as was agreed."""
        super()._compute_payment_term_id()
        for order in self:
            # sudo: see _compute_key_account_agreement_line_id
            agreed = order.pricelist_id.sudo().key_account_agreement_id.payment_term_id
            if agreed:
                order.payment_term_id = agreed

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
