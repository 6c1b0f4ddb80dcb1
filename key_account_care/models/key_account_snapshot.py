from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

FIGURES = (
    'user_id', 'tier_id', 'lifecycle', 'revenue', 'revenue_previous', 'margin', 'margin_previous', 'growth', 'share',
    'cumulative_share', 'rank', 'order_count', 'order_interval_days', 'interaction_count', 'interaction_share', 'meeting_hours',
    'meeting_share', 'proactive_share', 'response_count', 'response_hours', 'response_kept', 'response_open_count',
    'people_ours', 'people_theirs', 'top_ours_share', 'top_theirs_share', 'revenue_at_stake', 'health', 'value_at_risk',
    'warning_count', 'travel_hours', 'care_cost', 'discount_amount', 'net_value', 'duty_kept')


class KeyAccountSnapshot(models.Model):
    """The figures of an account at the end of a month: taken once, by the first nightly run after it, and never changed."""
    _name = 'key.account.snapshot'
    _description = "Month-end Figures"
    _order = 'date desc, id'
    _rec_name = 'date'

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    date = fields.Date(required=True, readonly=True, string="End of Month")
    taken_on = fields.Date(required=True, readonly=True, help="Day of the run: the figures are those of that day.")
    is_last = fields.Boolean(string="The Last One", readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True, ondelete='set null')
    tier_id = fields.Many2one('key.account.tier', readonly=True, ondelete='set null')
    lifecycle = fields.Selection(
        selection=lambda self: self.env['key.account']._fields['lifecycle']._description_selection(self.env), readonly=True)
    revenue = fields.Monetary(string="Revenue (12 Months)", readonly=True)
    revenue_previous = fields.Monetary(string="Revenue (12 Months Before)", readonly=True)
    margin = fields.Monetary(string="Margin (12 Months)", readonly=True)
    margin_previous = fields.Monetary(string="Margin (12 Months Before)", readonly=True)
    growth = fields.Float(readonly=True, aggregator='avg')
    share = fields.Float(string="Share of Revenue", readonly=True)
    cumulative_share = fields.Float(readonly=True, aggregator='avg')
    rank = fields.Integer(readonly=True, aggregator='avg')
    order_count = fields.Integer(string="Orders (12 Months)", readonly=True)
    order_interval_days = fields.Float(string="Days between Orders", readonly=True, aggregator='avg', digits=(16, 1))
    interaction_count = fields.Integer(string="Interactions (12 Months)", readonly=True)
    interaction_share = fields.Float(string="Share of Interactions", readonly=True)
    meeting_hours = fields.Float(string="Meeting Hours (12 Months)", readonly=True)
    meeting_share = fields.Float(string="Share of Meeting Hours", readonly=True)
    proactive_share = fields.Float(string="Started by Us", readonly=True, aggregator='avg')
    response_count = fields.Integer(string="Mails to Answer (12 Months)", readonly=True)
    response_hours = fields.Float(string="Answered after (Hours)", readonly=True, aggregator='avg')
    response_kept = fields.Float(string="Answered in Time", readonly=True, aggregator='avg')
    response_open_count = fields.Integer(string="Mails without Answer", readonly=True)
    people_ours = fields.Integer(string="Our People in Contact", readonly=True, aggregator='avg')
    people_theirs = fields.Integer(string="Their People in Contact", readonly=True, aggregator='avg')
    top_ours_share = fields.Float(string="Held by One of Ours", readonly=True, aggregator='avg')
    top_theirs_share = fields.Float(string="Held by One of Theirs", readonly=True, aggregator='avg')
    revenue_at_stake = fields.Monetary(readonly=True)
    health = fields.Integer(readonly=True, aggregator='avg')
    value_at_risk = fields.Monetary(string="Value at Risk", readonly=True)
    warning_count = fields.Integer(string="Open Warnings", readonly=True)
    travel_hours = fields.Float(string="Travel Hours (12 Months)", readonly=True)
    care_cost = fields.Monetary(string="Cost of Care (12 Months)", readonly=True)
    discount_amount = fields.Monetary(string="Discounts (12 Months)", readonly=True)
    net_value = fields.Monetary(string="Net Value (12 Months)", readonly=True)
    duty_kept = fields.Float(string="Duties Kept", readonly=True, aggregator='avg')

    _month_uniq = models.Constraint('UNIQUE (account_id, date)', "There are figures of this month already.")
    _last = models.Index("(account_id) WHERE is_last IS TRUE")

    @api.model
    def _refresh_snapshots(self, company, today, accounts):
        """Keep the figures of the last end of a month, once.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        names = SQL(", ").join(SQL.identifier(name) for name in self._get_figures())
        scope, end = accounts._get_scope(company), today.replace(day=1) - timedelta(days=1)
        self.env.cr.execute(SQL(
            """
            WITH taken AS (
                INSERT INTO key_account_snapshot (
                       account_id, company_id, date, taken_on, is_last, %(names)s,
                       create_uid, create_date, write_uid, write_date)
                SELECT account.id, account.company_id, %(end)s, %(today)s, TRUE, %(values)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM key_account account
                 WHERE %(scope)s AND account.active
                   AND NOT EXISTS (SELECT FROM key_account_snapshot other
                                    WHERE other.account_id = account.id AND other.is_last AND other.date >= %(end)s)
                ON CONFLICT DO NOTHING
                RETURNING account_id
            )
            UPDATE key_account_snapshot snapshot SET is_last = FALSE
              FROM taken WHERE snapshot.account_id = taken.account_id AND snapshot.is_last
            """, names=names, values=SQL(", ").join(SQL.identifier('account', name) for name in self._get_figures()),
            scope=scope, end=end, today=today, uid=self.env.uid, now=fields.Datetime.now()))

    @api.model
    def _get_figures(self):
        """:return: tuple of the names of the fields of accounts that are kept; those of both models have the same name"""
        return FIGURES
