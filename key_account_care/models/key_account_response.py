from odoo import api, fields, models


class KeyAccountResponse(models.Model):
    """How long a mail of a customer's person waited for us: one row for each mail that began a wait.

    A wait begins with the first mail that is not answered yet, and ends with whatever next reaches the person: a mail,
    a call or a meeting. A mail from the general address of a customer waits for what reaches the customer at it. It is
    measured in working hours of the company and held against the promise of the tier.
    """
    _name = 'key.account.response'
    _description = "Response to a Mail"
    _order = 'asked_on desc, id desc'
    _rec_name = 'partner_id'

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    tier_id = fields.Many2one(related='account_id.tier_id')
    manager_id = fields.Many2one(related='account_id.user_id', string="Key Account Manager")
    partner_id = fields.Many2one(
        'res.partner', string="Their Person", required=True, readonly=True, index=True, ondelete='cascade')
    # as those of interactions: nobody reads what is linked but by the subject
    message_id = fields.Many2one(
        'mail.message', string="Mail", required=True, readonly=True, ondelete='cascade', groups=fields.NO_ACCESS)
    subject = fields.Char(compute='_compute_subject')
    asked_on = fields.Datetime(string="Received", required=True, readonly=True)

    answered_on = fields.Datetime(string="Answered", readonly=True)
    user_id = fields.Many2one('res.users', string="Answered by", readonly=True, ondelete='set null')
    answer_message_id = fields.Many2one(
        'mail.message', string="Answer (Mail)", readonly=True, index='btree_not_null', ondelete='set null',
        groups=fields.NO_ACCESS)
    answer_event_id = fields.Many2one(
        'calendar.event', string="Answer (Meeting)", readonly=True, index='btree_not_null', ondelete='set null',
        groups=fields.NO_ACCESS)
    answer_activity_id = fields.Many2one(
        'mail.activity', string="Answer (Activity)", readonly=True, index='btree_not_null', ondelete='set null',
        groups=fields.NO_ACCESS)
    dismissed_on = fields.Datetime(readonly=True)
    state = fields.Selection(
        selection=[('open', "Open"), ('answered', "Answered"), ('dismissed', "Needs no answer")],
        string="Status", readonly=True)

    hours = fields.Float(
        string="Answered after (Hours)", readonly=True, aggregator='avg', help="Working hours of the company.")
    promised_hours = fields.Integer(
        string="Promised (Hours)", readonly=True, aggregator=None,
        help="What the tier of the account promised when the mail came in. 0: nothing.")
    due_on = fields.Datetime(string="Answer until", readonly=True)
    kept = fields.Float(
        string="Promise Kept", readonly=True, aggregator='avg', help="Share of the answers that came in the promised time.")
    is_late = fields.Boolean(string="Late", compute='_compute_is_late')

    _message_uniq = models.Constraint('UNIQUE (message_id, account_id)', "A mail begins one wait only.")

    @api.depends('state', 'due_on')
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for response in self:
            response.is_late = response.state == 'open' and bool(response.due_on) and response.due_on < now

    @api.depends_context('uid')
    @api.depends('message_id')
    def _compute_subject(self):
        """What it was about, for those who may read the mail."""
        ids = {response.id: response.message_id.id for response in self.sudo()}  # sudo: which mail it is, not what it says
        readable = self.env['mail.message'].search([('id', 'in', list(ids.values()))]).grouped('id')
        for response in self:
            message = readable.get(ids[response.id])
            response.subject = message and (message.subject or message.record_name)

    def action_open_source(self):
        """Open the document that the mail belongs to.

        :raise AccessError: when the user may not read it
        """
        self.ensure_one()
        self.check_access('read')
        message = self.sudo().message_id  # sudo: where the mail is; the document itself is checked below
        document = self.env[message.model].browse(message.res_id)
        document.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': document._name,
            'res_id': document.id,
            'views': [(False, 'form')],
        }

    def action_dismiss(self):
        """Say that these mails need no answer: a thank-you does not wait."""
        self.check_access('read')
        # sudo: users change nothing else of what the nightly run has found
        self.sudo().filtered(lambda response: response.state == 'open').write({
            'state': 'dismissed', 'dismissed_on': fields.Datetime.now()})

    def action_reopen(self):
        """Take back that these mails need no answer."""
        self.check_access('read')
        # sudo: as above
        self.sudo().filtered(lambda response: response.state == 'dismissed').write({'state': 'open', 'dismissed_on': False})
