from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

BY_SALES = ('revenue', 'category', 'volume')
TOLERANCE = 0.1  # of the way from start to target that an objective may be behind its plan line


class KeyAccountObjective(models.Model):
    """A goal agreed with a customer for a year: from where, to where, until when, and how far it has come.

    On its plan line is what has come as far as the days since its start ask for, when it goes by equal steps.
    """
    _name = 'key.account.objective'
    _description = "Objective"
    _inherit = ['mail.thread']
    _order = 'year desc, date_due, id'
    _check_company_auto = True

    name = fields.Char(string="Goal", required=True, tracking=True)
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, precompute=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one('res.users', string="Responsible", related='account_id.user_id', store=False)
    year = fields.Integer(required=True, default=lambda self: fields.Date.context_today(self).year, aggregator=None)
    measure = fields.Selection(
        selection=[
            ('revenue', "Revenue"),
            ('category', "Revenue of a category"),
            ('volume', "Quantity"),
            ('on_time', "Delivered on time (%)"),
            ('satisfaction', "Satisfaction (0-10)"),
            ('free', "Counted by hand"),
        ], required=True, default='revenue', tracking=True)
    category_id = fields.Many2one(
        'product.category', ondelete='restrict', help="With the categories below it. Quantity: empty for all products.")
    unit = fields.Char(help="What is counted, e.g. pallets.")
    date_start = fields.Date(
        string="From", required=True, compute='_compute_dates', store=True, precompute=True, readonly=False)
    date_due = fields.Date(
        string="Until", required=True, compute='_compute_dates', store=True, precompute=True, readonly=False)
    start_value = fields.Float(string="Start", tracking=True, aggregator=None, help="Where it stood at the beginning.")
    target_value = fields.Float(string="Target", required=True, tracking=True, aggregator=None)
    value_by_hand = fields.Float(string="Current Value by Hand", tracking=True, aggregator=None)
    current_value = fields.Float(string="Now", compute='_compute_current_value')
    is_computed = fields.Boolean(compute='_compute_current_value')
    progress = fields.Float(compute='_compute_progress', help="Share of the way from start to target.")
    planned_progress = fields.Float(string="Plan Line", compute='_compute_progress', help="Share of the time that has passed.")
    progress_state = fields.Selection(
        selection=[('reached', "Reached"), ('on_plan', "On plan"), ('behind', "Behind"), ('missed', "Missed")],
        string="Stands", compute='_compute_progress')
    is_closed = fields.Boolean(string="Over", help="It is not followed any more.", tracking=True)
    is_shared = fields.Boolean(
        string="Agreed with the Customer", default=True, help="Else it is a goal of ours, which the customer does not read.")
    note = fields.Text()

    _dates_in_order = models.Constraint('CHECK (date_start < date_due)', "An objective ends after it begins.")
    _year_range = models.Constraint('CHECK (year BETWEEN 1990 AND 2100)', "Enter the year with four digits.")

    @api.constrains('start_value', 'target_value', 'measure', 'category_id')
    def _check_goal(self):
        for objective in self:
            if objective.start_value == objective.target_value:
                raise ValidationError(self.env._("Start and target of “%(goal)s” are the same.", goal=objective.name))
            if objective.measure == 'category' and not objective.category_id:
                raise ValidationError(self.env._("Choose the product category of “%(goal)s”.", goal=objective.name))

    @api.depends('year')
    def _compute_dates(self):
        for objective in self:
            if 1990 <= objective.year <= 2100:
                objective.date_start = fields.Date.to_date(f'{objective.year}-01-01')
                objective.date_due = fields.Date.to_date(f'{objective.year}-12-31')

    @api.depends('measure', 'category_id', 'account_id', 'date_start', 'date_due', 'value_by_hand')
    def _compute_current_value(self):
        """What Odoo knows; where it knows nothing, what a person has entered."""
        known = {**self._get_sold(), **self._get_on_time(), **self._get_satisfaction()}
        for objective in self:
            objective.is_computed = objective._origin.id in known
            objective.current_value = known.get(objective._origin.id, objective.value_by_hand)

    @api.depends('current_value', 'start_value', 'target_value', 'date_start', 'date_due')
    def _compute_progress(self):
        today = fields.Date.context_today(self)
        for objective in self:
            way = objective.target_value - objective.start_value
            days = (objective.date_due - objective.date_start).days if objective.date_due and objective.date_start else 0
            objective.progress = (objective.current_value - objective.start_value) / way if way else 0.0
            objective.planned_progress = min(max(
                (today - objective.date_start).days / days, 0.0), 1.0) if days > 0 else 0.0
            objective.progress_state = objective._get_progress_state(today)

    def _get_progress_state(self, today):
        """:return: str, how the way gone compares with the time gone"""
        if self.progress >= 1:
            return 'reached'
        if self.date_due and self.date_due < today:
            return 'missed'
        return 'on_plan' if self.progress >= self.planned_progress - TOLERANCE else 'behind'

    # ------------------------------------------------------------
    # What Odoo knows: one statement per measure for all of them
    # ------------------------------------------------------------

    def _get_sold(self):
        """:return: dict of revenue or quantity sold in its time by id of objective"""
        wanted = self._origin.filtered(lambda objective: objective.measure in BY_SALES)
        if not wanted:
            return {}
        self.env.flush_all()
        # everybody who reads the objective reads its figure: the rules of sales are not asked
        sales = self.env['key.account.sale']._get_sales_sql(wanted.company_id.sudo())
        values = dict(self.env.execute_query(SQL(
            """
            SELECT objective.id, SUM(CASE WHEN objective.measure = 'volume' THEN sale.quantity ELSE sale.revenue END)
              FROM key_account_objective objective
              JOIN (%s) sale ON sale.account_id = objective.account_id
                   AND sale.date BETWEEN objective.date_start AND objective.date_due
         LEFT JOIN product_category goal ON goal.id = objective.category_id
         LEFT JOIN product_category category ON category.id = sale.product_categ_id
             WHERE objective.id = ANY(%s)
               AND (objective.measure = 'revenue' OR goal.id IS NULL
                    OR category.parent_path LIKE goal.parent_path || '%%')
          GROUP BY objective.id
            """, sales, wanted.ids)))
        return {objective.id: float(values.get(objective.id) or 0.0) for objective in wanted}

    def _get_on_time(self):
        """Share of the orders that were delivered by the day that was promised, as the ledger of promises counts them.

        :return: dict of percentages by id of objective
        """
        wanted = self._origin.filtered(lambda objective: objective.measure == 'on_time')
        if not wanted:
            return {}
        self.env.flush_all()
        # everybody who reads the objective reads its figure: the rules of the ledger are not asked
        return dict(self.env.execute_query(SQL(
            """
            SELECT objective.id, (100 * delivered.kept)::float8
              FROM key_account_objective objective
        CROSS JOIN LATERAL (SELECT AVG(ledger.kept) AS kept
                              FROM (%s) ledger
                             WHERE ledger.account_id = objective.account_id AND ledger.kind = 'order' AND ledger.counts
                               AND ledger.date_due BETWEEN objective.date_start AND objective.date_due) delivered
             WHERE objective.id = ANY(%s) AND delivered.kept IS NOT NULL
            """, self.env['key.account.promise.ledger']._table_query, wanted.ids)))

    def _get_satisfaction(self):
        """What the customer's people have said of us in interviews since the objective began.

        :return: dict of averages by id of objective
        """
        wanted = self._origin.filtered(lambda objective: objective.measure == 'satisfaction')
        if not wanted:
            return {}
        self.env.flush_all()
        return dict(self.env.execute_query(SQL(
            """
            SELECT objective.id, AVG(feedback.score::integer)::float8
              FROM key_account_objective objective
              JOIN key_account_feedback feedback ON feedback.account_id = objective.account_id
                   AND feedback.date BETWEEN objective.date_start AND objective.date_due
             WHERE objective.id = ANY(%s) AND feedback.kind = 'interview' AND feedback.score IS NOT NULL
          GROUP BY objective.id
            """, wanted.ids)))
