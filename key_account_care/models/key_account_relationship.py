from odoo import api, fields, models
from odoo.tools import SQL, format_date

LEVELS = [('10', "Vendor"), ('30', "Credible Source"), ('60', "Problem Solver"), ('85', "Trusted Advisor")]  # by strength
TREND_CHANGE = 10  # points of strength against 90 days ago


class KeyAccountRelationship(models.Model):
    """How well one of ours and one of theirs know each other: computed from their exchange, and judged by people."""
    _name = 'key.account.relationship'
    _description = "Relationship"
    _inherit = ['mail.thread', 'key.account.computed.mixin']
    _order = 'strength desc, id'
    _check_company_auto = True

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id')  # not stored: the database would check each one
    customer_id = fields.Many2one(related='account_id.partner_id', string="Customer")
    user_id = fields.Many2one('res.users', string="Our Person", required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Their Person", required=True, index=True, ondelete='cascade')

    # Computed by the nightly run
    strength = fields.Integer(readonly=True, default=0, aggregator='avg', help="0 to 100; see the explanation.")
    strength_before = fields.Integer(string="Strength 90 Days ago", readonly=True, default=0, aggregator='avg')
    level = fields.Selection(
        selection=LEVELS, compute='_compute_level', string="Computed Level", help="What the strength amounts to.")
    trend = fields.Selection(
        selection=[('up', "Growing"), ('same', "Steady"), ('down', "Fading")], compute='_compute_trend', store=True)
    last_in = fields.Date(string="Last from Them", readonly=True)
    last_out = fields.Date(string="Last from Us", readonly=True)
    last_meeting = fields.Date(readonly=True)
    mail_in_count = fields.Integer(string="Mails from Them", readonly=True, help="In 12 months.")
    mail_out_count = fields.Integer(string="Mails to Them", readonly=True, help="In 12 months.")
    meeting_count = fields.Integer(string="Meetings", readonly=True, help="In 12 months.")
    meeting_hours = fields.Float(readonly=True, help="Of our person, in 12 months.")
    call_count = fields.Integer(string="Calls", readonly=True, help="Calls and other activities in 12 months.")
    explanation = fields.Text(compute='_compute_explanation')

    # Judged by people
    assessment = fields.Selection(
        selection=LEVELS, string="Own Assessment", tracking=True,
        help="What we are to this person, as you would say, whatever the figures are.")
    assessed_on = fields.Date(readonly=True)
    desired = fields.Selection(
        selection=LEVELS, string="Desired Level", tracking=True,
        help="What we should be to this person. A strength below that of the level is shown as a gap: "
             "10 for a vendor, 30 for a credible source, 60 for a problem solver, 85 for a trusted advisor.")
    is_gap = fields.Boolean(
        string="Below the Desired Level", compute='_compute_is_gap', store=True)

    # What the nightly run goes on from: points at the end of a day, and of the day 90 days before
    points_date = fields.Date(readonly=True)
    points_in = fields.Float(readonly=True)
    points_out = fields.Float(readonly=True)
    points_both = fields.Float(readonly=True)
    points_in_before = fields.Float(readonly=True)
    points_out_before = fields.Float(readonly=True)
    points_both_before = fields.Float(readonly=True)
    recount_on = fields.Date(
        readonly=True, index='btree_not_null', help="When something that is recent today will not be so any more.")
    is_stale = fields.Boolean(readonly=True, help="Something that counted was deleted: the next run counts anew.")

    _pair_uniq = models.Constraint(
        'UNIQUE (account_id, partner_id, user_id)', "These two have a relationship already.")
    _stale_idx = models.Index("(partner_id) WHERE is_stale")

    def init(self):
        """Leave room in each page: every night changes one row in ten, which then stays where its indexes look for it."""
        self.env.cr.execute(SQL("ALTER TABLE %s SET (fillfactor = 85)", SQL.identifier(self._table)))

    @api.depends('user_id', 'partner_id')
    def _compute_display_name(self):
        for relationship in self:
            relationship.display_name = f"{relationship.user_id.name} · {relationship.partner_id.name}"

    @api.depends('strength')
    def _compute_level(self):
        for relationship in self:
            reached = [value for value, _name in LEVELS if relationship.strength >= int(value)]
            relationship.level = reached[-1] if reached else False

    @api.depends('strength', 'strength_before')
    def _compute_trend(self):
        for relationship in self:
            change = relationship.strength - relationship.strength_before
            relationship.trend = 'up' if change >= TREND_CHANGE else 'down' if change <= -TREND_CHANGE else 'same'

    @api.depends('strength', 'desired')
    def _compute_is_gap(self):
        for relationship in self:
            relationship.is_gap = relationship.strength < int(relationship.desired or 0)

    @api.depends(
        'strength', 'last_in', 'last_out', 'last_meeting', 'mail_in_count', 'mail_out_count', 'meeting_count', 'call_count')
    def _compute_explanation(self):
        for relationship in self:
            relationship.explanation = "\n".join(relationship._get_reasons())

    def _get_reasons(self):
        """:return: list of sentences that tell what makes the strength"""
        self.ensure_one()
        if not (self.last_in or self.last_out):
            return [self.env._("No exchange yet.")]
        reasons = [self.env._(
            "In 12 months: %(meetings)s meetings, %(calls)s calls and other activities, %(incoming)s mails from them, "
            "%(outgoing)s from us.",
            meetings=self.meeting_count, calls=self.call_count, incoming=self.mail_in_count, outgoing=self.mail_out_count)]
        if not self.last_in:
            reasons.append(self.env._("They have never answered: that halves the strength."))
        elif not self.last_out:
            reasons.append(self.env._("We have never answered: that halves the strength."))
        reasons.append(self.env._(
            "Last exchange on %(date)s; what is long ago counts less.",
            date=format_date(self.env, max(filter(None, (self.last_in, self.last_out))))))
        if self.partner_id.key_account_seniority in ('3', '4', '5'):
            reasons.append(self.env._("Their level counts for more."))
        return reasons

    def write(self, vals):
        """An assessment carries the day on which it was made."""
        if 'assessment' in vals:
            vals = {**vals, 'assessed_on': vals['assessment'] and fields.Date.context_today(self)}
        return super().write(vals)

    def action_open_interactions(self):
        """Open what these two exchanged."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_interaction'),
            'domain': [('user_id', '=', self.user_id.id), ('partner_id', '=', self.partner_id.id)],
            'context': {},
        }
