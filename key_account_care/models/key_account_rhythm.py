from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

DUE_STATES = [('ahead', "Not due"), ('due', "Due now"), ('overdue', "Overdue"), ('lapsed', "Lapsed")]
TOLD = 3  # products by name in a line of text


class KeyAccountRhythm(models.Model):
    """How often and how much of a product a customer usually orders, and when it is expected to order it again.

    One row for each product that was ordered on three days or more. All figures are medians, which one odd order does not
    move: of the days from one order to the next, of the quantity and of the amount of a day. The spread is the median
    distance of the intervals from their median, times 1.4826, which makes it the standard deviation of normal ones
    (Rousseeuw and Croux, 1993). The confidence is the chance that the next of n intervals is like those before when all
    were alike, (n + 1) / (n + 2) (Laplace's rule of succession), times how far they are alike, 1 - spread / interval.
    """
    _name = 'key.account.rhythm'
    _inherit = ['key.account.derived.mixin']
    _description = "Order Rhythm"
    _order = 'next_date, id'
    _rec_name = 'product_id'

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    tier_id = fields.Many2one(related='account_id.tier_id')
    user_id = fields.Many2one(related='account_id.user_id', string="Key Account Manager")
    product_id = fields.Many2one('product.product', required=True, readonly=True, index=True, ondelete='cascade')
    uom_id = fields.Many2one(related='product_id.uom_id', string="Unit")
    interval_days = fields.Float(
        string="Every (Days)", readonly=True, digits=(16, 1), aggregator='avg', help="Usual days between two orders.")
    spread_days = fields.Float(
        string="± Days", readonly=True, digits=(16, 1), aggregator='avg', help="How far the intervals usually differ from that.")
    usual_quantity = fields.Float(readonly=True, digits='Product Unit', aggregator=None, help="In the unit of the product.")
    usual_amount = fields.Monetary(readonly=True, help="Untaxed, in the currency of the company.")
    order_count = fields.Integer(string="Order Days", readonly=True, help="Orders of one day count as one.")
    last_date = fields.Date(string="Last Order", readonly=True)
    next_date = fields.Date(string="Expected", readonly=True)
    tolerated_until = fields.Date(readonly=True, help="From the day after on it is overdue.")
    lapsed_after = fields.Date(readonly=True, help="From the day after on the customer does not seem to buy it any more.")
    confidence = fields.Integer(
        readonly=True, aggregator='avg', help="0 to 100: from the number of orders and from how regular they are.")
    due_state = fields.Selection(
        selection=DUE_STATES, string="Status", compute='_compute_due_state', search='_search_due_state')

    _account_product_uniq = models.Constraint('UNIQUE (account_id, product_id)', "There is one rhythm of a product.")
    _expected = models.Index('(company_id, next_date)')

    # ------------------------------------------------------------
    # Due
    # ------------------------------------------------------------

    @api.depends('next_date', 'tolerated_until', 'lapsed_after')
    def _compute_due_state(self):
        today = fields.Date.context_today(self)
        self.due_state = False
        for state, __ in DUE_STATES:
            self.filtered_domain(self._get_due_domain([state], today)).due_state = state

    @api.model
    def _search_due_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return self._get_due_domain(value, fields.Date.context_today(self))

    @api.model
    def _get_due_domain(self, states, today):
        """:return: domain of the rows that are in one of these states on a day

        :param states: of ``ahead``, ``due``, ``overdue``, ``lapsed``
        :param date today: the day
        """
        domains = {
            'ahead': Domain('next_date', '>', today),
            'due': Domain('next_date', '<=', today) & Domain('tolerated_until', '>=', today),
            'overdue': Domain('tolerated_until', '<', today) & Domain('lapsed_after', '>=', today),
            'lapsed': Domain('lapsed_after', '<', today),
        }
        return Domain.OR(domains[state] for state in states if state)

    # ------------------------------------------------------------
    # Quotation
    # ------------------------------------------------------------

    def action_make_quotation(self):
        """Make a quotation of the usual quantities, priced by Odoo; one that has all of it already is opened instead.

        :raise UserError: when the rows are of several accounts, or nothing of it is sold any more
        """
        account = self.account_id
        if len(account) != 1:
            raise UserError(self.env._("A quotation is for one customer. Choose rows of one account."))
        lines = self._prepare_order_lines()
        if not lines:
            raise UserError(self.env._("These products are not sold any more. Look for their successors."))
        order = self._find_quotation() or self.env['sale.order'].with_company(account.company_id).create({
            'partner_id': account.partner_id.id, 'company_id': account.company_id.id, 'order_line': lines,
            'user_id': self.env.uid})  # else the customer's salesperson, whose orders others may not write
        return order.get_formview_action()

    def _prepare_order_lines(self):
        """:return: commands that add the usual quantities to an order"""
        return [Command.create({'product_id': rhythm.product_id.id, 'product_uom_qty': rhythm.usual_quantity})
                for rhythm in self._get_sold()]

    def _get_sold(self):
        return self.filtered(lambda rhythm: rhythm.product_id.active and rhythm.product_id.sale_ok)

    def _get_due_text(self):
        """:return: str with the first of these products and their usual quantities, or False"""
        if not self:
            return False
        number = self.env['key.account.agreement.line']._format_number
        names = ", ".join(
            self.env._("%(product)s (%(quantity)s %(unit)s)", product=rhythm.product_id.display_name,
                       quantity=number(rhythm.usual_quantity), unit=rhythm.uom_id.name)
            for rhythm in self[:TOLD])
        if len(self) <= TOLD:
            return names
        return self.env._("%(names)s and %(count)s more", names=names, count=len(self) - TOLD)

    def _find_quotation(self):
        """:return: the quotation since the last of these orders that has all of the products, or none"""
        products = self._get_sold().product_id
        quotations = self.env['sale.order'].search([
            ('partner_id.commercial_partner_id', '=', self.account_id.partner_id.id),
            ('company_id', '=', self.account_id.company_id.id), ('state', 'in', ('draft', 'sent')),
            ('date_order', '>=', max(self.mapped('last_date'))), ('order_line.product_id', 'in', products.ids)])
        return next((order for order in quotations if products <= order.order_line.product_id), quotations.browse())

    def action_open_orders(self):
        """Open the orders that the rhythm comes from."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Orders of %(product)s", product=self.product_id.display_name),
            'res_model': 'sale.order',
            'view_mode': 'list,form',
            'domain': [
                ('partner_id.commercial_partner_id', '=', self.account_id.partner_id.id), ('state', '=', 'sale'),
                ('company_id', '=', self.company_id.id), ('order_line.product_id', '=', self.product_id.id)],
        }
