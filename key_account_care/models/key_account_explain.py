import json

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import date_utils
from odoo.tools.misc import format_date


class KeyAccount(models.Model):
    """Every number explains itself: the records behind a figure, its trend, and what would change the tier."""
    _inherit = 'key.account'

    lifecycle_reason = fields.Char(compute='_compute_lifecycle_reason')
    tier_outlook = fields.Text(compute='_compute_tier_outlook')
    revenue_trend = fields.Text(compute='_compute_revenue_trend')
    margin_rate = fields.Float(compute='_compute_margin_rate')

    @api.depends('revenue', 'margin')
    def _compute_margin_rate(self):
        for account in self:
            account.margin_rate = account.margin / account.revenue if account.revenue > 0 else 0.0

    # ------------------------------------------------------------
    # Records behind a figure
    # ------------------------------------------------------------

    def action_open_figure(self):
        """Open the very records that a figure sums; the button names the figure in the context key ``figure``."""
        self.ensure_one()
        figure = self.env.context.get('figure', 'revenue')
        if figure in ('order_count', 'first_order_date', 'last_order_date', 'order_interval_days'):
            return self._action_open_orders(figure)
        if figure in ('share', 'cumulative_share', 'rank'):
            return self._action_open_ranking()
        return self._action_open_sales(figure)

    def _get_period(self, figure):
        """:return: tuple of dates: the day after which the period of a figure begins, and its last day"""
        last = self.figures_date or fields.Date.context_today(self)
        start, start_previous = self._get_periods(last)
        if figure in ('revenue_previous', 'margin_previous'):
            return start_previous, start
        if figure in ('growth', 'order_interval_days'):
            return start_previous, last
        return start, last

    def _action_open_sales(self, figure):
        after, until = self._get_period(figure)
        action = self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_sale')
        return {
            **action,
            'display_name': self._get_figure_title(figure),
            'domain': [('account_id', '=', self.id), ('date', '>', after), ('date', '<=', until)],
            'context': {'search_default_group_month': 1} if figure == 'growth' else {},
            'view_mode': 'list,pivot,graph',
            'views': [(False, 'list'), (False, 'pivot'), (False, 'graph')],
        }

    def _action_open_orders(self, figure):
        """Orders, or the posted invoices of a customer that never had an order here."""
        after, until = self._get_period(figure)
        customer = [('partner_id.commercial_partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        ordered = [*customer, ('state', '=', 'sale')]
        end = self._end_of_day(self.company_id, until)
        # whether there were orders at all decides what counts as one, not whether the user may see them
        if self.env['sale.order'].sudo().search_count([*ordered, ('date_order', '<=', end)], limit=1):
            xml_id, dates, domain = 'sale.action_orders', 'date_order', ordered
            after, until = self._end_of_day(self.company_id, after), end
        else:
            xml_id, dates = 'account.action_move_out_invoice_type', 'invoice_date'
            domain = [*customer, ('state', '=', 'posted'), ('move_type', '=', 'out_invoice')]
        if figure in ('first_order_date', 'last_order_date'):
            period = [(dates, '<=', until)]
        else:
            period = [(dates, '>', after), (dates, '<=', until)]
        return {
            **self.env['ir.actions.act_window']._for_xml_id(xml_id),
            'display_name': self._get_figure_title(figure),
            'domain': domain + period,
            'context': {'create': False},
        }

    def _action_open_ranking(self):
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account'),
            'domain': [('company_id', '=', self.company_id.id), ('rank', '<=', self.rank), ('rank', '>', 0)],
            'context': {},
            'view_mode': 'list,form',
            'views': [(False, 'list'), (False, 'form')],
            'display_name': self.env._("Accounts by Revenue"),
        }

    def _get_figure_title(self, figure):
        name = self.fields_get([figure], ['string'])[figure]['string']
        return self.env._("%(figure)s of %(account)s", figure=name, account=self.display_name)

    def action_open_changes(self):
        """Open the history of tier changes."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_tier_change'),
            'domain': [('account_id', '=', self.id)],
            'context': {},
        }

    # ------------------------------------------------------------
    # In words
    # ------------------------------------------------------------

    @api.depends('lifecycle', 'growth', 'last_order_date', 'first_order_date', 'order_interval_days', 'figures_date')
    def _compute_lifecycle_reason(self):
        for account in self:
            account.lifecycle_reason = account._get_lifecycle_reason()

    def _get_lifecycle_reason(self):
        """:return: why the lifecycle is what it is, in the user's language; empty without orders"""
        self.ensure_one()
        growth = f'{self.growth * 100:+.0f}'
        last = format_date(self.env, self.last_order_date)
        return {
            'new': self.env._("First order on %(date)s", date=format_date(self.env, self.first_order_date)),
            'active': self.env._("Orders as usual"),
            'growing': self.env._("Revenue %(growth)s %% against the 12 months before", growth=growth),
            'shrinking': self.env._("Revenue %(growth)s %% against the 12 months before", growth=growth),
            'at_risk': self.env._(
                "Usually orders every %(interval)s days, last on %(date)s",
                interval=f'{self.order_interval_days:.0f}', date=last),
            'lost': self.env._("No order in 12 months, last on %(date)s", date=last),
        }.get(self.lifecycle, False)

    @api.depends('tier_id', 'rule_tier_id', 'tier_locked', 'missed_runs', 'revenue', 'margin', 'rank')
    def _compute_tier_outlook(self):
        for account in self:
            account.tier_outlook = account._get_tier_outlook()

    def _get_tier_outlook(self):
        """:return: what holds the tier and what it would take to change it, a line each, in the user's language"""
        self.ensure_one()
        lines = []
        if self.tier_locked and self.lock_until:
            lines.append(self.env._(
                "Locked until %(date)s: %(reason)s",
                date=format_date(self.env, self.lock_until), reason=self.lock_reason))
        elif self.tier_locked:
            lines.append(self.env._("Locked: %(reason)s", reason=self.lock_reason))
        if self.rule_tier_id != self.tier_id:
            lines.append(self.env._("By rule: %(tier)s", tier=self.rule_tier_id.name or self.env._("no tier")))
        if 0 < self.missed_runs <= self.tier_id.grace_runs:
            lines.append(self.env._(
                "Below the rule of %(tier)s for %(count)s of %(grace)s nights",
                tier=self.tier_id.name, count=self.missed_runs, grace=self.tier_id.grace_runs))
        lines += self._get_climb()
        return "\n".join(lines) or False

    def _get_climb(self):
        """What it takes to get into the next tier up: an amount, or the account to overtake.

        :return: list of at most one sentence
        """
        rules = self.env['key.account.tier']._get_rules(self.company_id).filtered(lambda tier: tier.rule != 'manual')
        place = rules.ids.index(self.rule_tier_id.id) if self.rule_tier_id in rules else len(rules)
        upper = rules[place - 1:place] if place else rules.browse()
        if not upper or not self.active:
            return []
        if upper.rule == 'amount':
            border = upper.currency_id._convert(
                upper.amount_min, self.currency_id, self.company_id, self.figures_date or fields.Date.context_today(self))
            missing = border - self[upper.amount_figure]
        else:
            missing = self._get_revenue_at_border(upper) - self.revenue
        if missing <= 0:
            return []
        return [self.env._("%(amount)s more for %(tier)s", amount=self.currency_id.format(missing), tier=upper.name)]

    def _get_revenue_at_border(self, tier):
        # the smallest account inside a tier marks its border, whoever may see that account
        last_inside = self.sudo().search(
            [('company_id', '=', self.company_id.id), ('rule_tier_id', '=', tier.id)], order='revenue, id', limit=1)
        return last_inside.revenue

    # ------------------------------------------------------------
    # Trend
    # ------------------------------------------------------------

    @api.depends('revenue', 'revenue_previous')
    def _compute_revenue_trend(self):
        """Revenue per month over 24 months, in the shape that the bar chart of Odoo's dashboard reads."""
        months = self._get_months()
        revenue = self._get_revenue_per_month(months)
        for account in self:
            account.revenue_trend = json.dumps([{
                'key': self.env._("Revenue"),
                'title': '',
                'is_sample_data': False,
                'values': [{
                    'label': format_date(self.env, month, date_format='MMM yy'),
                    'value': revenue.get((account.id, month), 0.0),
                    'type': 'past' if place < 12 else 'future',  # two colors: the year before and this one
                } for place, month in enumerate(months)],
            }])

    def _get_months(self):
        """:return: first days of the last 24 months, the oldest first"""
        this_month = date_utils.start_of(fields.Date.context_today(self), 'month')
        return [this_month - relativedelta(months=back) for back in reversed(range(24))]

    def _get_revenue_per_month(self, months):
        groups = self.env['key.account.sale'].sudo()._read_group(  # a trend of the figure that the account shows
            [('account_id', 'in', self.ids), ('date', '>=', months[0]), ('date', '<', months[-1] + relativedelta(months=1))],
            ['account_id', 'date:month'], ['revenue:sum'])
        return {(account.id, month): revenue for account, month, revenue in groups}
