from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SOURCES = (
    'sale.order', 'crm.lead', 'res.partner', 'calendar.event', 'account.move', 'key.account.agreement',
    'key.account.review')


class KeyAccountPromise(models.Model):
    """Something that we owe a customer, or a customer owes us, by a date.

    It is one person of ours and one of theirs who gave each other their word; the direction tells who has to keep it. The
    night asks ours in time, but breaks nothing by itself: a promise past its date counts as broken in the rate, and stays
    open until a person says what became of it.
    """
    _name = 'key.account.promise'
    _description = "Promise"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date_due, id'
    _check_company_auto = True

    name = fields.Char(string="What", required=True, tracking=True)
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer", store=True, precompute=True)
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    direction = fields.Selection(
        selection=[('we', "We promised"), ('they', "They promised")], required=True, default='we', tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Our Person", default=lambda self: self.env.user, index=True, check_company=True, tracking=True,
        domain="[('share', '=', False)]", help="Who keeps what we promised, or follows up what they promised.")
    contact_id = fields.Many2one(
        'res.partner', string="Their Person", index='btree_not_null', ondelete='set null', tracking=True,
        check_company=True, domain="[('commercial_partner_id', '=', partner_id)]",
        help="To whom we promised it, or who of theirs did.")
    date_due = fields.Date(string="Until", required=True, tracking=True)
    amount = fields.Monetary(string="At Stake", help="What it may cost when the promise is broken.")
    note = fields.Html()
    source_ref = fields.Reference(
        selection='_selection_source', string="Came up in", help="The order, lead or other record that it is about.")
    review_id = fields.Many2one(
        'key.account.review', index='btree_not_null', ondelete='set null', check_company=True,
        domain="[('account_id', '=', account_id)]")

    # What becomes of it
    state = fields.Selection(
        selection=[
            ('open', "Open"),
            ('kept', "Kept"),
            ('kept_late', "Kept late"),
            ('broken', "Broken"),
            ('renegotiated', "Renegotiated"),
        ], default='open', required=True, readonly=True, copy=False, index=True, tracking=True)
    done_on = fields.Date(string="Settled on", copy=False, tracking=True)
    forecast = fields.Selection(
        selection=[('hold', "Will hold"), ('late', "Will be late")], readonly=True, copy=False, tracking=True)
    expected_on = fields.Date(string="Expected on", readonly=True, copy=False, tracking=True)
    told_on = fields.Date(
        readonly=True, copy=False, tracking=True, help="When the other side was told that it will be late.")
    asked_on = fields.Date(readonly=True, copy=False, help="When our person was last asked about it.")
    replaced_by_id = fields.Many2one(
        'key.account.promise', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    replaced_ids = fields.One2many('key.account.promise', 'replaced_by_id', string="Replaces", readonly=True)
    first_due = fields.Date(
        string="First Promised for", compute='_compute_first_due', recursive=True,
        help="The date before the promise was renegotiated.")
    is_overdue = fields.Boolean(string="Overdue", compute='_compute_is_overdue')

    _to_ask = models.Index("(company_id, date_due) WHERE state = 'open'")

    @api.model
    def _selection_source(self):
        return [(name, self.env['ir.model']._get(name).name) for name in SOURCES if name in self.env]

    @api.depends('date_due', 'replaced_ids.first_due')
    def _compute_first_due(self):
        for promise in self:
            promise.first_due = min(promise.replaced_ids.mapped('first_due'), default=promise.date_due)

    @api.depends('state', 'date_due')
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for promise in self:
            promise.is_overdue = promise.state == 'open' and bool(promise.date_due) and promise.date_due < today

    # ------------------------------------------------------------
    # Create, write
    # ------------------------------------------------------------

    @api.constrains('contact_id')
    def _check_contact(self):
        for promise in self:
            if promise.contact_id and promise.contact_id.commercial_partner_id != promise.partner_id:
                raise ValidationError(self.env._(
                    "%(contact)s is nobody of %(customer)s. Choose one of their people.",
                    contact=promise.contact_id.name, customer=promise.partner_id.name))

    @api.constrains('done_on')
    def _check_done_on(self):
        today = fields.Date.context_today(self)
        if any(promise.done_on and promise.done_on > today for promise in self):
            raise ValidationError(self.env._("A promise cannot be settled in the future. Choose today or a day before."))

    def write(self, vals):
        """A date that was promised stays as it is; the day on which it was kept tells whether that was in time.

        :raise UserError: when a person moves the date of a promise of an earlier day
        """
        if not self.env.su and 'date_due' in vals:
            self._check_date_stays(fields.Date.to_date(vals['date_due']))
        result = super().write(vals)
        if 'done_on' in vals and 'state' not in vals:
            self._judge()
        return result

    def _check_date_stays(self, date_due):
        today = fields.Date.context_today(self)
        for promise in self:
            made = fields.Date.context_today(self, promise.create_date)
            if promise.date_due != date_due and (made < today or promise.state != 'open'):
                raise UserError(self.env._(
                    "“%(promise)s” was promised for that date. Use “Will Be Late” or “Renegotiate” to name another one.",
                    promise=promise.name))

    def _judge(self):
        """Whether what was kept, was kept in time."""
        for promise in self.filtered(lambda promise: promise.state in ('kept', 'kept_late')):
            done_on = promise.done_on or fields.Date.context_today(self)
            promise.write({'done_on': done_on, 'state': 'kept' if done_on <= promise.date_due else 'kept_late'})

    # ------------------------------------------------------------
    # From any place
    # ------------------------------------------------------------

    @api.model
    def get_new_action(self, res_model, res_id):
        """Open a new promise from the chatter of a record.

        :param str res_model: model of the record
        :param int res_id: id of the record
        :return: dict of a window action
        :raise AccessError: when the user may not read the record
        :raise UserError: when it is gone, or its customer has no account
        """
        record = self.env[res_model].browse(res_id).exists() if res_model in self.env else self.browse()
        if not record:
            raise UserError(self.env._("This record is gone. Reload the page."))
        record.check_access('read')
        return self._get_new_action(record)

    @api.model
    def _get_new_action(self, record):
        """Open a new promise that came up in ``record``: an account, review, order, lead, contact or customer.

        :param record: one record
        :return: dict of a window action
        :raise UserError: when its customer has no account
        """
        record.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_promise_new'),
            'context': {f'default_{name}': value for name, value in self._prepare_from(record).items()},
        }

    @api.model
    def _prepare_from(self, record):
        """:return: dict of the values of a promise that came up in ``record``"""
        account = self._get_account_of(record)
        if not account:
            raise UserError(self.env._(
                "There is no account for “%(record)s” yet: a customer gets one with the first order. You can open it "
                "before under Key Accounts.", record=record.display_name))
        vals = {'account_id': account.id}
        if record._name == 'key.account.review':
            vals['review_id'] = record.id
        person = record if record._name == 'res.partner' else 'partner_id' in record and record.partner_id
        if person and not person.is_company and person.commercial_partner_id != person:
            vals['contact_id'] = person.id
        if record._name in SOURCES and record._name not in ('key.account.review', 'res.partner'):
            vals['source_ref'] = f'{record._name},{record.id}'
        return vals

    @api.model
    def _get_account_of(self, record):
        """:return: key.account that a record belongs to; may be empty"""
        if record._name == 'key.account':
            return record
        for name in ('account_id', 'key_account_id'):
            if record._fields.get(name) and record._fields[name].comodel_name == 'key.account':
                return record[name]
        return self.env['key.account']
