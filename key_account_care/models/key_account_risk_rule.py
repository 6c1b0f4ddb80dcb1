from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .key_account_feedback_issue import SEVERITIES


class KeyAccountRiskRule(models.Model):
    """Which open doors we look for, at whom, from which limit on, and who closes them.

    The kind of a rule is what it looks for. A kind is one value of this selection and one method ``_detect_<kind>``, see
    the folder ``detectors``; there may be several rules of a kind, say with a tighter limit for the best tier.
    """
    _name = 'key.account.risk.rule'
    _description = "Rule of Early Warnings"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="A rule that is off finds nothing; what it had found is closed.")
    company_id = fields.Many2one('res.company', index='btree_not_null', help="Empty: the rule is for all companies.")
    topic = fields.Selection(
        selection=[
            ('price', "Price"),
            ('problem', "Problem"),
            ('product', "Product"),
            ('relationship', "Relationship"),
            ('rhythm', "Rhythm"),
            ('agreement', "Agreement"),
            ('duty', "Duty"),
            ('promise', "Promise"),
            ('loyalty', "Loyalty"),
        ], required=True, default='problem')
    kind = fields.Selection(selection=[], required=True, string="Looks for")
    tier_ids = fields.Many2many(
        'key.account.tier', 'key_account_risk_rule_tier_rel', 'rule_id', 'tier_id', string="Tiers",
        help="Empty: all accounts, also those without a tier.")
    threshold = fields.Float(string="Limit", aggregator=None, help="From where on it is a warning, in the unit beside it.")
    unit = fields.Selection(
        selection=[
            ('none', "no limit"), ('days', "days"), ('hours', "hours"), ('months', "months"), ('points', "points"),
            ('percent', "%"), ('times', "times"),
        ], required=True, default='none')
    severity = fields.Selection(
        selection=[('1', "Minor"), ('2', "Serious"), ('3', "Critical")], required=True, default=SEVERITIES[0])
    owner = fields.Selection(
        selection=[('manager', "Key account manager"), ('sponsor', "Executive sponsor"), ('user', "One person")],
        required=True, default='manager', help="Who closes it.")
    user_id = fields.Many2one('res.users', string="Person", domain="[('share', '=', False)]", index='btree_not_null')
    days_to_close = fields.Integer(default=14, aggregator=None, help="After so many days it should be closed.")
    message = fields.Char(
        translate=True,
        help="Why, in one sentence. {source} stands for the record it comes from; what else may stand in braces, the "
             "messages of the rules that are there show.")
    fix_label = fields.Char(string="Next Step", translate=True, help="The button that does something about it.")
    risk_count = fields.Integer(string="Warnings", compute='_compute_risk_count')

    _numbers_positive = models.Constraint(
        'CHECK (threshold >= 0 AND days_to_close >= 0)', "The limit and the days to close must not be negative.")
    _one_person = models.Constraint(
        "CHECK (owner <> 'user' OR user_id IS NOT NULL)", "Choose the person who closes these warnings.")

    def _compute_risk_count(self):
        counts = dict(self.env['key.account.risk']._read_group(
            [('rule_id', 'in', self.ids), ('state', '=', 'open')], ['rule_id'], ['__count']))
        for rule in self:
            rule.risk_count = counts.get(rule, 0)

    @api.onchange('kind')
    def _onchange_kind(self):
        """A new rule begins like the one of its kind that is there."""
        alike = self.with_context(active_test=False).search([('kind', '=', self.kind)], limit=1) if self.kind else self
        if alike and not self._origin:
            for name in ('name', 'topic', 'threshold', 'unit', 'severity', 'days_to_close', 'message', 'fix_label'):
                self[name] = alike[name]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        # sudo: warnings that the user may not see are history as well
        found = self.env['key.account.risk'].sudo().search([('rule_id', 'in', self.ids)], limit=1)
        if found:
            raise UserError(self.env._(
                "“%(rule)s” has found something before, which would be lost. Switch it off instead.", rule=found.rule_id.name))

    def action_open_risks(self):
        """Open what the rule has found."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_risk'),
            'domain': [('rule_id', '=', self.id)],
        }

    # ------------------------------------------------------------
    # Detection
    # ------------------------------------------------------------

    def _get_found_sql(self, scope, today):
        """What the rule finds, as rows of ``key_account_risk_found``.

        A detector is ``_detect_<kind>(accounts, today)`` on the rule, in the environment of the company. It gets the accounts
        it is about as SQL to select from, and the day; it returns SQL with the columns ``account_id``, ``res_model`` and
        ``res_id`` (the record it comes from, which tells one cause from another), ``amount`` (what is at stake, in the
        company's currency) and ``facts`` (jsonb: what the message says; where the cause itself knows them, also ``severity``,
        ``owner_id`` and ``deadline``, which go before those of the rule).

        :param SQL scope: condition on ``account``
        :param date today: day of the run
        :return: SQL
        """
        self.ensure_one()
        found = getattr(self, f'_detect_{self.kind}')(self._accounts_sql(scope), today)
        return SQL(
            """
            SELECT %(rule)s AS rule_id, account_id, res_model, res_id, ROUND(GREATEST(COALESCE(amount, 0), 0)::numeric, 2),
                   facts - '{severity,owner_id,deadline}'::text[], COALESCE(facts ->> 'severity', %(severity)s),
                   (facts ->> 'owner_id')::integer, (facts ->> 'deadline')::date
              FROM (%(found)s) found
            """, rule=self.id, severity=self.severity, found=found)

    def _accounts_sql(self, scope):
        """:return: SQL of the accounts that the rule is about: of its tiers, and not excepted from it"""
        tiers = SQL("AND account.tier_id IN %s", self.tier_ids._ids) if self.tier_ids else SQL()
        return SQL(
            """
            (SELECT account.* FROM key_account account
              WHERE %(scope)s AND account.active %(tiers)s
                AND account.id NOT IN (SELECT account_id FROM key_account_risk_exception WHERE rule_id = %(rule)s))
            """, scope=scope, tiers=tiers, rule=self.id)
