from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

TERMS = frozenset({  # what was signed stays as it was signed
    'account_id', 'currency_id', 'date_start', 'date_end', 'commitment', 'commit_min', 'commit_max',
    'covered_partner_ids', 'payment_term_id', 'terms', 'line_ids', 'period_months', 'bonus_ids', 'notice_days',
    'renewal', 'renewal_months', 'price_policy', 'price_notice_days', 'price_index', 'beyond_limit',
})
STEPS = frozenset({
    'state', 'name', 'revision', 'origin_id', 'previous_id', 'is_self_renewed', 'date_stop', 'close_reason', 'close_note',
    'pricelist_id'})


class KeyAccountAgreement(models.Model):
    """A framework agreement: the one contract for everything that a customer buys.

    Orders are ordinary sale orders. A signed agreement owns a pricelist by which Odoo prices them, and an order line that
    was priced by it is a call-off.
    """
    _name = 'key.account.agreement'
    _description = "Framework Agreement"
    _inherit = ['key.account.portal.mixin', 'mail.thread.main.attachment', 'mail.activity.mixin']
    _order = 'date_start desc, id desc'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    revision = fields.Integer(readonly=True, copy=False, default=0, aggregator=None)
    origin_id = fields.Many2one(
        'key.account.agreement', string="First Revision", readonly=True, copy=False, index='btree_not_null',
        ondelete='restrict', help="Revisions of one agreement share its number and its call-offs.")
    account_id = fields.Many2one(
        'key.account', required=True, index=True, ondelete='restrict', check_company=True, tracking=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, index=True)
    company_id = fields.Many2one(
        related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(
        'res.currency', compute='_compute_currency_id', store=True, readonly=False, required=True, precompute=True,
        ondelete='restrict')
    covered_partner_ids = fields.Many2many(
        'res.partner', 'key_account_agreement_covered_rel', 'agreement_id', 'partner_id', string="Covered Subsidiaries",
        domain="[('is_company', '=', True), ('id', '!=', partner_id)]", check_company=True,
        help="These companies may call off, too. Contacts and addresses of the customer always may.\n"
             "A company's own agreement comes before one that covers it.")
    user_id = fields.Many2one(
        'res.users', string="Responsible", compute='_compute_user_id', store=True, readonly=False, precompute=True,
        tracking=True, check_company=True, domain="[('share', '=', False)]")

    # Life
    state = fields.Selection(
        selection=[('draft', "Draft"), ('sent', "Sent"), ('signed', "Signed"), ('closed', "Closed")],
        default='draft', required=True, readonly=True, copy=False, tracking=True, index=True)
    date_start = fields.Date(
        string="First Day", required=True, tracking=True, copy=False,
        default=lambda self: self._get_day(self.env.company))  # as it is in force by the clock of the company
    date_end = fields.Date(
        string="Last Day", required=True, tracking=True, compute='_compute_date_end', store=True, readonly=False,
        precompute=True, copy=False, help="The agreed prices still hold on this day.")
    date_stop = fields.Date(
        string="Stopped on", readonly=True, copy=False, tracking=True,
        help="Last day when the agreement stops before its agreed end: terminated, or replaced by a revision.")
    date_until = fields.Date(
        string="In Force until", compute='_compute_date_until', store=True, precompute=True,
        help="The agreed last day, or the day on which the agreement is stopped before.")
    notice_days = fields.Integer(
        string="Notice Period (Days)", default=90,
        help="So many days before the last day either side says when it does not want to go on.")
    notice_date = fields.Date(
        compute='_compute_notice_date', store=True, help="Latest day to say no.")
    renewal = fields.Selection(
        selection=[('end', "Ends"), ('renew', "Renews itself"), ('renegotiate', "Is renegotiated")],
        default='renegotiate', required=True)
    renewal_months = fields.Integer(string="Renewed for (Months)", default=12)
    close_reason = fields.Selection(
        selection=[
            ('ended', "Ended"),
            ('renewed', "Renewed"),
            ('revised', "Replaced by a revision"),
            ('terminated', "Terminated"),
            ('declined', "Not concluded"),
        ], readonly=True, copy=False, tracking=True)
    close_note = fields.Text(string="Why", readonly=True, copy=False)

    # Terms
    payment_term_id = fields.Many2one(
        'account.payment.term', compute='_compute_payment_term_id', store=True, readonly=False, precompute=True,
        check_company=True)
    terms = fields.Html(string="Further Terms", help="Delivery, quality, liability: whatever the customer signs.")
    price_policy = fields.Selection(
        selection=[('firm', "Firm"), ('notice', "May be revised with notice"), ('index', "Follow an index")],
        default='firm', required=True, help="What was agreed about changes of prices while the agreement runs.")
    price_notice_days = fields.Integer(
        string="Announce Prices (Days Before)", default=30,
        help="So many days before new prices hold the customer is told.")
    price_index = fields.Char(string="Index", help="The index that prices follow, as the contract names it.")
    beyond_limit = fields.Selection(
        selection=[('allow', "Allow"), ('warn', "Allow and tell"), ('block', "Refuse"), ('split', "Split the line")],
        default='warn', required=True,
        help="What happens when an order asks for more than the maximum.\n"
             "Split the line: the rest of the maximum keeps the agreed price, what is beyond takes the normal price.")
    commitment = fields.Boolean(string="Total Commitment")
    commit_min = fields.Monetary(string="Committed Amount")
    commit_max = fields.Monetary(string="Maximum Amount", help="0: no maximum.")
    line_ids = fields.One2many('key.account.agreement.line', 'agreement_id', string="Lines", copy=True)
    line_count = fields.Integer(compute='_compute_line_count', string="Number of Lines")

    # Prices
    pricelist_id = fields.Many2one(
        'product.pricelist', readonly=True, copy=False, ondelete='set null',
        help="Made from the lines when the agreement is signed. Odoo prices the customer's orders by it.")

    _name_uniq = models.UniqueIndex(
        '(company_id, name, revision)', "Another agreement has this number and revision already.")
    _dates_in_order = models.Constraint(
        'CHECK (date_end >= date_start)', "An agreement cannot end before it starts. Correct the first or the last day.")
    _days_sensible = models.Constraint(
        "CHECK (date_start >= '1970-01-01' AND date_end <= '2199-12-31')",
        "The days of an agreement lie between 1970 and 2199. Correct the first or the last day.")
    _notice_days_positive = models.Constraint(
        'CHECK (notice_days BETWEEN 0 AND 3650)', "The notice period must be 0 to 3650 days.")
    _price_notice_days_positive = models.Constraint(
        'CHECK (price_notice_days BETWEEN 0 AND 3650)', "Prices can be announced 0 to 3650 days before.")
    _renewal_months_positive = models.Constraint(
        "CHECK (renewal <> 'renew' OR renewal_months BETWEEN 1 AND 120)",
        "An agreement renews itself for 1 to 120 months.")
    _commit_positive = models.Constraint(
        'CHECK (commit_min BETWEEN 0 AND 1e12 AND commit_max BETWEEN 0 AND 1e12)',
        "Committed amounts cannot be negative, nor above 1,000,000,000,000.")
    _commit_in_order = models.Constraint(
        'CHECK (NOT commitment OR commit_max = 0 OR commit_max >= commit_min)',
        "The maximum amount cannot be below the committed amount.")
    # holds whoever signs at the same moment; _check_can_sign tells it in words
    _signed_once = models.Constraint(
        "EXCLUDE USING gist (int4range(account_id, account_id, '[]') WITH &&,"
        " daterange(date_start, date_until, '[]') WITH &&) WHERE (state = 'signed')",
        "This customer has a signed agreement for some of these days already.")
    _first_index = models.Index("(COALESCE(origin_id, id))")  # call-offs are counted by it
    _in_force = models.Index("(partner_id, company_id, date_start) WHERE state = 'signed'")

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('name', 'revision', 'partner_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for agreement in self:
            number = agreement.name or ''
            if agreement.revision:
                number = self.env._("%(number)s rev. %(revision)s", number=number, revision=agreement.revision)
            agreement.display_name = f"{number} · {agreement.partner_id.name}" if agreement.partner_id else number

    @api.depends('account_id')
    def _compute_currency_id(self):
        for agreement in self:
            customer = agreement.partner_id.with_company(agreement.company_id)
            agreement.currency_id = customer.property_product_pricelist.currency_id or agreement.company_id.currency_id

    @api.depends('account_id')
    def _compute_user_id(self):
        for agreement in self:
            agreement.user_id = agreement.account_id.user_id or self.env.user

    @api.depends('account_id')
    def _compute_payment_term_id(self):
        for agreement in self:
            customer = agreement.partner_id.with_company(agreement.company_id)
            agreement.payment_term_id = customer.property_payment_term_id

    @api.depends('date_start')
    def _compute_date_end(self):
        for agreement in self.filtered('date_start'):
            if not agreement.date_end or agreement.date_end < agreement.date_start:
                agreement.date_end = fields.Date.add(agreement.date_start, years=1, days=-1)

    @api.depends('date_end', 'date_stop')
    def _compute_date_until(self):
        for agreement in self:
            agreement.date_until = min(filter(None, (agreement.date_end, agreement.date_stop)), default=False)

    @api.depends('date_end', 'notice_days')
    def _compute_notice_date(self):
        for agreement in self:
            agreement.notice_date = agreement.date_end and fields.Date.subtract(
                agreement.date_end, days=agreement.notice_days)

    def _compute_line_count(self):
        counts = dict(self.env['key.account.agreement.line']._read_group(
            [('agreement_id', 'in', self.ids)], ['agreement_id'], ['__count']))
        for agreement in self:
            agreement.line_count = counts.get(agreement, 0)

    def _compute_access_url(self):  # pylint: disable=missing-return
        super()._compute_access_url()
        for agreement in self:
            agreement.access_url = f'/my/agreements/{agreement.id}'

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains('account_id', 'covered_partner_ids')
    def _check_covered_partners(self):
        for agreement in self:
            if agreement.partner_id in agreement.covered_partner_ids:
                raise ValidationError(self.env._(
                    "%(customer)s is the customer of this agreement. Remove it from the covered subsidiaries.",
                    customer=agreement.partner_id.name))
            part = agreement.covered_partner_ids.filtered(lambda partner: partner.commercial_partner_id != partner)
            if part:
                raise ValidationError(self.env._(
                    "%(contacts)s: only companies can be covered. Choose the company they belong to.",
                    contacts=", ".join(part.mapped('display_name'))))

    # ------------------------------------------------------------
    # Create, write, delete
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get('name'):
                account = self.env['key.account'].browse(
                    vals.get('account_id') or self.env.context.get('default_account_id'))
                vals['name'] = self.env['ir.sequence'].with_company(account.company_id).next_by_code(
                    'key.account.agreement') or self.env._("New")
        return super().create(vals_list)

    def write(self, vals):
        """Terms change only while nothing is signed, and the state only by its steps.

        :raise UserError: when a signed or closed agreement would change, or a step would be skipped
        """
        if STEPS & vals.keys() and not self.env.su:
            raise UserError(self.env._("An agreement changes its state by its buttons: send, sign, revise, renew, terminate."))
        fixed = self.filtered(lambda agreement: agreement.state in ('signed', 'closed'))
        if fixed and TERMS & vals.keys() and not self.env.su:
            raise UserError(self.env._(
                "%(agreement)s is signed: its terms stay as they are. Use “Revise” to agree on others.",
                agreement=fixed[0].display_name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_own_draft(self):
        for agreement in self:
            if agreement.state not in ('draft', 'sent'):
                raise UserError(self.env._(
                    "%(agreement)s was signed and cannot be deleted. Use “Terminate” to end it.",
                    agreement=agreement.display_name))
            if agreement.user_id and agreement.user_id != self.env.user and not (
                    self.env.su or self.env.user.has_group('key_account_care.group_manager')):
                raise UserError(self.env._(
                    "%(agreement)s belongs to %(user)s. Ask %(user)s or a manager to delete it.",
                    agreement=agreement.display_name, user=agreement.user_id.name))
