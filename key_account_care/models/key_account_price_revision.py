from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date


class KeyAccountPriceRevision(models.Model):
    """New prices on lines of a signed agreement from a day on, by a percentage or an index, announced to the customer."""
    _name = 'key.account.price.revision'
    _description = "Price Revision"
    _inherit = ['mail.thread']
    _order = 'date desc, id desc'
    _check_company_auto = True

    agreement_id = fields.Many2one(
        'key.account.agreement', required=True, index=True, ondelete='cascade', check_company=True,
        domain="[('state', '=', 'signed')]")
    partner_id = fields.Many2one(related='agreement_id.partner_id', string="Customer")
    company_id = fields.Many2one(related='agreement_id.company_id', store=True, precompute=True)
    currency_id = fields.Many2one(related='agreement_id.currency_id')
    user_id = fields.Many2one(related='agreement_id.user_id', string="Responsible")
    state = fields.Selection(
        selection=[('draft', "Draft"), ('announced', "Announced"), ('cancelled', "Cancelled")],
        default='draft', required=True, readonly=True, copy=False, tracking=True)
    date = fields.Date(
        string="New Prices from", required=True, compute='_compute_date', store=True, readonly=False, precompute=True,
        tracking=True)
    announce_on = fields.Date(
        string="Tell the Customer on", required=True, default=fields.Date.context_today, tracking=True)
    is_told = fields.Boolean(string="Customer Told", readonly=True, copy=False)
    kind = fields.Selection(
        selection=[('percent', "Percentage"), ('index', "Index")], string="Method", required=True,
        compute='_compute_kind', store=True, readonly=False, precompute=True)
    percent = fields.Float(
        string="Change (%)", compute='_compute_percent', store=True, readonly=False, precompute=True, tracking=True,
        digits=(16, 4))
    index_old = fields.Float(string="Index before", digits=(16, 4))
    index_new = fields.Float(string="Index now", digits=(16, 4))
    factor = fields.Float(compute='_compute_factor', help="By which prices are multiplied.")
    line_ids = fields.Many2many(
        'key.account.agreement.line', 'key_account_price_revision_line_rel', 'revision_id', 'line_id', string="Lines",
        compute='_compute_line_ids', store=True, readonly=False, precompute=True,
        domain="[('agreement_id', '=', agreement_id), ('price_type', '=', 'fixed'), ('never_revise', '=', False)]")
    prices_html = fields.Html(string="Old and New Prices", compute='_compute_prices_html', sanitize=False)
    reason = fields.Text(help="The customer reads it in the mail.")

    _percent_in_range = models.Constraint(
        'CHECK (percent > -100 AND percent <= 1000)', "Prices can change by more than -100 % and at most 1,000 %.")
    _index_positive = models.Constraint(
        "CHECK (kind <> 'index' OR (index_old > 0 AND index_old <= 1e12 AND index_new > 0 AND index_new <= 1e12))",
        "Give both values of the index.")
    _announced_before = models.Constraint(
        'CHECK (announce_on <= date)', "The customer is told before the new prices hold, not after.")
    _due = models.Index("(company_id, announce_on) WHERE state = 'announced' AND is_told IS NOT TRUE")

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('agreement_id', 'date')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for revision in self:
            revision.display_name = self.env._(
                "%(agreement)s: prices from %(date)s", agreement=revision.agreement_id.name or '',
                date=format_date(self.env, revision.date))

    @api.depends('agreement_id')
    def _compute_date(self):
        for revision in self:
            today = fields.Date.context_today(self)
            revision.date = fields.Date.add(today, days=revision.agreement_id.price_notice_days)

    @api.depends('agreement_id')
    def _compute_kind(self):
        for revision in self:
            revision.kind = 'index' if revision.agreement_id.price_policy == 'index' else 'percent'

    @api.depends('kind', 'index_old', 'index_new')
    def _compute_percent(self):
        for revision in self:
            if revision.kind == 'index' and revision.index_old:
                revision.percent = round((revision.index_new / revision.index_old - 1) * 100, 4)
            else:
                revision.percent = revision.percent or 0.0

    @api.depends('kind', 'percent', 'index_old', 'index_new')
    def _compute_factor(self):
        """The exact share of two index values; the percentage is for people."""
        for revision in self:
            by_index = revision.kind == 'index' and revision.index_old
            revision.factor = revision.index_new / revision.index_old if by_index else 1 + revision.percent / 100

    @api.depends('agreement_id')
    def _compute_line_ids(self):
        for revision in self:
            revision.line_ids = revision.agreement_id.line_ids.filtered(
                lambda line: line.price_type == 'fixed' and not line.never_revise)

    @api.depends('line_ids', 'date', 'percent', 'index_old', 'index_new')
    def _compute_prices_html(self):
        for revision in self:
            revision.prices_html = self.env['ir.qweb']._render(
                'key_account_care.price_revision_prices', {'rows': revision._get_price_changes(), 'revision': revision})

    def _get_present_lines(self):
        """:return: the lines of the agreement itself; those of its later revisions follow them"""
        self.ensure_one()
        return self.line_ids.filtered(lambda line: line.agreement_id._origin == self.agreement_id._origin)._origin

    # ------------------------------------------------------------
    # Write, delete
    # ------------------------------------------------------------

    def write(self, vals):
        """:raise UserError: when something would change that the customer was told"""
        fixed = {'agreement_id', 'date', 'announce_on', 'kind', 'percent', 'index_old', 'index_new', 'line_ids', 'state'}
        if fixed & vals.keys() and not self.env.su and ('state' in vals or any(rev.state != 'draft' for rev in self)):
            raise UserError(self.env._("An announced price revision stays as it is. Cancel it and make another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_not_announced(self):
        if any(revision.state == 'announced' for revision in self):
            raise UserError(self.env._("An announced price revision is not deleted. Cancel it."))

    # ------------------------------------------------------------
    # Announce, cancel
    # ------------------------------------------------------------

    def action_announce(self):
        """Make the prices change on that day, and tell the customer, at once or on the day that was chosen.

        :raise UserError: when the agreement does not allow it
        """
        self.check_access('write')
        for revision in self.filtered(lambda revision: revision.state == 'draft'):
            revision._check_can_announce()
            change = revision.sudo()  # sudo: the state changes by steps only, see write
            change.write({'state': 'announced', 'line_ids': [Command.link(line.id) for line in change._find_later_lines()]})
            change._regenerate()
        self.filtered(lambda revision: revision.announce_on <= revision._get_today())._tell_customer()

    def _get_today(self):
        """:return: the date where the seller is, whose day prices go by"""
        self.ensure_one()
        return self.agreement_id._get_day(self.company_id)

    def _check_can_announce(self):
        self.ensure_one()
        agreement = self.agreement_id
        if agreement.price_policy == 'firm':
            raise UserError(self.env._(
                "The prices of %(agreement)s are firm until %(end)s: that was agreed. Use “Revise” to agree on others.",
                agreement=agreement.display_name, end=format_date(self.env, agreement.date_until)))
        if agreement.state != 'signed' or not agreement.date_start <= self.date <= agreement.date_until:
            raise UserError(self.env._(
                "%(agreement)s is not in force on %(date)s. Choose a day from %(start)s to %(end)s.",
                agreement=agreement.display_name, date=format_date(self.env, self.date),
                start=format_date(self.env, agreement.date_start), end=format_date(self.env, agreement.date_until)))
        told = max(self.announce_on, self._get_today())
        first = fields.Date.add(told, days=agreement.price_notice_days)
        if self.date < first:
            raise UserError(self.env._(
                "New prices of %(agreement)s are announced %(days)s days before. Whoever is told on %(told)s pays them "
                "from %(first)s on.",
                agreement=agreement.display_name, days=agreement.price_notice_days, told=format_date(self.env, told),
                first=format_date(self.env, first)))
        if not self.line_ids or self.factor == 1.0:
            raise UserError(self.env._("Tell which prices change, and by how much."))
        if not agreement.partner_id.email:
            raise UserError(self.env._(
                "%(customer)s has no email address to be told at. Add one.", customer=agreement.partner_id.name))

    def _find_later_lines(self):
        """:return: the same lines in revisions that are drafted or signed for later, which keep these new prices"""
        self.ensure_one()
        firsts = {line._get_first().id for line in self.line_ids}
        return self.agreement_id._get_family().filtered(
            lambda agreement: agreement.state != 'closed').line_ids.filtered(
            lambda line: line._get_first().id in firsts and line.price_type == 'fixed' and not line.never_revise)

    def _regenerate(self):
        self.line_ids.agreement_id.filtered(lambda agreement: agreement.state == 'signed')._generate_pricelist()

    def action_cancel(self):
        """Take the price revision back: from now on prices are as they would be without it.

        :raise UserError: when customers have bought at the new prices already
        """
        self.check_access('write')
        for revision in self.sudo():  # sudo: see action_announce
            if revision.state == 'announced' and revision.date <= revision._get_today():
                raise UserError(self.env._(
                    "These prices hold since %(date)s. Make another price revision instead.",
                    date=format_date(self.env, revision.date)))
            revision.state = 'cancelled'
            revision._regenerate()

    # ------------------------------------------------------------
    # The mail
    # ------------------------------------------------------------

    def _tell_customer(self):
        """Mail the customer the old and new prices, in the customer's language."""
        template = self.env.ref('key_account_care.mail_template_price_revision')
        # sudo: who may announce prices, or the nightly run, tells the customer
        for revision in self.sudo().filtered(lambda revision: revision.state == 'announced' and not revision.is_told):
            revision.message_post_with_source(template, subtype_xmlid='mail.mt_comment', message_type='comment')
            revision.is_told = True

    def _get_price_changes(self):
        """:return: list of (what, from quantity, price before, price from that day on, unit) for the customer to read"""
        self.ensure_one()
        rows = []
        for line in self._get_present_lines():
            before = line._get_factor_on(fields.Date.subtract(self.date, days=1))
            after = line._get_factor_on(self.date) if self.state == 'announced' else before * self.factor
            rows += [
                (line.display_name, line._format_quantity(quantity) if quantity else '',
                 line._apply_factor(terms.price_unit, before), line._apply_factor(terms.price_unit, after),
                 line.uom_id.name or '')
                for quantity, terms in line._get_own_breaks()]
        return rows

    def _format_price(self, price):
        """:return: str, a price with its currency and all its digits"""
        self.ensure_one()
        least = max(self.env['decimal.precision'].precision_get('Product Price'), 2)
        return self.line_ids._format_price(price, self.currency_id, least)

    def _format_number(self, number, least=0):
        """:return: str in the customer's language, see :meth:`KeyAccountAgreementLine._format_number`"""
        return self.line_ids._format_number(number, least)

    @api.model
    def _tell_due(self, company, today, accounts):
        """Tell the customers whose day has come.

        :param res.company company: company of the agreements
        :param date today: day of the run
        :param key.account accounts: only theirs; empty for all of the company
        """
        domain = [
            ('company_id', '=', company.id), ('state', '=', 'announced'), ('is_told', '=', False),
            ('announce_on', '<=', today)]
        if accounts:
            domain.append(('agreement_id.account_id', 'in', accounts.ids))
        self.search(domain)._tell_customer()
