from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

NEAR_NOTICE = 60  # days before the last day to say no
NEAR_END = 90  # days before the last day


class KeyAccountAgreement(models.Model):
    """The worklist of renewals: what was bought, at which margin, and what the proposal would change in money."""
    _inherit = 'key.account.agreement'

    renewal_due = fields.Boolean(
        compute='_compute_renewal_due', search='_search_renewal_due',
        help="The notice date or the last day is near, and nothing is signed or decided for the time after.")
    committed_share = fields.Float(
        string="Of Commitment", compute='_compute_committed_share', help="Called off, in percent of the committed amount.")
    margin = fields.Monetary(compute='_compute_margin', help="Of what was called off, by the costs on its order lines.")
    margin_share = fields.Float(string="Margin (%)", compute='_compute_margin')
    proposed_amount = fields.Monetary(
        string="At Proposed Prices", compute='_compute_proposed_amount',
        help="What the call-offs so far would cost by the next version, as far as it covers them.")
    proposed_change = fields.Float(
        string="Price Change (%)", compute='_compute_proposed_amount',
        help="The same call-offs at the proposed prices against what was paid.")
    is_comparable = fields.Boolean(compute='_compute_proposed_amount')

    # ------------------------------------------------------------
    # Which
    # ------------------------------------------------------------

    @api.depends('state', 'close_reason', 'notice_date', 'date_until', 'next_id')
    def _compute_renewal_due(self):
        today = fields.Date.context_today(self)
        near = self.filtered_domain(self._get_near_domain(today))
        for agreement in self:
            agreement.renewal_due = agreement in near and agreement.next_state in (False, 'draft', 'sent')

    @api.model
    def _search_renewal_due(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)

        def to_sql(model, alias, query):
            return SQL(
                """
                NOT EXISTS (SELECT FROM key_account_agreement agreement
                              JOIN key_account_agreement next ON next.account_id = agreement.account_id
                             WHERE agreement.id = %s AND %s)
                """, SQL.identifier(alias, 'id'), self._successor_sql())

        due = Domain(self._get_near_domain(today)) & Domain.custom(to_sql=to_sql)
        return due if True in value else ~due

    @api.model
    def _get_near_domain(self, today):
        return [
            ('state', '=', 'signed'), ('close_reason', '=', False),
            '|', ('notice_date', '<=', fields.Date.add(today, days=NEAR_NOTICE)),
            ('date_until', '<=', fields.Date.add(today, days=NEAR_END))]

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    @api.depends('called_off_amount', 'committed_amount')
    def _compute_committed_share(self):
        for agreement in self:
            goal = agreement.committed_amount
            agreement.committed_share = 100 * agreement.called_off_amount / goal if goal else 0.0

    def _compute_margin(self):
        firsts = [agreement._get_first().id for agreement in self if agreement._get_first().id]
        # sudo: what was called off is the same for everybody; orders of colleagues count, too
        rows = self.env['key.account.calloff'].sudo()._read_group(
            [('origin_id', 'in', firsts)], ['origin_id'], ['margin:sum', 'amount:sum'])
        sums = {first.id: values for first, *values in rows}
        for agreement in self:
            agreement.margin, amount = sums.get(agreement._get_first().id, (0.0, 0.0))
            agreement.margin_share = 100 * agreement.margin / amount if amount else 0.0

    @api.depends('next_id')
    def _compute_proposed_amount(self):
        sums = self._get_proposed_amounts()
        for agreement in self:
            paid, proposed = sums.get(agreement.next_id.id, (0.0, 0.0))
            agreement.proposed_amount = proposed
            agreement.is_comparable = bool(paid)
            agreement.proposed_change = 100 * (proposed / paid - 1) if paid else 0.0

    def _get_proposed_amounts(self):
        """What the call-offs would cost by the next version. Kinds of prices that cannot be compared are left out.

        :return: dict of (paid, at proposed prices) by id of the next version
        """
        Line = self.env['key.account.agreement.line']
        for model in (Line, self.env['key.account.agreement.step']):
            model.flush_model()
        rows = self.env.execute_query(SQL(
            """
              WITH calloff AS MATERIALIZED (
                   SELECT proposal.id AS proposal_id, calloff.ordered, calloff.quantity, calloff.amount,
                          before.applied_on, before.uom_id, before.price_type, before.discount, before.markup,
                          %(scope_before)s AS scope
                     FROM key_account_agreement proposal
                     JOIN %(calloffs)s calloff ON calloff.origin_id = proposal.previous_id
                                              AND calloff.currency_id = proposal.currency_id
                     JOIN key_account_agreement_line before ON before.id = calloff.line_id
                    WHERE proposal.id = ANY(%(proposals)s))
            SELECT calloff.proposal_id, SUM(calloff.amount), SUM(price.amount)
              FROM calloff
              JOIN key_account_agreement_line after
                ON after.agreement_id = calloff.proposal_id AND after.applied_on = calloff.applied_on
                   AND %(scope_after)s = calloff.scope AND after.uom_id IS NOT DISTINCT FROM calloff.uom_id
         LEFT JOIN LATERAL (SELECT step.price_unit, step.discount, step.markup
                              FROM key_account_agreement_step step
                             WHERE step.line_id = after.id AND step.min_quantity <= calloff.ordered
                          ORDER BY step.min_quantity DESC LIMIT 1) step ON TRUE
        CROSS JOIN LATERAL (%(price)s) price
             WHERE price.amount IS NOT NULL
          GROUP BY calloff.proposal_id
            """,
            calloffs=self.env['key.account.calloff']._table_sql, scope_before=Line._scope_sql(SQL("before")),
            scope_after=Line._scope_sql(SQL("after")), price=self._proposed_price_sql(), proposals=self.next_id.ids))
        return {proposal_id: (float(paid), float(proposed)) for proposal_id, paid, proposed in rows}

    @api.model
    def _proposed_price_sql(self):
        """A fixed price tells all; a discount or markup only against another one. Steps of then are not looked up."""
        return SQL(
            """
            SELECT CASE WHEN after.price_type = 'fixed'
                        THEN calloff.quantity * COALESCE(step.price_unit, after.price_unit, 0)
                        WHEN after.price_type <> calloff.price_type THEN NULL
                        WHEN after.price_type = 'discount'
                        THEN calloff.amount * (100 - COALESCE(step.discount, after.discount, 0))
                             / NULLIF(100 - COALESCE(calloff.discount, 0), 0)
                        ELSE calloff.amount * (100 + COALESCE(step.markup, after.markup, 0))
                             / (100 + COALESCE(calloff.markup, 0)) END AS amount
            """)
