from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class KeyAccountAgreement(models.Model):
    """Customers who go on ordering after their last agreement has ended."""
    _inherit = 'key.account.agreement'

    late_order_count = fields.Integer(
        string="Orders since", compute='_compute_late_orders', search='_search_late_order_count',
        help="Confirmed after the last day, while nothing else is in force.")
    late_order_amount = fields.Monetary(string="Ordered since", compute='_compute_late_orders', help="Untaxed.")
    late_order_date = fields.Date(string="Last Order", compute='_compute_late_orders')

    def _compute_late_orders(self):
        over = self._origin.filtered(lambda agreement: agreement.days_left <= 0)
        rows = self.env.execute_query(self._get_late_orders_sql(SQL("agreement.id = ANY(%s)", over.ids))) if over else []
        sums = {agreement_id: values for agreement_id, *values in rows}
        for agreement in self:
            (agreement.late_order_count, agreement.late_order_amount, agreement.late_order_date) = sums.get(
                agreement._origin.id, (0, 0.0, False))

    @api.model
    def _search_late_order_count(self, operator, value):
        """Only whether there are any: ``> 0``."""
        if (operator, value) != ('>', 0):
            return NotImplemented
        found = SQL("(SELECT late.id FROM (%s) late)", self._get_late_orders_sql(SQL("TRUE")))
        return Domain.custom(to_sql=lambda model, alias, query: SQL("%s IN %s", SQL.identifier(alias, 'id'), found))

    @api.model
    def _get_late_orders_sql(self, condition):
        """Orders of the customer, and of the subsidiaries that were covered, after the account's last agreement.

        :param SQL condition: on ``agreement``
        :return: SQL of a SELECT of agreement, number of orders, amount in its currency, day of the last one
        """
        Leakage = self.env['key.account.leakage']
        for name, names in Leakage._depends.items():
            self.env[name].flush_model(names)
        return SQL(
            """
            SELECT agreement.id, COUNT(DISTINCT sale_order.id), SUM(line.price_subtotal * currency.rate), MAX(%(date)s)
              FROM key_account_agreement agreement
        CROSS JOIN LATERAL (%(buyers)s) buyer
              JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.company_id = agreement.company_id
                             AND sale_order.state = 'sale' AND sale_order.date_order >= agreement.date_until
              JOIN sale_order_line line ON line.order_id = sale_order.id
        CROSS JOIN LATERAL (SELECT %(rate)s AS rate OFFSET 0) currency
             WHERE %(condition)s AND %(in_force)s AND agreement.close_reason IS DISTINCT FROM 'revised'
               AND %(date)s > agreement.date_until AND %(purchase)s
               AND NOT EXISTS (SELECT FROM key_account_agreement next
                                WHERE next.account_id = agreement.account_id AND %(successor)s)
               AND NOT EXISTS (%(own)s)
          GROUP BY agreement.id
            """,
            condition=condition, date=Leakage._date_sql(), rate=self.env['key.account.calloff']._rate_sql(),
            buyers=Leakage._buyers_sql(), in_force=Leakage._in_force_sql(SQL("agreement")),
            purchase=Leakage._purchase_sql(), successor=self._successor_sql(), own=Leakage._own_agreement_sql())

    def action_open_late_orders(self):
        """Open the orders after the last day."""
        self.ensure_one()
        customers = self.partner_id | self.covered_partner_ids
        since, __ = self._get_day_bounds(self.company_id, *[fields.Date.add(self.date_until, days=1)] * 2)
        return {
            **self.env['ir.actions.act_window']._for_xml_id('sale.action_orders'),
            'name': self.env._("Orders after %(agreement)s", agreement=self.name),
            'domain': [
                ('partner_id.commercial_partner_id', 'in', customers.ids), ('company_id', '=', self.company_id.id),
                ('state', '=', 'sale'), ('date_order', '>=', since)],
            'context': {},
        }
