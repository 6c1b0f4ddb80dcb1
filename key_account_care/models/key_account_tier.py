from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang
from odoo.tools.safe_eval import safe_eval


class KeyAccountTier(models.Model):
    """A class of accounts: the rule by which they get in, and the care policy that says what we owe them."""
    _name = 'key.account.tier'
    _description = "Key Account Tier"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first tier whose rule an account meets is its tier.")
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        'res.company', index='btree_not_null', help="Empty: the tier is used by all companies.")
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id)
    description = fields.Text(translate=True)

    # How accounts get in
    rule = fields.Selection(
        selection=[
            ('pareto', "Top share of revenue"),
            ('top', "Top accounts"),
            ('amount', "At least an amount"),
            ('manual', "By hand only"),
        ], required=True, default='manual',
        help="Top share of revenue: the largest accounts that together bring this share.\n"
             "Top accounts: this many of the largest accounts.\n"
             "At least an amount: of revenue or margin in 12 months; 0 takes every account.\n"
             "By hand only: nobody gets in by rule.")
    pareto_share = fields.Float(
        string="Share of Revenue (%)", default=80.0, digits=(16, 2),
        help="Share of the company's revenue that the accounts down to this tier bring together, the largest first.")
    top_count = fields.Integer(
        string="Number of Accounts", default=10,
        help="So many of the largest accounts by revenue, those of the tiers above included.")
    amount_figure = fields.Selection(
        selection=[('revenue', "Revenue"), ('margin', "Margin")], string="Figure", default='revenue', required=True)
    amount_min = fields.Monetary(
        string="At Least", help="Smallest amount in 12 months that lets an account in. 0 takes every account.")
    filter_domain = fields.Char(
        string="Extra Filter", help="Accounts must match this filter as well.")
    grace_runs = fields.Integer(
        string="Grace (Nights)", default=7,
        help="An account leaves this tier downwards only after it missed the rule in so many nightly runs in a row.")

    # Care policy: what we owe an account of this tier
    is_key = fields.Boolean(string="Key Accounts", help="Accounts of this tier are key accounts.")
    review_months = fields.Integer(string="Review Every (Months)", help="0: no review meetings are owed.")
    contact_days = fields.Integer(string="Contact at Least Every (Days)", help="0: no contact is owed.")
    answer_hours = fields.Integer(string="Answer Within (Hours)", help="Working hours. 0: no answer time is promised.")
    satisfaction_months = fields.Integer(string="Ask for Satisfaction Every (Months)", help="0: never.")
    data_check_months = fields.Integer(string="Confirm Contact Data Every (Months)", help="0: never.")
    min_their_contacts = fields.Integer(string="Their People in Contact, at Least")
    min_our_contacts = fields.Integer(string="Our People in Contact, at Least")
    required_role_ids = fields.Many2many(
        'key.account.buying.role', 'key_account_tier_buying_role_rel', 'tier_id', 'role_id',
        string="Required Buying Roles")
    sponsor_required = fields.Boolean(string="Executive Sponsor Required")
    activity_plan_id = fields.Many2one(
        'mail.activity.plan', string="Plan on Entry", domain="[('res_model', '=', 'key.account')]",
        ondelete='restrict', index='btree_not_null',
        help="Activities that are planned for the key account manager when an account enters this tier.")

    account_count = fields.Integer(compute='_compute_account_figures')
    revenue = fields.Monetary(compute='_compute_account_figures', currency_field='company_currency_id')
    share = fields.Float(compute='_compute_account_figures')
    company_currency_id = fields.Many2one('res.currency', compute='_compute_company_currency_id')
    rule_summary = fields.Char(compute='_compute_rule_summary')

    _pareto_share_range = models.Constraint(
        "CHECK (rule <> 'pareto' OR (pareto_share > 0 AND pareto_share <= 100))",
        "The share of revenue must be above 0 % and at most 100 %.")
    _top_count_positive = models.Constraint(
        "CHECK (rule <> 'top' OR top_count > 0)", "The number of accounts must be at least 1.")
    _amount_min_positive = models.Constraint(
        'CHECK (amount_min IS NULL OR amount_min >= 0)', "The amount must not be negative.")
    _policy_positive = models.Constraint(
        'CHECK (LEAST(grace_runs, review_months, contact_days, answer_hours, satisfaction_months, data_check_months,'
        ' min_their_contacts, min_our_contacts) >= 0)',
        "The numbers of a care policy must not be negative.")

    @api.depends_context('company')
    def _compute_company_currency_id(self):
        self.company_currency_id = self.env.company.currency_id

    @api.depends_context('company')
    def _compute_account_figures(self):
        """Number, revenue and share of the accounts that the user may see, in the current company."""
        groups = self.env['key.account']._read_group(
            [('tier_id', 'in', self.ids), ('company_id', '=', self.env.company.id)],
            ['tier_id'], ['__count', 'revenue:sum', 'share:sum'])
        figures = {tier.id: values for tier, *values in groups}
        for tier in self:
            tier.account_count, tier.revenue, tier.share = figures.get(tier.id, (0, 0.0, 0.0))

    @api.depends('rule', 'pareto_share', 'top_count', 'amount_min', 'amount_figure', 'filter_domain', 'currency_id')
    def _compute_rule_summary(self):
        for tier in self:
            tier.rule_summary = tier._get_rule_summary()

    def _get_rule_summary(self):
        """:return: the rule in one short sentence, in the user's language"""
        self.ensure_one()
        if self.rule == 'pareto':
            decimals = f'{self.pareto_share:g}'.partition('.')[2]
            text = self.env._(
                "Largest accounts with %(share)s %% of revenue",
                share=formatLang(self.env, self.pareto_share, digits=len(decimals)))
        elif self.rule == 'top':
            text = self.env._("The %(count)s largest accounts", count=self.top_count)
        elif self.rule == 'amount' and not self.amount_min:
            text = self.env._("Every account")
        elif self.rule == 'amount' and self.amount_figure == 'margin':
            text = self.env._("Margin of at least %(amount)s", amount=self.currency_id.format(self.amount_min))
        elif self.rule == 'amount':
            text = self.env._("Revenue of at least %(amount)s", amount=self.currency_id.format(self.amount_min))
        else:
            text = self.env._("By hand only")
        return self.env._("%(rule)s, filtered", rule=text) if self._has_filter() else text

    def _has_filter(self):
        return bool(self.filter_domain) and self.filter_domain.strip() not in ('', '[]')

    # ------------------------------------------------------------
    # Rules that cannot work
    # ------------------------------------------------------------

    @api.constrains('filter_domain')
    def _check_filter_domain(self):
        """A filter is tried when it is saved, so that it does not fail in the night."""
        for tier in self:
            domain = tier._get_filter_domain()
            with tier._explain_filter_errors(), self.env.cr.savepoint():
                # the rules see all accounts, whoever saves them
                self.env['key.account'].sudo().search_count(domain, limit=1)

    def _get_filter_domain(self):
        """The extra filter, ready to search accounts with.

        :return: Domain
        :raise ValidationError: when it cannot be read or names a field that does not exist
        """
        self.ensure_one()
        if not self._has_filter():
            return Domain.TRUE
        with self._explain_filter_errors():
            domain = Domain(safe_eval(self.filter_domain))
            domain.validate(self.env['key.account'])
        return domain

    @contextmanager
    def _explain_filter_errors(self):
        try:
            yield
        except Exception as error:  # whatever a typed filter can raise, the user gets one clear sentence
            raise ValidationError(self.env._(
                "The filter of tier “%(tier)s” cannot be used: %(error)s\nOpen the tier and choose the filter again.",
                tier=self.name, error=error)) from error

    @api.constrains('rule', 'pareto_share', 'top_count', 'amount_min', 'amount_figure', 'filter_domain',
                    'sequence', 'active', 'company_id')
    def _check_reachable(self):
        """Refuse a tier that can never get an account because a tier above takes them all."""
        # contradictions count across companies' rights
        self.sudo().search([('rule', '!=', 'manual')])._refuse_unreachable(self)

    def _refuse_unreachable(self, changed):
        """Refuse contradictions between these tiers, which are in their order.

        :param key.account.tier changed: only contradictions that one of these takes part in
        :raise ValidationError: when a tier can never get an account
        """
        for position, lower in enumerate(self):
            for upper in self[:position]:
                if (upper in changed or lower in changed) and upper._shadows(lower):
                    raise ValidationError(self.env._(
                        "Tier “%(lower)s” can never get an account: tier “%(upper)s” above it already takes all of them. "
                        "Make the rule of “%(lower)s” wider, or change the order of the tiers.",
                        lower=lower.name, upper=upper.name))

    def _shadows(self, lower):
        """Whether every account that meets the rule of ``lower`` meets the rule of this tier as well."""
        self.ensure_one()
        if self.company_id and self.company_id != lower.company_id:
            return False
        if self._has_filter() and self.filter_domain != lower.filter_domain:
            return False
        if self.rule == 'amount' and not self.amount_min:
            return True
        if self.rule == 'pareto' and lower.rule == 'top' and lower.top_count == 1:
            return True  # the largest account is inside any share
        if self.rule == 'pareto' and self.pareto_share == 100 and lower._needs_revenue():
            return True
        if self.rule != lower.rule:
            return False
        if self.rule == 'pareto':
            return lower.pareto_share <= self.pareto_share
        if self.rule == 'top':
            return lower.top_count <= self.top_count
        return (
            lower.amount_figure == self.amount_figure
            and lower.currency_id == self.currency_id
            and lower.amount_min >= self.amount_min)

    def _needs_revenue(self):
        self.ensure_one()
        return self.rule in ('pareto', 'top') or (
            self.rule == 'amount' and self.amount_figure == 'revenue' and self.amount_min > 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for tier in self.sudo():  # sudo: a tier can be in use by accounts that the user cannot see
            accounts = tier.env['key.account'].with_context(active_test=False).search_count([
                '|', ('tier_id', '=', tier.id), ('rule_tier_id', '=', tier.id)])
            changes = tier.env['key.account.tier.change'].search_count([
                '|', ('tier_from_id', '=', tier.id), ('tier_to_id', '=', tier.id)], limit=1)
            if accounts or changes:
                raise UserError(self.env._(
                    "Tier “%(tier)s” cannot be deleted: %(count)s accounts are in it or it is part of their history. "
                    "Archive it instead; its accounts then move by the other rules.",
                    tier=tier.name, count=accounts))

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%s (copy)", tier.name), 'rule': 'manual'}
            for tier, vals in zip(self, super().copy_data(default=default))]

    def action_open_accounts(self):
        """Open the accounts of this tier."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account'),
            'domain': [('tier_id', '=', self.id)],
            'context': {},
            'display_name': self.name,
        }
