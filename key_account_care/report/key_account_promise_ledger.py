from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountPromiseLedger(models.Model):
    """Every promise with what became of it, and every delivery date of a confirmed order, which is a promise by itself.

    An order promises its delivery date; without one, the date that Odoo expects from the lead times on its lines, where
    there are any. It is kept when all goods (of an order without goods: all services) are delivered by the end of that day.
    Where transfers tell, that is the day of the last one. Else only the delivered quantities tell, without a day: what is
    delivered counts as in time, and what is not and was due before today as broken.

    A promise past its date that is still open counts as broken until somebody says that it was kept, and then as kept late.
    What was renegotiated in time counts as neither; after the date, as broken.
    """
    _name = 'key.account.promise.ledger'
    _description = "Promise Kept or Broken"
    _auto = False
    _order = 'date_due desc, id desc'

    name = fields.Char(string="What", readonly=True)
    kind = fields.Selection(
        selection=[('promise', "Promise"), ('order', "Delivery date")], readonly=True)
    promise_id = fields.Many2one('key.account.promise', readonly=True)
    order_id = fields.Many2one('sale.order', readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    direction = fields.Selection(
        selection=[('we', "We promised"), ('they', "They promised")], readonly=True)
    user_id = fields.Many2one('res.users', string="Our Person", readonly=True)
    contact_id = fields.Many2one('res.partner', string="Their Person", readonly=True)
    date_due = fields.Date(string="Until", readonly=True)
    done_on = fields.Date(string="Settled on", readonly=True, help="Empty where Odoo does not know the day.")
    outcome = fields.Selection(
        selection=[
            ('open', "Open"),
            ('overdue', "Overdue"),
            ('kept', "Kept"),
            ('kept_late', "Kept late"),
            ('broken', "Broken"),
            ('renegotiated', "Renegotiated"),
        ], readonly=True)
    counts = fields.Boolean(
        readonly=True, help="What is open and not due yet does not count, nor what was renegotiated in time.")
    kept = fields.Float(readonly=True, aggregator='avg', help="Share of what counts that was kept in time.")
    told = fields.Float(
        string="Told in Time", readonly=True, aggregator='avg',
        help="Of our promises that were not kept in time: share of those where the customer was told before.")
    days_late = fields.Integer(readonly=True, aggregator='avg')
    amount = fields.Monetary(string="At Stake", readonly=True, help="Of an order: its untaxed amount.")

    _depends = {
        'key.account': ['partner_id', 'company_id', 'tier_id', 'active'],
        'key.account.promise': [
            'name', 'account_id', 'company_id', 'direction', 'user_id', 'contact_id', 'date_due', 'done_on', 'state',
            'told_on', 'amount'],
        'product.product': ['product_tmpl_id'],
        'product.template': ['type'],
        'res.company': ['currency_id', 'partner_id'],
        'res.partner': ['commercial_partner_id', 'tz'],
        'sale.order': [
            'name', 'state', 'partner_id', 'company_id', 'user_id', 'commitment_date', 'date_order', 'amount_untaxed',
            'currency_rate'],
        'sale.order.line': [
            'order_id', 'product_id', 'product_uom_qty', 'qty_delivered', 'customer_lead', 'display_type', 'is_downpayment'],
    }

    def action_open_source(self):
        """Open the promise or the order."""
        self.ensure_one()
        return (self.promise_id or self.order_id).get_formview_action()

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        if self._has_transfers():
            self.env['stock.picking'].flush_model(['sale_id', 'state', 'date_done', 'location_dest_id'])
        return SQL(
            """
            SELECT item.id, item.name, item.kind, item.promise_id, item.order_id, item.account_id, item.tier_id,
                   item.company_id, item.currency_id, item.direction, item.user_id, item.contact_id, item.date_due,
                   item.done_on, item.amount, result.outcome,
                   result.is_kept OR result.is_missed AS counts,
                   CASE WHEN result.is_kept THEN 1.0 WHEN result.is_missed THEN 0.0 END AS kept,
                   CASE WHEN result.is_missed AND item.kind = 'promise' AND item.direction = 'we'
                        THEN CASE WHEN item.told_on <= item.date_due THEN 1.0 ELSE 0.0 END END AS told,
                   CASE WHEN result.is_missed THEN COALESCE(item.done_on, %(today)s) - item.date_due END AS days_late
              FROM (%(promises)s UNION ALL %(orders)s) item
        CROSS JOIN LATERAL (%(result)s) result
            """, today=self._get_today(), promises=self._promises_sql(), orders=self._orders_sql(), result=self._result_sql())

    @api.model
    def _get_today(self):
        return fields.Date.context_today(self)

    @api.model
    def _result_sql(self):
        return SQL(
            """
            SELECT step.outcome, step.outcome = 'kept' AS is_kept,
                   step.outcome IN ('kept_late', 'broken', 'overdue')
                       OR step.outcome = 'renegotiated' AND item.done_on > item.date_due AS is_missed
              FROM (SELECT CASE WHEN item.state = 'open' AND item.date_due < %s THEN 'overdue' ELSE item.state END) step (outcome)
            """, self._get_today())

    @api.model
    def _promises_sql(self):
        return SQL(
            """
            SELECT promise.id::bigint * 2 AS id, promise.name, 'promise' AS kind, promise.id AS promise_id,
                   NULL::integer AS order_id, promise.account_id, account.tier_id, promise.company_id, company.currency_id,
                   promise.direction, promise.user_id, promise.contact_id, promise.date_due, promise.done_on, promise.state,
                   promise.told_on, promise.amount
              FROM key_account_promise promise
              JOIN key_account account ON account.id = promise.account_id
              JOIN res_company company ON company.id = promise.company_id
            """)

    @api.model
    def _orders_sql(self):
        # OFFSET 0: companies are few, PostgreSQL would walk through all partners for the zones of theirs
        return SQL(
            """
            SELECT sale_order.id::bigint * 2 + 1, sale_order.name, 'order', NULL, sale_order.id, account.id, account.tier_id,
                   sale_order.company_id, company.currency_id, 'we', sale_order.user_id,
                   NULLIF(buyer.id, account.partner_id), due.day, delivery.day,
                   CASE WHEN NOT delivery.is_done THEN 'open' WHEN delivery.day > due.day THEN 'kept_late' ELSE 'kept' END,
                   NULL, ROUND((sale_order.amount_untaxed / COALESCE(NULLIF(sale_order.currency_rate, 0), 1))::numeric, 2)
              FROM key_account account
              JOIN res_partner buyer ON buyer.commercial_partner_id = account.partner_id
              JOIN sale_order ON sale_order.partner_id = buyer.id AND sale_order.company_id = account.company_id
                             AND sale_order.state = 'sale'
              JOIN (SELECT company.id, company.currency_id, seller.tz
                      FROM res_company company JOIN res_partner seller ON seller.id = company.partner_id
                           OFFSET 0) company ON company.id = account.company_id
        CROSS JOIN LATERAL (%(goods)s) goods
        CROSS JOIN LATERAL (SELECT %(due)s AS day) due
        CROSS JOIN LATERAL (%(delivery)s) delivery
             WHERE account.active AND goods.is_done IS NOT NULL AND due.day IS NOT NULL
            """,
            goods=self._goods_sql(), delivery=self._delivery_sql(),
            due=self._due_sql())

    @api.model
    def _due_sql(self):
        """The day on which an order is promised; none where nobody named one and no lead time tells."""
        return self._day_sql(SQL("COALESCE(sale_order.commitment_date, goods.expected)"))

    @api.model
    def _day_sql(self, moment):
        """The day of a moment where the company is."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(company.tz, 'UTC'))::date", moment)

    @api.model
    def _goods_sql(self):
        """Whether everything on the order is delivered by its quantities, and when it is expected by its lead times."""
        lead = SQL("MIN(line.customer_lead) FILTER (WHERE template.type = 'consu')")
        if 'picking_policy' in self.env['sale.order']._fields:  # all at once: as late as the last of them
            lead = SQL(
                """CASE WHEN sale_order.picking_policy = 'one'
                        THEN MAX(line.customer_lead) FILTER (WHERE template.type = 'consu') ELSE %s END""", lead)
        return SQL(
            """
            SELECT COALESCE(BOOL_AND(line.qty_delivered >= line.product_uom_qty) FILTER (WHERE template.type = 'consu'),
                            BOOL_AND(line.qty_delivered >= line.product_uom_qty) FILTER (WHERE template.type = 'service'))
                       AS is_done,
                   sale_order.date_order + INTERVAL '1 day' * NULLIF(%(lead)s, 0) AS expected
              FROM sale_order_line line
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE line.order_id = sale_order.id AND %(counted)s
            """, lead=lead, counted=self._counted_sql())

    @api.model
    def _counted_sql(self):
        """Whether a ``line`` of an order is something to deliver."""
        optional = {'reward_id': SQL("line.reward_id IS NULL"), 'is_delivery': SQL("line.is_delivery IS NOT TRUE")}
        return SQL(" AND ").join([
            SQL("line.display_type IS NULL AND line.is_downpayment IS NOT TRUE AND line.product_uom_qty > 0"),
            *(condition for name, condition in optional.items() if name in self.env['sale.order.line']._fields)])

    @api.model
    def _has_transfers(self):
        """:return: whether the deliveries of orders are transfers of a warehouse"""
        return 'stock.picking' in self.env and 'sale_id' in self.env['stock.picking']._fields

    @api.model
    def _delivery_sql(self):
        """Whether the order is delivered, and on which day: by its transfers to the customer, else by its quantities."""
        if not self._has_transfers():
            return SQL("SELECT goods.is_done, NULL::date AS day")
        return SQL(
            """
            SELECT COALESCE(shipment.is_done, goods.is_done) AS is_done,
                   CASE WHEN shipment.is_done THEN %s END AS day
              FROM (SELECT BOOL_AND(picking.state = 'done') AS is_done, MAX(picking.date_done) AS moment
                      FROM stock_picking picking
                      JOIN stock_location place ON place.id = picking.location_dest_id AND place.usage = 'customer'
                     WHERE picking.sale_id = sale_order.id AND picking.state <> 'cancel') shipment
            """, self._day_sql(SQL("shipment.moment")))
