from odoo import api, fields, models
from odoo.tools import SQL

WEIGHTS = {'1': 0.04, '2': 0.10, '3': 0.25}  # share of the health that a warning takes which has the whole revenue at stake
POOR, FAIR = 50, 80  # below which the health is


class KeyAccount(models.Model):
    """Health: 100, less what each open warning takes of what the others leave.

    A warning takes half of its weight whatever it costs, and the other half in proportion to the share of the revenue of 12
    months that is at stake: ``100 * product(1 - weight * (1 + min(1, amount / revenue)) / 2)``. So it never falls below 0,
    ten small causes are as bad as a big one, and closing the worst one helps most. The formula is our own.
    """
    _inherit = 'key.account'

    health = fields.Integer(readonly=True, default=100, aggregator='avg', help="0 to 100, from the open warnings.")
    health_band = fields.Selection(
        selection=[('good', "Good"), ('fair', "Fair"), ('poor', "Poor")], readonly=True, default='good')
    value_at_risk = fields.Monetary(
        string="Value at Risk", readonly=True,
        help="What all open warnings have at stake together, at most the revenue of 12 months.")
    warning_count = fields.Integer(string="Open Warnings", readonly=True)

    @api.model
    def _refresh_health(self, company, today, accounts):
        """Compute health and value at risk from the open warnings.

        :param res.company company: company of the accounts
        :param date today: not used; all steps take it
        :param key.account accounts: only these; empty for all of the company
        """
        self._store_columns(SQL(
            """
            WITH judged AS (
                SELECT account.id, COALESCE(ROUND(100 * cost.remainder), 100)::integer AS health,
                       COALESCE(cost.amount, 0) AS value_at_risk, COALESCE(cost.number, 0) AS warning_count
                  FROM key_account account
             LEFT JOIN (%(costs)s) cost ON cost.account_id = account.id
                 WHERE %(scope)s
            )
            SELECT judged.*,
                   CASE WHEN health < %(poor)s THEN 'poor' WHEN health < %(fair)s THEN 'fair' ELSE 'good' END AS health_band
              FROM judged
            """, costs=self._health_costs_sql(accounts._get_scope(company)), scope=accounts._get_scope(company), poor=POOR,
            fair=FAIR), ('health', 'health_band', 'value_at_risk', 'warning_count'))

    @api.model
    def _health_costs_sql(self, scope):
        """:return: SQL of what the open warnings of each account leave of its health (1 is all), their money and number"""
        weight = SQL("CASE risk.severity %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s::float8", severity, share) for severity, share in WEIGHTS.items()))
        return SQL(
            """
            SELECT risk.account_id, COUNT(*)::integer AS number,
                   ROUND(EXP(SUM(LN(1 - %(weight)s * (1 + stake.share) / 2)))::numeric, 9) AS remainder,
                   ROUND(LEAST(SUM(COALESCE(risk.amount, 0)),
                               GREATEST(MIN(account.revenue), MAX(COALESCE(risk.amount, 0)))), 2) AS amount
              FROM key_account_risk risk
              JOIN key_account account ON account.id = risk.account_id
        CROSS JOIN LATERAL (SELECT CASE WHEN account.revenue > 0
                                        THEN LEAST(1, COALESCE(risk.amount, 0)::float8 / account.revenue::float8)
                                        WHEN risk.amount > 0 THEN 1 ELSE 0 END AS share) stake
             WHERE %(scope)s AND risk.state = 'open'
          GROUP BY risk.account_id
            """, weight=weight, scope=scope)
