from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

OPEN = ('new', 'in_work')
SEVERITIES = ('1', '2', '3')


class KeyAccountFeedback(models.Model):
    """A complaint or a low score is an issue: somebody owns it, and the customer is told in time what came of it."""
    _inherit = 'key.account.feedback'

    state = fields.Selection(
        selection=[('new', "New"), ('in_work', "In Work"), ('told', "Customer Told"), ('closed', "Closed")],
        string="Status", readonly=True, copy=False, tracking=True,
        help="Of complaints and low scores, which need an answer. Others have none.")
    owner_id = fields.Many2one(
        'res.users', copy=False, tracking=True, index='btree_not_null', check_company=True,
        domain="[('share', '=', False)]", help="Who sees to it that the customer gets an answer.")
    severity = fields.Selection(
        selection=[('1', "Normal"), ('2', "Serious"), ('3', "Critical")], copy=False, tracking=True,
        help="Each earlier complaint about the same area within a year makes it one step higher.")
    repeat_count = fields.Integer(
        string="Earlier Complaints", readonly=True, copy=False, aggregator=None,
        help="About the same area in the year before.")
    answer_due = fields.Datetime(string="Answer until", copy=False, tracking=True)
    outcome = fields.Text(string="What Came of It", copy=False, help="The customer reads it in the mail.")
    told_on = fields.Datetime(string="Customer Told", readonly=True, copy=False, tracking=True)
    told_in_time = fields.Boolean(compute='_compute_told_in_time')
    is_late = fields.Boolean(compute='_compute_is_late')

    _to_answer = models.Index("(company_id, answer_due) WHERE state IN ('new', 'in_work')")

    @api.depends('told_on', 'answer_due')
    def _compute_told_in_time(self):
        for feedback in self:
            feedback.told_in_time = bool(feedback.told_on) and (
                not feedback.answer_due or feedback.told_on <= feedback.answer_due)

    @api.depends('state', 'answer_due')
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for feedback in self:
            feedback.is_late = feedback.state in OPEN and bool(feedback.answer_due) and feedback.answer_due < now

    # ------------------------------------------------------------
    # Beginning
    # ------------------------------------------------------------

    def _start_issues(self):
        """Give those that need an answer an owner, who is asked for it, and a time. Once: what is an issue stays one."""
        for feedback in self.filtered(lambda feedback: not feedback.state and feedback._needs_answer()):
            feedback.write(feedback._prepare_issue())
            feedback._ask_owner()

    def _needs_answer(self):
        """:return: whether it is a complaint, or one of its scores is low"""
        self.ensure_one()
        scores = [score for score in (self.score, *self.answer_ids.mapped('score')) if score]
        low = self.company_id.key_account_feedback_low
        return self.kind == 'complaint' or any(int(score) <= low for score in scores)

    def _prepare_issue(self):
        """:return: values with which an issue begins"""
        self.ensure_one()
        repeats = self._count_repeats()
        return {
            'state': 'new',
            'owner_id': (self.owner_id or self.account_id.user_id or self.company_id.key_account_manager_id
                         or self.user_id.filtered(lambda user: user.active and not user.share)).id,
            'answer_due': self.answer_due or self._get_answer_due(fields.Datetime.now()),
            'repeat_count': repeats,
            'severity': max(self.severity or '1', self._get_severity(repeats)),
        }

    def _get_answer_due(self, moment):
        """:return: datetime, the working hours that the tier promises, or else the company, after ``moment``"""
        self.ensure_one()
        company = self.company_id
        hours = self.account_id.tier_id.answer_hours or company.key_account_feedback_hours
        # sudo: when the company works is no secret
        calendar = company.sudo().resource_calendar_id
        planned = calendar and calendar.plan_hours(hours, moment, compute_leaves=True)
        return planned or moment + timedelta(hours=hours)

    def _count_repeats(self):
        """:return: int, complaints of the customer about the same area in the year before this one"""
        self.ensure_one()
        if self.kind != 'complaint' or not self.area_id:
            return 0
        self._take_turn()
        # sudo: how often the customer complained does not depend on who noted it
        return self.sudo().search_count(
            Domain('account_id', '=', self.account_id.id) & Domain('area_id', '=', self.area_id.id)
            & Domain('kind', '=', 'complaint') & Domain('id', '!=', self.id)
            & Domain('date', '>', fields.Date.subtract(self.date, years=1)) & Domain('date', '<=', self.date))

    def _take_turn(self):
        """Of two complaints of a customer at the same time the second one waits, and then sees the first one.

        PostgreSQL refuses it to touch what another transaction has touched meanwhile, and Odoo tries it again.
        """
        self.env.cr.execute(SQL("UPDATE key_account SET write_date = write_date WHERE id = %s", self.account_id.id))

    @api.model
    def _get_severity(self, repeats):
        """:return: str, the severity of a complaint after so many others"""
        return SEVERITIES[min(repeats, len(SEVERITIES) - 1)]

    def _raise_severity(self):
        for feedback in self.filtered(lambda feedback: feedback.state in OPEN):
            repeats = feedback._count_repeats()
            severity = max(feedback.severity or '1', feedback._get_severity(repeats))
            if (feedback.repeat_count, feedback.severity) != (repeats, severity):
                feedback.write({'repeat_count': repeats, 'severity': severity})

    def _ask_owner(self):
        """Plan the answer for the owner, in the owner's language."""
        self.ensure_one()
        if not self.owner_id:
            return
        feedback = self.with_context(lang=self.owner_id.lang or self.env.lang)
        feedback.activity_schedule(
            'mail.mail_activity_data_todo', user_id=self.owner_id.id,
            date_deadline=fields.Datetime.context_timestamp(
                self.with_context(tz=self.owner_id.tz), self.answer_due).date(),
            summary=feedback.env._(
                "Answer %(customer)s: %(kind)s", customer=self.customer_id.name,
                kind=dict(self._fields['kind']._description_selection(feedback.env))[self.kind]))

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def action_start(self):
        """Say that somebody works on it."""
        self.filtered(lambda feedback: feedback.state == 'new').state = 'in_work'

    def action_tell(self):
        """Open a mail to the customer that tells what came of it.

        :raise UserError: when there is nothing to tell, or nobody to tell it to
        """
        self.ensure_one()
        if not self.outcome:
            raise UserError(self.env._("Write first what came of it. The customer reads it in the mail."))
        if not self.partner_id.email:
            raise UserError(self.env._(
                "There is no email address to write to. Choose a person with one, or tell them in another way and use "
                "“Was Told”."))
        return self._open_key_account_composer(
            self.env._("Tell the Customer"), 'key_account_care.mail_template_feedback_told',
            default_email_layout_xmlid='mail.mail_notification_light', key_account_mark_told=True)

    def message_post(self, **kwargs):
        """Post; the context key ``key_account_mark_told`` (set by *Tell the Customer*) notes that the customer knows now."""
        message = super().message_post(**kwargs)
        if self.env.context.get('key_account_mark_told'):
            self.with_context(key_account_mark_told=False).action_told()  # which posts, too
        return message

    def action_told(self):
        """Note that the customer was told what came of it; the first time counts."""
        for feedback in self.filtered(lambda feedback: feedback.state in OPEN):
            feedback.write({'state': 'told', 'told_on': feedback.told_on or fields.Datetime.now()})
        self.activity_feedback(['mail.mail_activity_data_todo'])

    def action_close(self):
        """Close what needs nothing more. Whoever was not told by then counts as not told in time."""
        self.filtered('state').state = 'closed'
        self.activity_feedback(['mail.mail_activity_data_todo'])

    def action_reopen(self):
        """Work on it again."""
        self.filtered(lambda feedback: feedback.state in ('told', 'closed')).state = 'in_work'
