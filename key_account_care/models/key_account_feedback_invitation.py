import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import consteq


class KeyAccountFeedbackInvitation(models.Model):
    """We ask one person of a customer what we do well and badly, by a mail with a link that works once."""
    _name = 'key.account.feedback.invitation'
    _description = "Invitation to Give Feedback"
    _order = 'proposed_on desc, account_id, id'
    _rec_name = 'partner_id'
    _check_company_auto = True

    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    customer_id = fields.Many2one(related='account_id.partner_id', string="Customer")
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    partner_id = fields.Many2one(
        'res.partner', string="Their Person", required=True, index=True, ondelete='cascade', check_company=True,
        domain="[('commercial_partner_id', '=', customer_id), ('is_company', '=', False)]")
    email = fields.Char(related='partner_id.email', string="Email")
    review_id = fields.Many2one(
        'key.account.review', index='btree_not_null', ondelete='set null', check_company=True,
        domain="[('account_id', '=', account_id)]")
    review_type_id = fields.Many2one(
        'key.account.review.type', string="Questions of", ondelete='restrict', index='btree_not_null', check_company=True,
        compute='_compute_review_type_id', store=True, readonly=False, precompute=True,
        help="Empty: only what is asked each time.")
    user_id = fields.Many2one(
        'res.users', string="Asked by", default=lambda self: self.env.user, check_company=True,
        domain="[('share', '=', False)]")
    state = fields.Selection(
        selection=[('proposed', "To Send"), ('sent', "Sent"), ('answered', "Answered"), ('cancelled', "Not Asked")],
        string="Status", default='proposed', required=True, readonly=True, copy=False, index=True)
    proposed_on = fields.Date(
        string="Proposed", required=True, readonly=True, copy=False, default=fields.Date.context_today)
    sent_on = fields.Date(string="Sent", readonly=True, copy=False)
    expires_on = fields.Date(string="Answer until", readonly=True, copy=False, help="Last day on which the link works.")
    is_expired = fields.Boolean(string="Expired", compute='_compute_is_expired')
    access_token = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    feedback_id = fields.Many2one(
        'key.account.feedback', readonly=True, copy=False, index='btree_not_null', ondelete='set null')
    mail_id = fields.Many2one(
        'mail.mail', readonly=True, copy=False, index='btree_not_null', ondelete='set null', groups=fields.NO_ACCESS)
    mail_failure = fields.Char(string="Mail Failed", readonly=True, copy=False)
    activity_id = fields.Many2one(
        'mail.activity', readonly=True, copy=False, index='btree_not_null', ondelete='set null')

    _asked = models.Index('(account_id, partner_id, proposed_on)')

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('review_id')
    def _compute_review_type_id(self):
        for invitation in self:
            invitation.review_type_id = invitation.review_id.type_id or invitation.review_type_id

    @api.depends('state', 'expires_on')
    def _compute_is_expired(self):
        for invitation in self:
            invitation.is_expired = (
                invitation.state == 'sent' and bool(invitation.expires_on)
                and invitation.expires_on < invitation._get_today())

    def _get_today(self):
        """:return: date of today where the company is, whoever opens the link"""
        # sudo: the time zone of the company is no secret
        return fields.Date.context_today(self.with_context(tz=self.company_id.sudo().partner_id.tz or 'UTC'))

    @api.constrains('partner_id')
    def _check_partner_id(self):
        for invitation in self:
            if invitation.partner_id.commercial_partner_id != invitation.customer_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(person)s does not belong to %(customer)s. Choose one of its people.",
                    person=invitation.partner_id.name, customer=invitation.customer_id.name))

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def action_send(self):
        """Put the mails into Odoo's queue. Sent again, the link of the mail before does not work any more.

        :raise UserError: when somebody has no email address or has answered already
        """
        self.check_access('write')
        self._check_can_send()
        today = fields.Date.context_today(self)
        # sudo: nobody reads or writes the token but in the name of whom it was made for
        for invitation in self.sudo():
            invitation.mail_id.filtered(lambda mail: mail.state != 'sent').cancel()
            invitation.write({
                'access_token': secrets.token_urlsafe(32),
                'state': 'sent',
                'sent_on': today,
                'expires_on': fields.Date.add(today, days=invitation.company_id.key_account_feedback_days),
                'mail_failure': False,
            })
        mails = self.env.ref('key_account_care.mail_template_feedback_invitation').send_mail_batch(self.ids)
        # sudo: the mails with the token are the system's, see above
        for mail in mails.sudo():
            self.browse(mail.res_id).sudo().mail_id = mail  # sudo: as above
        self.env.ref('mail.ir_cron_mail_scheduler_action').sudo()._trigger()  # sudo: the queue serves everybody
        self._finish_activities()

    def _check_can_send(self):
        without = self.partner_id.filtered(lambda person: not person.email_normalized)
        if without:
            raise UserError(self.env._(
                "%(people)s: no valid email address. Add it, or ask them in a call and note the feedback yourself.",
                people=", ".join(without.mapped('name'))))
        answered = self.filtered(lambda invitation: invitation.state == 'answered')
        if answered:
            raise UserError(self.env._(
                "%(people)s answered already. Make a new invitation to ask again.",
                people=", ".join(answered.partner_id.mapped('name'))))

    def action_cancel(self):
        """Do not ask these people; a link that was sent does not work any more. The tier's rhythm goes on."""
        self.check_access('write')
        waiting = self.filtered(lambda invitation: invitation.state in ('proposed', 'sent'))
        # sudo: the token and its mails are nobody's to read or write, see action_send
        waiting.sudo().mail_id.filtered(lambda mail: mail.state != 'sent').cancel()
        # sudo: the token, as above
        waiting.sudo().write({'state': 'cancelled', 'access_token': False})
        self._finish_activities()

    def _finish_activities(self):
        """Whoever was asked to send is done when nothing is left to send."""
        invitations = self.sudo()  # sudo: the manager may have left the sending to somebody else of the team
        for activity in invitations.activity_id.filtered('active'):
            if not invitations.search_count([('activity_id', '=', activity.id), ('state', '=', 'proposed')], limit=1):
                activity.action_feedback()

    def action_open_feedback(self):
        """Open what the person answered."""
        self.ensure_one()
        return self.feedback_id.get_formview_action()

    # ------------------------------------------------------------
    # The link
    # ------------------------------------------------------------

    def _get_answer_url(self):
        """:return: str, the address of the page; whoever has it answers as this person"""
        self.ensure_one()
        token = self.sudo().access_token  # sudo: goes into the mail to this person
        return f'{self.get_base_url()}/feedback/{self.id}?access_token={token}'

    def _get_problem(self, user, access_token):
        """:return: str, why a visitor cannot answer: 'wrong', 'other', 'used' or 'expired'; None when they can"""
        if not self or not self.access_token or not consteq(self.access_token.encode(), (access_token or '').encode()):
            return 'wrong'
        if not user._is_public() and user.partner_id != self.partner_id:
            return 'other'
        if self.state != 'sent':
            return 'used'
        return 'expired' if self.is_expired else None

    def _get_questions(self):
        self.ensure_one()
        return self.env['key.account.question']._get_questions(self.company_id, self.review_type_id)

    def _answer(self, vals):
        """Note what the person answered; the link is used then.

        :param dict vals: values of the feedback, see :meth:`KeyAccountFeedback._read_form`
        :return: key.account.feedback; empty when somebody else was quicker
        """
        self.ensure_one()
        Feedback = self.env['key.account.feedback']
        if not self.try_lock_for_update():
            return Feedback
        self.invalidate_recordset(['state'])
        if self.state != 'sent':
            return Feedback
        self.feedback_id = Feedback.create({
            **vals,
            'kind': 'interview',
            'channel': 'web',
            'account_id': self.account_id.id,
            'partner_id': self.partner_id.id,
            'user_id': self.user_id.id,
            'review_id': self.review_id.id,
            'review_type_id': self.review_type_id.id,
            'date': self._get_today(),
        })
        self.state = 'answered'
        return self.feedback_id
