from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tools import SQL, formatLang


class KeyAccountAgreementLine(models.Model):
    """A line lives on in later revisions of its agreement, and its price follows price revisions."""
    _inherit = 'key.account.agreement.line'

    price_revision_ids = fields.Many2many(
        'key.account.price.revision', 'key_account_price_revision_line_rel', 'line_id', 'revision_id',
        string="Price Revisions", readonly=True, copy=False)
    price_now = fields.Float(
        string="Price Today", compute='_compute_price_now', min_display_digits='Product Price',
        help="The agreed price with the price revisions that hold today.")

    @api.depends('price_unit', 'price_type', 'price_revision_ids.state', 'agreement_id.date_until')
    def _compute_price_now(self):
        for line in self:
            company = line.agreement_id.company_id or self.env.company
            line.price_now = line._apply_factor(
                line.price_unit, line._get_factor_on(line.agreement_id._get_day(company)))

    @api.constrains('uom_id', 'origin_id')
    def _check_unit_of_first(self):
        """:raise ValidationError: when call-offs of two revisions of a line would count in different units"""
        for line in self.filtered('origin_id'):
            if line.uom_id != line.origin_id.uom_id:
                raise ValidationError(self.env._(
                    "%(product)s was agreed in %(unit)s and its call-offs are counted so. Keep the unit.",
                    product=line.display_name, unit=line.origin_id.uom_id.name))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered('agreement_id.origin_id')._count_on()
        return lines

    def write(self, vals):
        """A line that covers something else by now is another one: it counts with those that cover the same."""
        before = {line: line._get_scope_key() for line in self if line.agreement_id.origin_id}
        result = super().write(vals)
        moved = self.filtered(lambda line: line in before and line._get_scope_key() != before[line])
        if moved:
            super(KeyAccountAgreementLine, moved).write({'origin_id': False, 'price_revision_ids': [Command.clear()]})
            moved._count_on()
        return result

    def _count_on(self):
        """Find the first revision of these lines, also of those that were left out and put back."""
        for agreement, lines in self.grouped('agreement_id').items():
            firsts = {
                line._get_scope_key(): line._get_first()
                for other in agreement._get_family() if other.revision < agreement.revision for line in other.line_ids}
            for line in lines:
                line.origin_id = firsts.get(line._get_scope_key())

    def _get_scope_key(self):
        """:return: tuple that tells what the line covers"""
        self.ensure_one()
        return self.applied_on, self._get_scope().id

    @api.model
    def _scope_sql(self, line):
        """:param SQL line: alias of the table of agreement lines
        :return: SQL of the id of what a line covers, 0 for everything
        """
        return SQL(
            """
            CASE %(line)s.applied_on WHEN '0_product_variant' THEN %(line)s.product_id
                                     WHEN '1_product' THEN %(line)s.product_tmpl_id
                                     WHEN '2_product_category' THEN %(line)s.categ_id ELSE 0 END
            """, line=line)

    @api.model
    def _comparable_sql(self, agreement_id):
        """The lines of an agreement with what was agreed as one text. Announced price revisions are part of it."""
        return SQL(
            """
            SELECT line.id, line.sequence, line.applied_on, %(scope)s AS scope,
                   ROW(line.price_type, COALESCE(line.price_unit, 0), COALESCE(line.discount, 0), COALESCE(line.markup, 0),
                       line.uom_id, COALESCE(line.never_revise, FALSE), line.commitment, COALESCE(line.commit_min::float, 0),
                       COALESCE(line.commit_max::float, 0), steps.terms, changes.ids)::text AS terms
              FROM key_account_agreement_line line
         LEFT JOIN LATERAL (SELECT array_agg(ROW(step.min_quantity::float, COALESCE(step.price_unit, 0),
                                                 COALESCE(step.discount, 0), COALESCE(step.markup, 0))::text
                                             ORDER BY step.min_quantity) AS terms
                              FROM key_account_agreement_step step WHERE step.line_id = line.id) steps ON TRUE
         LEFT JOIN LATERAL (SELECT array_agg(link.revision_id ORDER BY link.revision_id) AS ids
                              FROM key_account_price_revision_line_rel link
                              JOIN key_account_price_revision change
                                ON change.id = link.revision_id AND change.state = 'announced'
                             WHERE link.line_id = line.id) changes ON TRUE
             WHERE line.agreement_id = %(agreement)s
            """, scope=self._scope_sql(SQL("line")), agreement=agreement_id)

    # ------------------------------------------------------------
    # Price revisions
    # ------------------------------------------------------------

    def _get_price_revisions(self):
        """:return: key.account.price.revision that change the price, the first one first"""
        self.ensure_one()
        if self.price_type != 'fixed':
            return self.env['key.account.price.revision']
        return self.price_revision_ids.filtered(lambda change: change.state == 'announced').sorted('date')

    def _get_factor_on(self, day):
        """:return: by how much price revisions have changed the price until a day; 1.0 without any"""
        factor = 1.0
        for change in self._get_price_revisions():
            if change.date <= day:
                factor *= change.factor
        return factor

    def _get_price_periods(self):
        """One period per price revision: prices change by themselves on its day."""
        [(first, last, factor)] = super()._get_price_periods()
        periods = []
        for change in self._get_price_revisions().filtered(lambda change: change.date <= last):
            if change.date > first:
                periods.append((first, fields.Date.subtract(change.date, days=1), factor))
                first = change.date
            factor *= change.factor
        return [*periods, (first, last, factor)]

    # ------------------------------------------------------------
    # Texts
    # ------------------------------------------------------------

    def _describe_price(self):
        """:return: str, the price of today with its steps, as people read it"""
        self.ensure_one()
        prices = [self._describe_terms(self), *(
            self.env._(
                "from %(quantity)s: %(price)s", quantity=self._format_quantity(step.min_quantity),
                price=self._describe_terms(step))
            for step in self.step_ids.sorted('min_quantity'))]
        return "; ".join([*prices, self.env._("not revised")] if self._is_firm() else prices)

    def _describe_terms(self, terms):
        if self.price_type == 'discount':
            return self.env._("%(percent)s %% off", percent=formatLang(self.env, terms.discount))
        if self.price_type == 'cost_plus':
            return self.env._("cost + %(percent)s %%", percent=formatLang(self.env, terms.markup))
        factor = self._get_factor_on(self.agreement_id._get_day(self.company_id))
        price = formatLang(self.env, self._apply_factor(terms.price_unit, factor), dp='Product Price')
        return f"{price} {self.currency_id.name} / {self.uom_id.name}" if self.uom_id else price

    def _describe_commitment(self):
        """:return: str, the commitment as people read it"""
        self.ensure_one()
        if self.commitment == 'none':
            return ''
        unit = self.uom_id.name if self.commitment == 'quantity' else self.currency_id.name
        least, most = (formatLang(self.env, number, dp='Product Unit') for number in (self.commit_min, self.commit_max))
        if not self.commit_max:
            return self.env._("from %(least)s %(unit)s", least=least, unit=unit)
        return self.env._("%(least)s to %(most)s %(unit)s", least=least, most=most, unit=unit)
