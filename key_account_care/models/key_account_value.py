from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import formatLang

FIGURES = ('travel_hours', 'care_cost', 'discount_amount', 'net_value')


class KeyAccount(models.Model):
    """What a customer is worth to us after what we do for it. All of 12 months.

    Care is the hours of our people in meetings with the customer, and on the way to those that have a place and no video
    call: once there and back for each of them. Discounts are what was taken off the price on confirmed orders, in percent
    on the lines or as the lines of Odoo's discount dialog. The margin is what is left after them, so that the net value
    is the margin less the cost of care; without discounts it would be higher by as much as they are.
    """
    _inherit = 'key.account'

    travel_hours = fields.Float(
        string="Travel Hours (12 Months)", readonly=True, help="Of all of our people who went to a meeting.")
    care_cost = fields.Monetary(
        string="Cost of Care (12 Months)", readonly=True, help="Hours in meetings and of travel, at the cost of an hour.")
    discount_amount = fields.Monetary(
        string="Discounts (12 Months)", readonly=True, help="Untaxed, taken off the prices of confirmed orders.")
    net_value = fields.Monetary(
        string="Net Value (12 Months)", readonly=True, help="Margin, which is after discounts, less the cost of care.")
    value_reason = fields.Char(compute='_compute_value_reason')

    @api.depends('meeting_hours', 'travel_hours', 'care_cost')
    @api.depends_context('lang')
    def _compute_value_reason(self):
        for account in self:
            account.value_reason = account._explain_value() if account.care_cost else False

    def _explain_value(self):
        self.ensure_one()
        care, meetings = self.currency_id.format(self.care_cost), formatLang(self.env, self.meeting_hours, digits=1)
        if not self.travel_hours:
            return self.env._("Margin less %(care)s for %(meetings)s hours of meetings", care=care, meetings=meetings)
        return self.env._(
            "Margin less %(care)s for %(meetings)s hours of meetings, %(travel)s of travel", care=care,
            meetings=meetings, travel=formatLang(self.env, self.travel_hours, digits=1))

    # ------------------------------------------------------------
    # Records behind it
    # ------------------------------------------------------------

    def action_open_value(self):
        """Open what a part comes from; the context says in ``part`` which: ``meeting``, ``travel`` or ``discount``."""
        self.ensure_one()
        part = self.env.context.get('part')
        if part == 'discount':
            return self._action_open_discounts()
        action = self.with_context(filter='meeting').action_open_interactions()
        if part == 'travel':
            trips = self._trips_sql(
                self.company_id, self._get_value_day(), SQL("contact.commercial_partner_id = %s", self.partner_id.id))
            events = [event for __, event in self.env.execute_query(SQL(
                "SELECT DISTINCT account_id, event_id FROM (%s) trip WHERE account_id = %s", trips, self.id))]
            action['domain'] = [*action['domain'], ('res_id', 'in', events)]
        return action

    def _action_open_discounts(self):
        today = self._get_value_day()
        company = self.company_id
        discounted = Domain('order_line.discount', '!=', 0)
        if company.sale_discount_product_id:
            discounted |= Domain('order_line.product_id', '=', company.sale_discount_product_id.id)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Orders with Discounts"),
            'res_model': 'sale.order',
            'view_mode': 'list,form',
            'domain': list(discounted & Domain([
                ('partner_id.commercial_partner_id', '=', self.partner_id.id), ('company_id', '=', company.id),
                ('state', '=', 'sale'), ('date_order', '>', self._end_of_day(company, self._get_periods(today)[0])),
                ('date_order', '<=', self._end_of_day(company, today))])),
        }

    def _get_value_day(self):
        return self.figures_date or fields.Date.context_today(self)

    # ------------------------------------------------------------
    # Nightly
    # ------------------------------------------------------------

    @api.model
    def _refresh_value(self, company, today, accounts):
        """Weigh the margin against what care has cost.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        self._store_columns(SQL(
            """
            WITH trip AS (
                SELECT account_id, COUNT(DISTINCT (event_id, user_id)) * %(travel)s AS hours
                  FROM (%(trips)s) trip GROUP BY account_id
            ), discount AS (%(discounts)s), cost AS (
                SELECT account.id, COALESCE(trip.hours, 0)::float8 AS travel_hours,
                       ROUND(((account.meeting_hours + COALESCE(trip.hours, 0)) * %(hour)s)::numeric, %(digits)s) AS care_cost,
                       ROUND(COALESCE(discount.amount, 0)::numeric, %(digits)s) AS discount_amount, account.margin
                  FROM key_account account
             LEFT JOIN trip ON trip.account_id = account.id
             LEFT JOIN discount ON discount.customer_id = account.partner_id
                 WHERE %(scope)s
            )
            SELECT cost.*, COALESCE(margin, 0) - COALESCE(care_cost, 0) AS net_value FROM cost
            """,
            travel=company.key_account_travel_hours, hour=company.key_account_hour_cost,
            digits=company.currency_id.decimal_places, scope=accounts._get_scope(company),
            trips=self._trips_sql(company, today, self._customers_sql(accounts, SQL("contact.commercial_partner_id"))),
            discounts=self._discounts_sql(company, today, self._customers_sql(accounts, SQL("buyer.commercial_partner_id")))),
            FIGURES)

    @api.model
    def _customers_sql(self, accounts, customer):
        return SQL("%s IN %s", customer, tuple(accounts.partner_id.ids)) if accounts else SQL("TRUE")

    @api.model
    def _trips_sql(self, company, today, limit):
        """Who of ours went to which meeting of 12 months, by the one definition of meetings.

        :param SQL limit: condition on ``contact``
        """
        Interaction = self.env['key.account.interaction']
        meetings = Interaction._meetings_sql(
            SQL("res_partner contact"), SQL(), SQL(), self.env['key.account.relationship']._get_end(today))
        return SQL(
            """
            SELECT account.id AS account_id, meeting.event_id, meeting.user_id
              FROM (%(meetings)s AND %(limit)s AND contact.is_company IS NOT TRUE AND ours.share IS FALSE
                                 AND ours.id <> %(bot)s) meeting
              JOIN calendar_event event ON event.id = meeting.event_id AND event.location <> ''
                   AND event.location NOT LIKE 'http%%' AND COALESCE(event.videocall_location, '') = ''
        CROSS JOIN LATERAL (%(account)s) account
             WHERE meeting.date > %(start)s AND account.company_id = %(company)s
            """, meetings=meetings, limit=limit, bot=SUPERUSER_ID, start=self._get_attention_start(today),
            company=company.id, account=Interaction._account_sql(SQL("meeting.user_id"), SQL("meeting.partner_id")))

    @api.model
    def _discounts_sql(self, company, today, limit):
        """What was taken off the prices of confirmed orders of 12 months, by customer, in the currency of the company.

        :param SQL limit: condition on ``buyer``
        """
        return SQL(
            """
            SELECT buyer.commercial_partner_id AS customer_id,
                   SUM(CASE WHEN line.product_id = %(dialog)s THEN -line.price_subtotal
                            WHEN line.discount < 100 THEN line.price_subtotal * line.discount / (100 - line.discount)
                            ELSE line.price_unit * line.product_uom_qty END / COALESCE(NULLIF(sale_order.currency_rate, 0), 1))
                       AS amount
              FROM sale_order
              JOIN sale_order_line line ON line.order_id = sale_order.id AND line.display_type IS NULL
                   AND (line.discount <> 0 OR line.product_id = %(dialog)s)
              JOIN res_partner buyer ON buyer.id = sale_order.partner_id
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND sale_order.date_order > %(start)s AND sale_order.date_order <= %(until)s AND %(limit)s
          GROUP BY buyer.commercial_partner_id
            """, company=company.id, dialog=company.sale_discount_product_id.id or None, limit=limit,
            start=self._end_of_day(company, self._get_periods(today)[0]), until=self._end_of_day(company, today))
