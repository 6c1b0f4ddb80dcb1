from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountCalloff(models.Model):
    """One call-off: a confirmed order line that an agreement line priced. The one definition of consumption.

    Quantities are in the unit of the agreement line, amounts in the currency of the agreement. What was returned or
    credited does not count, and goods that were both do so once: a credit note only frees what is not invoiced again.
    """
    _name = 'key.account.calloff'
    _description = "Call-off"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'order_id'

    order_line_id = fields.Many2one('sale.order.line', readonly=True)
    order_id = fields.Many2one('sale.order', readonly=True)
    date = fields.Date(readonly=True)
    agreement_id = fields.Many2one('key.account.agreement', readonly=True)
    origin_id = fields.Many2one('key.account.agreement', string="First Revision", readonly=True)
    line_id = fields.Many2one('key.account.agreement.line', string="Agreement Line", readonly=True)
    origin_line_id = fields.Many2one('key.account.agreement.line', string="Line in First Revision", readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Buyer", readonly=True)
    user_id = fields.Many2one('res.users', string="Salesperson", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    product_id = fields.Many2one('product.product', string="Variant", readonly=True)
    uom_id = fields.Many2one('uom.uom', string="Unit", readonly=True)
    ordered = fields.Float(readonly=True, digits='Product Unit')
    delivered = fields.Float(readonly=True, digits='Product Unit')
    invoiced = fields.Float(readonly=True, digits='Product Unit')
    released = fields.Float(
        string="Returned or Credited", readonly=True, digits='Product Unit')
    quantity = fields.Float(
        string="Called off", readonly=True, digits='Product Unit', help="Ordered, less what was returned or credited.")
    amount = fields.Monetary(
        readonly=True, help="Untaxed amount of what was ordered, less what was returned or credited.")
    amount_invoiced = fields.Monetary(readonly=True)
    margin = fields.Monetary(readonly=True, help="Amount less the cost on the order line.")

    _depends = {
        'sale.order': ['state', 'date_order', 'partner_id', 'user_id', 'currency_rate'],
        'sale.order.line': [
            'key_account_agreement_line_id', 'product_id', 'product_uom_id', 'product_uom_qty', 'qty_delivered',
            'qty_invoiced', 'price_subtotal', 'margin', 'untaxed_amount_invoiced', 'currency_id', 'invoice_lines'],
        'account.move': ['state', 'move_type'],
        'account.move.line': ['quantity', 'product_uom_id', 'sale_line_ids'],
        'key.account.agreement': ['account_id', 'origin_id', 'currency_id', 'company_id'],
        'key.account.agreement.line': ['agreement_id', 'origin_id', 'uom_id'],
        'product.product': ['product_tmpl_id'],
        'product.template': ['uom_id'],
        'uom.uom': ['factor', 'parent_path'],
        'res.partner': ['tz'],
    }

    @property
    def _table_query(self):
        return self._get_calloffs_sql()

    @api.model
    def _get_calloffs_sql(self, condition=None):
        """:param SQL condition: on ``line`` (sale order line), ``terms`` (agreement line) and ``agreement``
        :return: SQL of a SELECT with the columns of this model
        """
        # OFFSET 0 keeps a part a query of its own, and each part looks up all that it needs: for each row that is as quick,
        # and with more tables side by side PostgreSQL takes far longer to find a plan than to follow it
        return SQL(
            """
            SELECT line.id, line.id AS order_line_id, line.order_id, %(date)s AS date,
                   agreement.id AS agreement_id, COALESCE(agreement.origin_id, agreement.id) AS origin_id,
                   terms.id AS line_id, COALESCE(terms.origin_id, terms.id) AS origin_line_id,
                   agreement.account_id, sale_order.partner_id, sale_order.user_id, agreement.company_id,
                   agreement.currency_id, line.product_id, line_unit.to_id AS uom_id,
                   line.product_uom_qty * line_unit.conversion AS ordered,
                   line.qty_delivered * line_unit.conversion AS delivered,
                   line.qty_invoiced * line_unit.conversion AS invoiced,
                   value.freed * line_unit.conversion AS released,
                   (line.product_uom_qty - value.freed) * line_unit.conversion AS quantity,
                   line.price_subtotal * value.rate
                       * (1 - COALESCE(value.freed / NULLIF(line.product_uom_qty, 0), 0)) AS amount,
                   line.untaxed_amount_invoiced * value.rate AS amount_invoiced,
                   line.margin * value.rate
                       * (1 - COALESCE(value.freed / NULLIF(line.product_uom_qty, 0), 0)) AS margin
              FROM sale_order_line line
              JOIN sale_order ON sale_order.id = line.order_id AND sale_order.state = 'sale'
              JOIN key_account_agreement_line terms ON terms.id = line.key_account_agreement_line_id
              JOIN key_account_agreement agreement ON agreement.id = terms.agreement_id
        CROSS JOIN LATERAL (%(line_unit)s) line_unit
        CROSS JOIN LATERAL (%(value)s) value
             WHERE %(condition)s
            """,
            date=self._date_sql(SQL("(%s)", self._zone_sql())), line_unit=self._line_unit_sql(),
            value=self._value_sql(), condition=condition or SQL("TRUE"))

    @api.model
    def _date_sql(self, zone):
        """:param SQL zone: name of the time zone in which the order has its day"""
        return SQL("(sale_order.date_order AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(%s, 'UTC'))::date", zone)

    @api.model
    def _zone_sql(self):
        return SQL(
            """
            SELECT seller.tz
              FROM res_company company JOIN res_partner seller ON seller.id = company.partner_id
             WHERE company.id = agreement.company_id
            """)

    @api.model
    def _line_unit_sql(self):
        """The unit of the agreement line, and the factor to it from that of the order; 0 between hours and kilograms."""
        # most orders are in the unit of their agreement line: only for others we look at the two
        return SQL(
            """
            SELECT unit.id AS to_id,
                   CASE WHEN line.product_uom_id = unit.id THEN 1
                        ELSE (SELECT CASE WHEN split_part(line_unit.parent_path, '/', 1)
                                               = split_part(to_unit.parent_path, '/', 1)
                                          THEN (line_unit.factor / to_unit.factor)::numeric ELSE 0 END
                                FROM uom_uom line_unit JOIN uom_uom to_unit ON to_unit.id = unit.id
                               WHERE line_unit.id = line.product_uom_id) END AS conversion
              FROM (SELECT COALESCE(terms.uom_id, (
                               SELECT template.uom_id
                                 FROM product_product product
                                 JOIN product_template template ON template.id = product.product_tmpl_id
                                WHERE product.id = line.product_id)) AS id OFFSET 0) unit OFFSET 0
            """)

    @api.model
    def _value_sql(self):
        """What an order line is worth: the factor to the currency of the agreement, and the quantity that does not count."""
        return SQL(
            "SELECT %s AS rate, freed.quantity AS freed FROM LATERAL (%s) freed OFFSET 0", self._rate_sql(), self._freed_sql())

    @api.model
    def _rate_sql(self):
        """Factor from the currency of the order to that of the agreement, by the rate of the order and of its day."""
        return SQL(
            """CASE WHEN line.currency_id = agreement.currency_id THEN 1
                    ELSE ((SELECT (%(agreement)s) / (%(company)s)
                             FROM res_company company WHERE company.id = agreement.company_id)
                          / COALESCE(NULLIF(sale_order.currency_rate, 0), 1))::numeric END""",
            agreement=self._latest_rate_sql(SQL("agreement.currency_id")),
            company=self._latest_rate_sql(SQL("company.currency_id")))

    @api.model
    def _latest_rate_sql(self, currency, day=None):
        """The rate of a day, or before the first one the first, as Odoo does.

        :param SQL currency: id of a currency
        :param SQL day: day of the rate; by default that of the order
        """
        return SQL(
            """
            SELECT COALESCE((SELECT rate FROM res_currency_rate
                              WHERE currency_id = %(currency)s
                                AND (company_id IS NULL OR company_id = split_part(company.parent_path, '/', 1)::integer)
                           ORDER BY name <= %(day)s DESC, company_id, ABS(name - %(day)s) LIMIT 1), 1) AS rate
            """, currency=currency, day=day or SQL("sale_order.date_order::date"))

    @api.model
    def _freed_sql(self):
        """What does not count any more of an ordered quantity, in the unit of the order line.

        The larger of what was returned and of what was credited and not invoiced again.
        """
        return SQL(
            """
            SELECT GREATEST(0, LEAST(line.product_uom_qty, GREATEST(%s, credited.quantity))) AS quantity
              FROM (%s) credited
            """, self._returned_sql(), self._credited_sql())

    @api.model
    def _uncredited_sql(self):
        """What was returned of an ordered quantity and is not credited, in the unit of the order line."""
        return SQL(
            "SELECT GREATEST(0, %s - GREATEST(0, credited.quantity)) AS quantity FROM (%s) credited",
            self._returned_sql(), self._credited_sql())

    @api.model
    def _credited_sql(self):
        """What was credited of an ordered quantity and not invoiced again. What was invoiced beyond it is credited first."""
        return SQL(
            """
            SELECT LEAST(billed.gross, line.product_uom_qty) - billed.gross + billed.credited AS quantity
              FROM (SELECT COALESCE(SUM(part.quantity) FILTER (WHERE part.move_type = 'out_invoice'), 0) AS gross,
                           COALESCE(SUM(part.quantity) FILTER (WHERE part.move_type = 'out_refund'), 0) AS credited
                      FROM (SELECT move.move_type, move_line.quantity * (%(factor)s)::numeric AS quantity
                              FROM sale_order_line_invoice_rel link
                              JOIN account_move_line move_line ON move_line.id = link.invoice_line_id
                              JOIN account_move move ON move.id = move_line.move_id AND move.state = 'posted'
                             WHERE link.order_line_id = line.id) part) billed
            """, factor=self._factor_sql(SQL("move_line.product_uom_id")))

    @api.model
    def _factor_sql(self, unit):
        """The factor to the unit of the order line; looked up only for another one, as hardly any document has."""
        return SQL(
            """
            CASE WHEN COALESCE(%(unit)s, line.product_uom_id) = line.product_uom_id THEN 1
                 ELSE (SELECT own.factor / line_unit.factor
                         FROM uom_uom own JOIN uom_uom line_unit ON line_unit.id = line.product_uom_id
                        WHERE own.id = %(unit)s) END
            """, unit=unit)

    @api.model
    def _get_freed_shares(self, lines):
        """:param sale.order.line lines: in any state
        :return: dict of the share that was returned or credited, by id of those lines of which something was
        """
        self.env.flush_all()
        return dict(self.env.execute_query(SQL(
            """
            SELECT line.id, (freed.quantity / line.product_uom_qty)::float
              FROM sale_order_line line CROSS JOIN LATERAL (%s) freed
             WHERE line.id = ANY(%s) AND freed.quantity > 0
            """, self._freed_sql(), lines.ids)))

    @api.model
    def _returned_sql(self):
        """What came back into stock of an ordered quantity and was not sent again, where Odoo's stock is installed.

        As of invoices: what was sent beyond the order comes back first. Odoo leaves returns that are to be replaced alone.
        """
        Move = self.env.get('stock.move', self)
        if 'sale_line_id' not in Move._fields:
            return SQL("0")
        return SQL(
            """
            (SELECT LEAST(moved.sent, line.product_uom_qty) - moved.sent + moved.returned
               FROM (SELECT COALESCE(SUM(part.quantity) FILTER (WHERE part.is_sent), 0) AS sent,
                            COALESCE(SUM(part.quantity) FILTER (WHERE NOT part.is_sent), 0) AS returned
                       FROM (SELECT move.quantity * (%(factor)s)::numeric AS quantity,
                                    target.usage = 'customer' AS is_sent
                               FROM stock_move move
                               JOIN stock_location source ON source.id = move.location_id
                               JOIN stock_location target ON target.id = move.location_dest_id
                              WHERE move.sale_line_id = line.id AND move.state = 'done'
                                AND (source.usage = 'customer') <> (target.usage = 'customer')
                                AND (move.to_refund OR target.usage = 'customer' AND move.origin_returned_move_id IS NULL)
                            ) part) moved)
            """, factor=self._factor_sql(SQL("move.product_uom")),
            to_flush=[Move._fields[name] for name in ('state', 'quantity', 'product_uom', 'sale_line_id', 'to_refund')])

    def action_open_order(self):
        """Open the order behind this call-off."""
        self.ensure_one()
        return self.order_id.action_open_business_doc()
