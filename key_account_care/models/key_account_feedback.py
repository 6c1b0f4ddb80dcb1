from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

# two digits, so that they are in order wherever they are sorted
SCORES = [(f'{score:02}', str(score)) for score in range(11)]
EXPECTATIONS = [('less', "Less than expected"), ('as', "As expected"), ('more', "More than expected")]


class KeyAccountFeedback(models.Model):
    """What a customer's person told us, or what we heard about the market there."""
    _name = 'key.account.feedback'
    _description = "Feedback"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    kind = fields.Selection(
        selection=[
            ('interview', "Satisfaction interview"),
            ('complaint', "Complaint"),
            ('praise', "Praise"),
            ('wish', "Product wish"),
            ('news', "Market and competitor news"),
            ('help', "Our voluntary help"),
        ], required=True, default='interview', tracking=True, index=True,
        help="Our voluntary help: what we did for the customer beyond the contract.")
    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade', check_company=True)
    customer_id = fields.Many2one(related='account_id.partner_id', string="Customer")
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True, index=True)
    tier_id = fields.Many2one(related='account_id.tier_id')
    partner_id = fields.Many2one(
        'res.partner', string="Their Person", index='btree_not_null', ondelete='set null', check_company=True,
        domain="[('commercial_partner_id', '=', customer_id)]")
    date = fields.Date(required=True, default=fields.Date.context_today)
    channel = fields.Selection(
        selection=[('meeting', "Meeting"), ('call', "Call"), ('mail', "Mail"), ('web', "Web page"), ('other', "Other")],
        default='meeting', required=True)
    user_id = fields.Many2one(
        'res.users', string="Noted by", default=lambda self: self.env.user, check_company=True,
        domain="[('share', '=', False)]", index='btree_not_null', help="Who of ours asked or heard it.")
    area_id = fields.Many2one(
        'key.account.area', ondelete='restrict', index='btree_not_null', tracking=True,
        compute='_compute_area_id', store=True, readonly=False, precompute=True)
    review_id = fields.Many2one(
        'key.account.review', index='btree_not_null', ondelete='set null', check_company=True,
        domain="[('account_id', '=', account_id)]")
    review_type_id = fields.Many2one(
        'key.account.review.type', string="Questions of", index='btree_not_null', ondelete='restrict', check_company=True,
        compute='_compute_review_type_id', store=True, readonly=False, precompute=True)
    competitor = fields.Char(index='trigram', help="Whom the news are about.")
    text = fields.Text(string="In Their Words", index='trigram')
    score = fields.Selection(SCORES, tracking=True, help="How likely they are to recommend us.")
    expectation = fields.Selection(EXPECTATIONS, string="Compared with What Was Expected")
    answer_ids = fields.One2many('key.account.feedback.answer', 'feedback_id', string="Answers", copy=True)
    summary = fields.Char(compute='_compute_summary')

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends('kind', 'account_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for feedback in self:
            feedback.display_name = self.env._(
                "%(kind)s: %(customer)s", kind=kinds.get(feedback.kind, ''), customer=feedback.customer_id.name or '')

    @api.depends('partner_id')
    def _compute_area_id(self):
        for feedback in self:
            feedback.area_id = feedback.area_id or feedback.partner_id.key_account_area_id

    @api.depends('review_id')
    def _compute_review_type_id(self):
        for feedback in self:
            feedback.review_type_id = feedback.review_id.type_id or feedback.review_type_id

    @api.depends('text', 'answer_ids.text')
    def _compute_summary(self):
        """The first words, for lists."""
        for feedback in self:
            words = " ".join(" ".join(filter(None, (feedback.text, *feedback.answer_ids.mapped('text')))).split())
            feedback.summary = words if len(words) <= 120 else words[:119] + "…"

    @api.onchange('kind', 'review_type_id', 'account_id')
    def _onchange_questions(self):
        """Lay out the questions of an interview, as long as none is answered."""
        if any(answer.score or answer.expectation or answer.text for answer in self.answer_ids):
            return
        questions = self.env['key.account.question']
        if self.kind == 'interview':
            questions = questions._get_questions(self.account_id.company_id or self.env.company, self.review_type_id)
        self.answer_ids = [Command.clear(), *(Command.create({'question_id': question.id}) for question in questions)]

    @api.constrains('partner_id')
    def _check_partner_id(self):
        for feedback in self.filtered('partner_id'):
            if feedback.partner_id.commercial_partner_id != feedback.account_id.partner_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(person)s does not belong to %(customer)s. Choose one of its people.",
                    person=feedback.partner_id.name, customer=feedback.customer_id.name))

    # ------------------------------------------------------------
    # Create, write
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """A complaint or a low score needs an answer of ours, see :meth:`_start_issues`."""
        feedback = super().create(vals_list)
        feedback._start_issues()
        return feedback

    def write(self, vals):
        """See :meth:`create`. A complaint that turns out to be a repeated one becomes more severe."""
        result = super().write(vals)
        if {'kind', 'score', 'answer_ids'} & vals.keys():
            self._start_issues()
        if {'kind', 'area_id', 'date', 'account_id'} & vals.keys():
            self._raise_severity()
        return result
