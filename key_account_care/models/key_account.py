from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

HAND_FIELDS = ('tier_id', 'lock_reason', 'lock_until')


class KeyAccount(models.Model):
    """One customer (commercial partner) as seen by one of our companies: its tier, its team and its figures."""
    _name = 'key.account'
    _description = "Key Account"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'key.account.computed.mixin']
    _rec_name = 'partner_id'
    _rec_names_search = ['partner_id']
    _order = 'rank, id'
    _check_company_auto = True

    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', check_company=True)
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id', store=True)
    active = fields.Boolean(
        compute='_compute_active', store=True,
        help="An account is archived with its customer, and while its customer is part of another customer.")

    # Team
    user_id = fields.Many2one(
        'res.users', string="Key Account Manager", tracking=True, check_company=True,
        domain="[('share', '=', False)]", default=lambda self: self.env.user)
    sponsor_id = fields.Many2one(
        'res.users', string="Executive Sponsor", tracking=True, check_company=True, domain="[('share', '=', False)]",
        help="Our senior counterpart of this customer's management.")
    member_ids = fields.Many2many(
        'res.users', 'key_account_member_rel', 'account_id', 'user_id', string="Account Team", check_company=True,
        domain="[('share', '=', False)]", help="Others of ours who serve this account.")

    # Tier
    tier_id = fields.Many2one(
        'key.account.tier', ondelete='restrict', check_company=True,
        group_expand='_group_expand_tier_id')
    tier_color = fields.Integer(related='tier_id.color')
    is_key = fields.Boolean(related='tier_id.is_key')
    tier_since = fields.Date(readonly=True)
    rule_tier_id = fields.Many2one(
        'key.account.tier', string="Tier by Rule", readonly=True, ondelete='restrict')
    tier_locked = fields.Boolean(string="Locked", readonly=True, tracking=True)
    lock_reason = fields.Text(readonly=True, tracking=True)
    lock_until = fields.Date(readonly=True, tracking=True, help="Last day of the lock. Empty: until somebody ends it.")
    missed_runs = fields.Integer(
        string="Nights Below the Rule", readonly=True, aggregator=None,
        help="In so many nightly runs in a row the account missed the rule of its tier.")
    missed_on = fields.Date(readonly=True)
    decline_holds = fields.Boolean(
        readonly=True, help="A manager declined what the rules propose now.")
    change_ids = fields.One2many('key.account.tier.change', 'account_id', string="Tier History")

    # Figures, in the currency of the company; filled by the nightly run
    revenue = fields.Monetary(string="Revenue (12 Months)", readonly=True)
    revenue_previous = fields.Monetary(string="Revenue (12 Months Before)", readonly=True)
    margin = fields.Monetary(string="Margin (12 Months)", readonly=True)
    margin_previous = fields.Monetary(string="Margin (12 Months Before)", readonly=True)
    growth = fields.Float(
        readonly=True, aggregator=None, help="Change of revenue against the 12 months before. Empty without such revenue.")
    share = fields.Float(string="Share of Revenue", readonly=True)
    cumulative_share = fields.Float(
        readonly=True, aggregator=None, help="Share of revenue of all accounts down to this one, the largest first.")
    rank = fields.Integer(readonly=True, aggregator=None, help="Place by revenue among all accounts of the company.")
    order_count = fields.Integer(string="Orders (12 Months)", readonly=True)
    first_order_date = fields.Date(string="First Order", readonly=True)
    last_order_date = fields.Date(string="Last Order", readonly=True)
    order_interval_days = fields.Float(
        string="Days between Orders", readonly=True, aggregator='avg', digits=(16, 1),
        help="Usual interval: days from the first to the last order of 24 months, divided by the intervals between them.")
    lifecycle = fields.Selection(
        selection=[
            ('new', "New"),
            ('active', "Active"),
            ('growing', "Growing"),
            ('shrinking', "Shrinking"),
            ('at_risk', "At risk"),
            ('lost', "Lost"),
        ], readonly=True)
    figures_refreshed_on = fields.Date(readonly=True, help="Where they were computed alone since the last run over all accounts.")
    figures_date = fields.Date(string="Figures of", compute='_compute_figures_date')

    _partner_company_uniq = models.Constraint(
        'UNIQUE (partner_id, company_id)', "This customer has an account in this company already. Open that one.")
    _place = models.Index('(company_id, rank, id) WHERE active IS TRUE')  # the order of lists and columns
    _counted = models.Index('(company_id, user_id, tier_id) WHERE active IS TRUE')  # the numbers of the search panel

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('partner_id.active', 'partner_id.commercial_partner_id')
    def _compute_active(self):
        for account in self:
            partner = account.partner_id
            account.active = partner.active and partner.commercial_partner_id == partner

    @api.model
    def _group_expand_tier_id(self, tiers, domain):
        """Show every tier of the current companies as a column, in their order."""
        return tiers.search(['|', ('id', 'in', tiers.ids), ('company_id', 'in', [False, *self.env.companies.ids])])

    @api.model
    def _search_panel_domain_image(self, field_name, domain, set_count=False, limit=False):
        """Count the accounts before their tiers and managers are put in order: Odoo would sort all accounts for that."""
        if field_name not in ('tier_id', 'user_id'):
            return super()._search_panel_domain_image(field_name, domain, set_count, limit)
        counts = dict(self._read_group(
            Domain(domain) & Domain(field_name, '!=', False), [field_name], ['__count'],
            limit=limit or None, order='__count DESC'))
        # whoever sees an account sees the names of its tier and manager, who may belong to another company
        found = self.env[self._fields[field_name].comodel_name].union(*counts).sudo()
        if field_name == 'tier_id':
            found |= self._group_expand_tier_id(found, domain)
        return {
            record.id: {
                'id': record.id,
                'display_name': record.display_name,
                **({'__count': counts.get(record, 0)} if set_count else {}),
            } for record in found.sorted()
        }

    @api.depends('figures_refreshed_on', 'company_id.key_account_figures_day')
    def _compute_figures_date(self):
        """The day of the last run over all accounts is noted once: it would be the only news of most of them."""
        for account in self:
            account.figures_date = account.figures_refreshed_on or account.company_id.key_account_figures_day

    # ------------------------------------------------------------
    # Create, write
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Accounts are of commercial partners: a contact stands for its company. Figures are there at once.

        A tier that is given is a tier set by hand.
        """
        accounts = super().create([self._prepare_account_vals(vals) for vals in vals_list])
        if accounts:
            accounts._refresh(fields.Date.context_today(self))
        for account, vals in zip(accounts, vals_list):
            by_hand = {name: vals[name] for name in HAND_FIELDS if vals.get(name)}
            if by_hand:
                account.write(by_hand)
        return accounts

    def _prepare_account_vals(self, vals):
        partner = self.env['res.partner'].browse(vals.get('partner_id') or self.env.context.get('default_partner_id'))
        return {
            **vals,
            # also keeps out what the context gives as a default
            **dict.fromkeys(self._get_managed_fields(), False),
            'tier_id': False,
            'tier_locked': bool(vals.get('tier_id')),  # the rules leave it to the person who creates it
            'partner_id': partner.commercial_partner_id.id,
        }

    @api.model
    def _get_managed_fields(self):
        """:return: set of the names of the fields that nobody types: figures, locks and what the nightly run notes"""
        return {
            name for name, field in self._fields.items()
            if field.readonly and field.store and not field.compute and name not in models.MAGIC_COLUMNS}

    def write(self, vals):
        """A tier that is written is a tier set by hand: it is recorded and locked.

        :raise AccessError: when a person who is not a manager sets a tier or a lock
        :raise UserError: when a person gives the account to another customer or company
        """
        if not self.env.su and {'partner_id', 'company_id'} & vals.keys():
            raise UserError(self.env._(
                "An account stays with its customer and company. Create another account instead."))
        if self._get_managed_fields() & vals.keys():
            self._check_manager()
        if 'tier_id' in vals:
            vals = dict(vals)
            tier = self.env['key.account.tier'].browse(vals.pop('tier_id'))
            reason = vals.pop('lock_reason', False) or self.env._("Set by %(user)s", user=self.env.user.name)
            self._set_tier(tier, reason, vals.pop('lock_until', False))
        return super().write(vals) if vals else True

    # ------------------------------------------------------------
    # Tier by hand
    # ------------------------------------------------------------

    def _set_tier(self, tier, reason, lock_until=False):
        """Set the tier by hand: recorded, announced, and locked against the rules.

        :param key.account.tier tier: the tier to be; may be empty
        :param str reason: why, in the person's words
        :param date lock_until: last day on which the choice holds; empty for no end
        :raise AccessError: when the user is not a manager
        """
        self._check_manager()
        self.check_access('write')
        moving = self.filtered(lambda account: account.tier_id != tier)
        changes = self.env['key.account.tier.change']._record_by_hand(moving, tier, reason, 'done', lock_until)
        self._withdraw_proposals()
        self._write_tier(tier, locked_for=reason, lock_until=lock_until)
        changes._announce()

    @api.model
    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group('key_account_care.group_manager')):
            raise AccessError(self.env._(
                "Only a manager of key accounts sets or locks a tier. "
                "Use “Set Tier” on the account to propose it to one."))

    def _propose_tier(self, tier, reason, lock_until=False):
        """Propose a tier to the managers, who approve or decline it.

        :param key.account.tier tier: the tier to be; may be empty
        :param str reason: why, in the person's words
        :param date lock_until: last day on which the choice holds; empty for no end
        :raise UserError: when all of them are in that tier already
        """
        self.check_access('write')
        moving = self.filtered(lambda account: account.tier_id != tier)
        if not moving:
            raise UserError(self.env._(
                "These accounts are in tier “%(tier)s” already. Choose another one.",
                tier=tier.name or self.env._("no tier")))
        moving._withdraw_proposals()
        self.env['key.account.tier.change']._record_by_hand(moving, tier, reason, 'proposed', lock_until)

    def _withdraw_proposals(self):
        # what a person decides now replaces what was proposed before
        open_ones = self.sudo().change_ids.filtered(lambda change: change.state == 'proposed')
        open_ones.state = 'withdrawn'
        open_ones.flush_recordset(['state'])  # a new proposal is inserted before pending updates

    def _write_tier(self, tier, locked_for=False, lock_until=False):  # pylint: disable=missing-return
        """Write the tier past the guard of ``write``, for those who have recorded the change.

        :param key.account.tier tier: the tier to be
        :param str locked_for: reason of the lock; empty to leave the tier to the rules
        :param date lock_until: last day of the lock
        """
        today = fields.Date.context_today(self)
        for accounts, since in (
            (self.filtered(lambda account: account.tier_id == tier), {}),
            (self.filtered(lambda account: account.tier_id != tier), {'tier_since': today}),
        ):
            # pylint: disable-next=super-method-mismatch
            super(KeyAccount, accounts).write({
                **since,
                'tier_id': tier.id,
                'tier_locked': bool(locked_for),
                'lock_reason': locked_for,
                'lock_until': lock_until,
                'missed_runs': 0,
                'missed_on': False,
                'decline_holds': False,
            })

    def action_unlock(self):
        """Give the tier back to the rules; the next nightly run decides.

        :raise AccessError: when the user is not a manager
        """
        self.write({'tier_locked': False, 'lock_reason': False, 'lock_until': False})

    def action_set_tier(self):
        """Open the assistant that sets or proposes a tier for these accounts."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_tier_set'),
            'context': {'default_account_ids': self.ids},
        }

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def _get_manager_to_inform(self):
        """:return: res.users who hears when the account leaves a key tier; may be empty"""
        self.ensure_one()
        return self.company_id.key_account_manager_id or self.user_id.sale_team_id.user_id

    def _launch_plan(self, plan):
        """Plan the activities of ``plan`` for these accounts, each for its key account manager.

        :param mail.activity.plan plan: a plan for accounts
        """
        for (user, _company), accounts in self.grouped(lambda account: (account.user_id, account.company_id)).items():
            # there is nobody to ask at launch: what the plan leaves open is for the key account manager, too
            self.env['mail.activity.schedule'].with_context(
                active_model=self._name, active_ids=accounts.ids, mail_activity_quick_update=True,
            ).create({'plan_id': plan.id, 'plan_on_demand_user_id': user.id}).action_schedule_plan()
