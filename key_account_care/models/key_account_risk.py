from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

TYPED = {'note', 'user_id', 'deadline'}  # what people may change of what a rule has found


class KeyAccountRisk(models.Model):
    """An open door: one cause by which a competitor could come in, what it may cost, and who closes it.

    The nightly run finds and closes those that have a rule, see :meth:`_refresh_risks`. A cause that comes back is the same
    record again. People add others by hand.
    """
    _name = 'key.account.risk'
    _description = "Early Warning"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'severity desc, amount desc, id'
    _check_company_auto = True

    name = fields.Char(string="What", help="In your words. What a rule has found says it in its own.")
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    partner_id = fields.Many2one(related='account_id.partner_id', string="Customer")
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    tier_id = fields.Many2one(related='account_id.tier_id')
    rule_id = fields.Many2one('key.account.risk.rule', readonly=True, index=True, ondelete='cascade')
    topic = fields.Selection(
        selection=lambda self: self.env['key.account.risk.rule']._fields['topic']._description_selection(self.env), required=True,
        default='relationship', help="What kind of door is open.")
    severity = fields.Selection(
        selection=lambda self: self.env['key.account.risk.rule']._fields['severity']._description_selection(self.env),
        required=True, default='2', tracking=True)
    amount = fields.Monetary(string="At Stake", tracking=True)
    facts = fields.Json(readonly=True)
    user_id = fields.Many2one(
        'res.users', string="Owner", index='btree_not_null', tracking=True, domain="[('share', '=', False)]",
        default=lambda self: self.env.user, help="Who closes it.")
    is_assigned = fields.Boolean(readonly=True, copy=False, help="A person has named the owner: it stays this one.")
    deadline = fields.Date(string="Close until", tracking=True)
    note = fields.Html()

    # Where it comes from
    res_model = fields.Char(readonly=True, copy=False)
    res_id = fields.Many2oneReference(model_field='res_model', readonly=True, copy=False)
    source = fields.Char(string="Comes from", compute='_compute_source')
    reason = fields.Char(string="Why", compute='_compute_reason')
    fix_label = fields.Char(related='rule_id.fix_label')

    # What becomes of it
    state = fields.Selection(
        selection=[('open', "Open"), ('snoozed', "Snoozed"), ('accepted', "Accepted"), ('closed', "Closed")],
        default='open', required=True, readonly=True, copy=False, tracking=True)
    opened_on = fields.Date(
        readonly=True, required=True, copy=False, default=fields.Date.context_today, help="The last time it opened.")
    closed_on = fields.Date(readonly=True, copy=False)
    snooze_until = fields.Date(string="Snoozed until", readonly=True, copy=False, tracking=True)
    decision_reason = fields.Text(string="Reason", readonly=True, copy=False, tracking=True)
    history = fields.Json(readonly=True, copy=False, help="Each day on which it opened or closed.")
    open_count = fields.Integer(string="Times Opened", compute='_compute_open_count')
    is_late = fields.Boolean(compute='_compute_is_late')

    _cause_uniq = models.UniqueIndex("(rule_id, account_id, res_model, res_id) WHERE rule_id IS NOT NULL")
    _open_of_account = models.Index("(account_id, severity DESC, amount DESC) WHERE state = 'open'")
    _open_of_owner = models.Index("(user_id, company_id) WHERE state = 'open'")

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('name', 'rule_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for risk in self:
            risk.display_name = risk.name or risk.rule_id.name or self.env._("Early warning")

    @api.depends('res_model', 'res_id')
    @api.depends_context('uid', 'lang')
    def _compute_source(self):
        """The name of the record it comes from, for those who may read it."""
        self.source = False
        for model, risks in self.grouped('res_model').items():
            if model not in self.env or not self.env[model].has_access('read'):
                continue
            found = self.env[model].with_context(active_test=False).search([('id', 'in', risks.mapped('res_id'))])
            names = {record.id: record.display_name for record in found}
            for risk in risks:
                risk.source = names.get(risk.res_id, False)

    @api.depends('name', 'facts', 'source', 'rule_id')
    @api.depends_context('lang')
    def _compute_reason(self):
        for risk in self:
            risk.reason = risk.rule_id._explain(risk) if risk.rule_id else risk.name

    @api.depends('history')
    def _compute_open_count(self):
        for risk in self:
            risk.open_count = sum(entry['event'] == 'open' for entry in risk.history or [])

    @api.depends('deadline', 'state')
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for risk in self:
            risk.is_late = risk.state == 'open' and bool(risk.deadline) and risk.deadline < today

    # ------------------------------------------------------------
    # Create, write
    # ------------------------------------------------------------

    @api.constrains('name', 'rule_id', 'account_id')
    def _check_name(self):
        if any(not risk.rule_id and not risk.name for risk in self):
            raise UserError(self.env._("Say in a few words what the warning is about."))

    @api.model_create_multi
    def create(self, vals_list):
        """What people add is of no rule: those are found in the night.

        :raise AccessError: when a person names a rule
        """
        if not self.env.su and any(vals.get('rule_id') for vals in vals_list):
            raise AccessError(self.env._("What a rule looks for, the nightly run finds. Add the warning without a rule."))
        risks = super().create(vals_list)
        for risk in risks:
            risk.history = risk._get_history('open')
        return risks

    def write(self, vals):
        """Owner, deadline and notes are for people; the facts of what a rule has found are not.

        :raise AccessError: when a person changes the facts of a warning that a rule has found
        """
        if not self.env.su:
            if vals.keys() - TYPED - set(self._get_thread_fields()) and self.rule_id:
                raise AccessError(self.env._(
                    "A rule has found this, so its facts are not typed. Close the cause, or snooze or accept the warning."))
            if 'user_id' in vals:
                self.sudo().is_assigned = True  # sudo: it is noted for the nightly run, see above
        return super().write(vals)

    @api.model
    def _get_thread_fields(self):
        """:return: names of the fields that messages, followers and activities write"""
        return [name for name in self._fields if name.startswith(('message_', 'activity_', 'my_activity_', 'website_message_'))]

    def _get_history(self, event):
        """:return: list of dict, the history with one more event: ``open``, ``closed``, ``snoozed`` or ``accepted``"""
        self.ensure_one()
        day = fields.Date.to_string(fields.Date.context_today(self))
        return [*(self.history or []), {'date': day, 'event': event, 'user_id': self.env.uid}]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_fix(self):
        """Do something about it: the next step of the rule, or else open where it comes from."""
        self.ensure_one()
        step = getattr(self, f'_fix_{self.rule_id.kind}', None)
        return step() if step else self.action_open_source()

    def action_open_source(self):
        """Open the record that the warning comes from.

        :raise UserError: when it is gone, or not for this user: others' orders belong to a warning of one's own, too
        """
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else self.account_id
        if not record:
            raise UserError(self.env._("What this comes from is gone. The warning closes by itself in the night."))
        if not record.has_access('read'):
            raise UserError(self.env._(
                "What this comes from (%(kind)s) belongs to somebody else, and you may not see it. Ask your manager.",
                kind=self.env['ir.model']._get(record._name).name))
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [(False, 'form')]}

    def action_decide(self):
        """Ask why, and until when: *snooze*, *accept* or *not for this account* as ``decision`` in the context."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_risk_decide'),
            'context': {
                'default_risk_ids': self.ids, 'default_decision': self.env.context.get('decision', 'snooze')},
        }

    def action_close(self):
        """Close what people have added.

        :raise UserError: when a rule has found it
        """
        if self.rule_id:
            raise UserError(self.env._(
                "A rule has found this: it closes by itself when the cause is gone. Snooze or accept it meanwhile."))
        self._decide('closed', closed_on=fields.Date.context_today(self))

    def action_reopen(self):
        """Watch it again."""
        self.filtered(lambda risk: risk.state != 'open')._decide('open', closed_on=False, snooze_until=False)

    def _decide(self, state, **vals):
        """Write what a person has decided, with its day, and end what reminds of it."""
        self.check_access('write')
        for risk in self.sudo():  # sudo: the state is written by these steps only
            risk.write({**vals, 'state': state, 'history': risk._get_history(state)})
            if state != 'open':
                risk.activity_unlink(['mail.mail_activity_data_todo'])
