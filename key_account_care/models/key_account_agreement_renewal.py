from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

MOST_LINES = 200  # of a comparison; those that differ come first
RENEWABLE = (False, 'ended', 'terminated')  # what was declined or revised has no next version of its own


class KeyAccountAgreement(models.Model):
    """The next version of an agreement: a new one with the same terms for the days after, to be agreed on and signed."""
    _inherit = 'key.account.agreement'

    previous_id = fields.Many2one(
        'key.account.agreement', string="Renewal of", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help="The agreement that this one goes on with. Call-offs count anew.")
    renewal_ids = fields.One2many('key.account.agreement', 'previous_id', string="Next Versions", readonly=True)
    next_id = fields.Many2one(
        'key.account.agreement', string="Next Version", compute='_compute_next_id',
        help="What is signed for the time after the last day, or else what is proposed for it.")
    next_state = fields.Selection(
        selection=lambda self: self._fields['state']._description_selection(self.env),
        string="State of the Next Version", compute='_compute_next_id')
    comparison_html = fields.Html(string="Line by Line", compute='_compute_comparison_html', sanitize=False)
    can_renew = fields.Boolean(compute='_compute_can_renew')

    _proposed_once = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND state IN ('draft', 'sent')",
        "The next version is proposed already. Open it from the agreement.")

    @api.depends('state', 'date_until')
    def _compute_next_id(self):
        self.flush_model(['state', 'close_reason', 'account_id', 'previous_id', 'origin_id', 'date_start', 'date_until'])
        rows = self.env.execute_query(SQL(
            """
            SELECT agreement.id, successor.id, successor.state
              FROM key_account_agreement agreement
        CROSS JOIN LATERAL (SELECT next.id, next.state
                              FROM key_account_agreement next
                             WHERE next.account_id = agreement.account_id
                               AND (%s OR next.previous_id = COALESCE(agreement.origin_id, agreement.id)
                                          AND next.state IN ('draft', 'sent'))
                          ORDER BY next.state IN ('draft', 'sent'), next.date_start LIMIT 1) successor
             WHERE agreement.id = ANY(%s)
            """, self._successor_sql(), list(self._origin.ids)))
        found = {agreement_id: successor for agreement_id, *successor in rows}
        for agreement in self:
            agreement.next_id, agreement.next_state = found.get(agreement._origin.id, (False, False))

    @api.model
    def _successor_sql(self):
        """:return: SQL condition that ``next`` is in force, or was, after ``agreement`` of the same account"""
        return SQL(
            """
            (next.date_start > agreement.date_until AND next.date_until >= next.date_start
             AND (next.state = 'signed' OR next.state = 'closed' AND next.close_reason IS DISTINCT FROM 'declined'))
            """)

    @api.depends('state', 'close_reason', 'next_id')
    def _compute_can_renew(self):
        for agreement in self:
            agreement.can_renew = not agreement.next_id and (
                agreement.state == 'signed' and not agreement.close_reason
                or agreement.state == 'closed' and agreement.close_reason in RENEWABLE)

    @api.constrains('previous_id', 'account_id')
    def _check_same_as_previous(self):
        """:raise ValidationError: when an agreement would go on with that of another customer"""
        for agreement in self.filtered('previous_id'):
            previous = agreement.sudo().previous_id  # sudo: it is the customer that matters, whoever sees that agreement
            if agreement.account_id != previous.account_id:
                raise ValidationError(self.env._(
                    "%(agreement)s renews an agreement with %(customer)s. Make a new agreement for another customer.",
                    agreement=agreement.display_name, customer=previous.partner_id.name))

    # ------------------------------------------------------------
    # Renew
    # ------------------------------------------------------------

    def action_renew(self):
        """Open the proposal of the next version; there is one at a time.

        :raise UserError: when there is nothing to go on with
        """
        self.ensure_one()
        proposed = self.next_id if self.next_state in ('draft', 'sent') else self.browse()
        return self._open_form(proposed or self._renew())

    def action_compare(self):
        """Show the present terms and the next version side by side."""
        self.ensure_one()
        return {
            **self._open_form(self),
            'name': self.env._("%(agreement)s and its Next Version", agreement=self.name),
            'views': [(self.env.ref('key_account_care.view_key_account_agreement_comparison').id, 'form')],
            'target': 'new',
        }

    def action_open_next(self):
        """Open the next version."""
        self.ensure_one()
        return self._open_form(self.next_id)

    def action_open_previous(self):
        """Open the agreement that this one goes on with, as it was at last."""
        self.ensure_one()
        return self._open_form(self._get_revision_before() or self.previous_id)

    def _renew(self, length=None):
        """The next version as a draft: the same terms, at the prices that hold on the last day.

        :param relativedelta length: how long it is; by default as long as this one was agreed for
        :return: key.account.agreement
        :raise UserError: when there is nothing to go on with
        """
        self.ensure_one()
        self.check_access('write')
        if not self.can_renew:
            raise UserError(self.env._(
                "%(agreement)s cannot be renewed: it is not signed, is not to be renewed, or has a next version.",
                agreement=self.display_name))
        start = max(fields.Date.add(self.date_until, days=1), self._get_first_day_to_renew())
        successor = self.copy({
            'previous_id': self._get_first().id, 'user_id': self.user_id.id, 'date_start': start,
            'date_end': start + (length or self._get_length()) - relativedelta(days=1)})
        self._carry_over_prices(successor, self.date_until)
        self.invalidate_model(['next_id', 'next_state', 'can_renew'])
        return successor

    def _get_first_day_to_renew(self):
        """:return: what is over for long goes on from today; what is in force, or was yesterday, without a gap"""
        return self._get_day(self.company_id) if self.state == 'closed' else self.date_start

    def _get_length(self):
        """:return: relativedelta, how long the agreement was agreed for, over all its revisions"""
        self.ensure_one()
        return relativedelta(fields.Date.add(self.date_end, days=1), self._get_first().date_start)

    def _sign(self):  # pylint: disable=missing-return
        """What is signed needs no reminder to renew the one before."""
        super()._sign()
        self.invalidate_model(['next_id', 'next_state', 'can_renew'])
        for agreement in self.filtered('previous_id'):
            agreement._get_revision_before()._forget_reminders(
                self.env._("%(agreement)s is signed.", agreement=agreement.name))

    def _forget_reminders(self, reason):
        """Mark what the night reminded of as done.

        :param str reason: why it is settled
        """
        # sudo: the reminder may be that of a colleague
        self.sudo().activity_feedback(['mail.mail_activity_data_todo'], feedback=reason)

    # ------------------------------------------------------------
    # What changes
    # ------------------------------------------------------------

    def _get_revision_before(self):
        """The first revision of a next version is compared with the agreement that it goes on with."""
        before = super()._get_revision_before()
        if before or not self.previous_id:
            return before
        # sudo: whoever sees the proposal sees what it changes
        family = self.sudo().previous_id._get_family().filtered(
            lambda other: other.state in ('signed', 'closed') and other.close_reason != 'declined')
        return family[-1:].with_env(self.env)

    @api.depends('next_id')
    def _compute_comparison_html(self):
        for agreement in self:
            successor = agreement.sudo().next_id  # sudo: whoever sees an agreement sees how it goes on
            pairs = agreement._pair_lines(successor, limit=MOST_LINES) if successor else []
            agreement.comparison_html = successor and self.env['ir.qweb']._render(
                'key_account_care.agreement_comparison', {
                    'terms': agreement._get_changed_terms(successor),
                    'rows': [agreement._get_compared_line(*pair) for pair in pairs],
                    'more': len(pairs) == MOST_LINES})

    def _get_compared_line(self, before, after):
        """:return: dict of what a line of this version and one of another cover, called off, and their prices and volumes"""
        prices, volumes = (
            [line and describe(line) or '' for line in (before, after)]
            for describe in (type(before)._describe_price, type(before)._describe_commitment))
        return {
            'name': (before or after).display_name, 'prices': prices, 'volumes': volumes, 'is_new': not before,
            'is_left_out': not after,
            'called_off': before.called_off and f"{before.called_off:g} {before.uom_id.name or ''}",
            'amount': before.called_off_amount and self.currency_id.format(before.called_off_amount)}
