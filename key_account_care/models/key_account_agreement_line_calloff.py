from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_amount, formatLang, groupby

CALLOFF_FIELDS = ('ordered', 'delivered', 'invoiced', 'called_off', 'called_off_amount', 'amount_invoiced')


class KeyAccountAgreementLine(models.Model):
    """How much of a line was called off, and how much is left. Revisions of a line count together."""
    _inherit = 'key.account.agreement.line'

    ordered = fields.Float(compute='_compute_calloffs', digits='Product Unit')
    delivered = fields.Float(compute='_compute_calloffs', digits='Product Unit')
    invoiced = fields.Float(compute='_compute_calloffs', digits='Product Unit')
    called_off = fields.Float(
        string="Called off", compute='_compute_calloffs', digits='Product Unit',
        help="Ordered, less what was returned or credited, in the unit of the line.")
    called_off_amount = fields.Monetary(string="Amount Called off", compute='_compute_calloffs')
    amount_invoiced = fields.Monetary(compute='_compute_calloffs')
    remaining = fields.Float(
        compute='_compute_progress', digits='Product Unit', help="What is left of the maximum, or else of the commitment.")
    progress = fields.Float(string="Done", compute='_compute_progress', help="Called off of the commitment.")
    expected_progress = fields.Float(
        string="Expected", compute='_compute_progress',
        help="Share of the commitment at the last day, if the customer goes on at the present pace.")

    def _compute_calloffs(self):
        first = {line: line._get_first() for line in self}
        # sudo: how much is left is the same for everybody; orders of colleagues count, too
        rows = self.env['key.account.calloff'].sudo()._read_group(
            [('origin_line_id', 'in', [line.id for line in first.values() if line.id])], ['origin_line_id'],
            ['ordered:sum', 'delivered:sum', 'invoiced:sum', 'quantity:sum', 'amount:sum', 'amount_invoiced:sum'])
        sums = {line.id: values for line, *values in rows}
        for name in CALLOFF_FIELDS:
            self[name] = 0.0  # of all at once: of a long list most were not called off
        for line in self.filtered(lambda line: first[line].id in sums):
            for name, value in zip(CALLOFF_FIELDS, sums[first[line].id]):
                if value:
                    line[name] = value

    @api.depends('commitment', 'commit_min', 'commit_max')
    def _compute_progress(self):
        for line in self:
            done = line._get_committed_part()
            goal = line.commit_min or line.commit_max
            if line.commitment == 'none' or not goal:
                line.remaining = line.progress = line.expected_progress = 0.0
                continue
            line.remaining = (line.commit_max or line.commit_min) - done
            line.progress = done / goal
            line.expected_progress = line.progress / line.agreement_id._get_elapsed() if line.progress else 0.0

    def _get_committed_part(self):
        """:return: what was called off, measured as the commitment is: a quantity or an amount"""
        return self.called_off_amount if self.commitment == 'amount' else self.called_off

    def _get_amount_of(self, part):
        """:return: a part of the commitment as an amount, at the fixed price of the line"""
        return part * (1 if self.commitment == 'amount' else self.price_unit)

    def _get_left_text(self):
        """:return: str, what is left of the line, for people who sell by it"""
        self.ensure_one()
        number = self.agreement_id.name
        if self.commitment == 'none' or not (self.commit_max or self.commit_min):
            return self.env._("Agreed price of %(agreement)s", agreement=number)
        if self.commitment == 'amount':
            return self.env._(
                "Agreed price of %(agreement)s: %(left)s of %(goal)s left", agreement=number,
                left=format_amount(self.env, self.remaining, self.currency_id),
                goal=format_amount(self.env, self.commit_max or self.commit_min, self.currency_id))
        return self.env._(
            "Agreed price of %(agreement)s: %(left)s of %(goal)s %(unit)s left", agreement=number,
            left=formatLang(self.env, self.remaining, dp='Product Unit'),
            goal=formatLang(self.env, self.commit_max or self.commit_min, dp='Product Unit'), unit=self.uom_id.name)

    def _get_first(self):
        """:return: the line in the first revision that has it; call-offs are counted there"""
        self.ensure_one()
        return self.origin_id or self

    # ------------------------------------------------------------
    # Limits
    # ------------------------------------------------------------

    def _get_limits(self):
        """:return: dict of maximum by first agreement line and first agreement; those without a maximum are left out"""
        limits = {
            line._get_first(): line.commit_max for line in self if line.commitment != 'none' and line.commit_max}
        limits.update({
            agreement._get_first(): agreement.commit_max
            for agreement in self.agreement_id if agreement.commitment and agreement.commit_max})
        return limits

    def _lock_and_get_left(self, limits, calloffs):
        """What is left of each maximum, without the call-offs at hand. Nobody else takes of it until we are done.

        :param dict limits: maximum by agreement line and agreement
        :param sale.order.line calloffs: call-offs that are held against the maximum now
        :return: dict of what is left, with the keys of ``limits``
        """
        ids = {name: [record.id for record in records] for name, records in groupby(limits, lambda record: record._name)}
        for name in sorted(ids):
            self._lock_limits(SQL.identifier(self.env[name]._table), ids[name])
        taken, by_amount = defaultdict(float), {line._get_first() for line in self if line.commitment == 'amount'}
        for line, quantity, amount in self.env['key.account.calloff']._read_group(
                [('origin_id', 'in', [agreement._get_first().id for agreement in self.agreement_id]),
                 ('order_line_id', 'not in', calloffs.ids),
                 # of an agreement without a maximum on the whole, only the call-offs of these lines matter
                 '|', ('origin_line_id', 'in', ids.get(self._name, [])),
                 ('origin_id', 'in', ids.get(self.agreement_id._name, []))],
                ['origin_line_id'], ['quantity:sum', 'amount:sum']):
            taken[line] = amount if line in by_amount else quantity
            taken[line.agreement_id._get_first()] += amount
        return {record: maximum - taken[record] for record, maximum in limits.items()}

    @api.model
    def _lock_limits(self, table, ids):
        """Hold rows in the order of their ids, so that of two orders for the same ones one waits, and none for ever.

        A row that another transaction has changed since ours began cannot be changed by us: PostgreSQL refuses, and Odoo
        tries the whole request again, which then sees the order that came first.
        """
        self.env.cr.execute(SQL(
            """
            UPDATE %(table)s SET confirm_count = COALESCE(confirm_count, 0) + 1
              FROM (SELECT id FROM %(table)s WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE) held
             WHERE %(table)s.id = held.id
            """, table=table, ids=ids))
