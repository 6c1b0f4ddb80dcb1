from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date


class KeyAccountAgreement(models.Model):
    """An amendment is a new revision: a draft of the same number, which replaces the older one on its first day."""
    _inherit = 'key.account.agreement'

    revision_ids = fields.One2many('key.account.agreement', 'origin_id', string="Later Revisions", readonly=True)
    revision_count = fields.Integer(compute='_compute_revision_count', string="Revisions")
    price_revision_count = fields.Integer(compute='_compute_price_revision_count', string="Price Revisions")
    changes_html = fields.Html(string="What Changes", compute='_compute_changes_html', sanitize=False)

    def _compute_revision_count(self):
        firsts = {agreement: agreement._get_first() for agreement in self}
        counts = dict(self._read_group(
            [('origin_id', 'in', [first.id for first in firsts.values() if first.id])], ['origin_id'], ['__count']))
        for agreement, first in firsts.items():
            agreement.revision_count = counts.get(first, 0)

    def _compute_price_revision_count(self):
        firsts = {agreement: agreement._get_first() for agreement in self}
        ids = [first.id for first in firsts.values() if first.id]
        counts = defaultdict(int)
        for agreement, count in self.env['key.account.price.revision']._read_group(
                ['|', ('agreement_id', 'in', ids), ('agreement_id.origin_id', 'in', ids)], ['agreement_id'], ['__count']):
            counts[agreement._get_first()] += count
        for agreement, first in firsts.items():
            agreement.price_revision_count = counts[first._origin]

    @api.depends('line_ids', 'date_start', 'date_end')
    def _compute_changes_html(self):
        for agreement in self:
            before = agreement._get_revision_before()
            agreement.changes_html = bool(before) and self.env['ir.qweb']._render(
                'key_account_care.agreement_changes', {
                    'before': before, 'after': agreement, 'terms': before._get_changed_terms(agreement),
                    'lines': before._get_changed_lines(agreement)})

    # ------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------

    @api.constrains('origin_id', 'account_id', 'currency_id')
    def _check_same_as_first(self):
        """:raise ValidationError: when a revision would count its call-offs with those of another customer"""
        for agreement in self.filtered('origin_id'):
            first = agreement.origin_id
            if agreement.account_id != first.account_id or agreement.currency_id != first.currency_id:
                raise ValidationError(self.env._(
                    "%(agreement)s revises an agreement with %(customer)s in %(currency)s and keeps both. "
                    "Make a new agreement for another customer or currency.",
                    agreement=agreement.display_name, customer=first.partner_id.name, currency=first.currency_id.name))

    # ------------------------------------------------------------
    # Revise
    # ------------------------------------------------------------

    def action_revise(self):
        """Open the draft that is to replace this agreement; there is one at a time.

        :raise UserError: when nothing is in force that could be revised
        """
        self.ensure_one()
        return self._open_form(self._get_family().filtered(
            lambda agreement: agreement.state in ('draft', 'sent'))[:1] or self._revise())

    def _revise(self):
        """:return: the next revision as a draft, with the prices of today"""
        self.ensure_one()
        self.check_access('write')
        if self.state != 'signed' or self.close_reason:
            raise UserError(self.env._(
                "Only what is in force can be revised. %(agreement)s is not signed, is over, or has a later revision.",
                agreement=self.display_name))
        today = self._get_day(self.company_id)
        revision = self.copy({
            'name': self.name, 'origin_id': self._get_first().id,
            'revision': max(self._get_family().mapped('revision')) + 1,
            'date_start': min(max(today, self.date_start), self.date_end), 'date_end': self.date_end,
            'user_id': self.user_id.id})
        self._carry_over_prices(revision, today)
        for line, twin in zip(self.line_ids, revision.line_ids):
            later = line._get_price_revisions().filtered(lambda change: change.date > today)
            if later:
                twin.price_revision_ids = later
        return revision

    def _carry_over_prices(self, successor, day):
        """Give the lines of a copy the prices that hold on a day."""
        for line, twin in zip(self.line_ids, successor.line_ids):
            factor = line._get_factor_on(day)
            if factor != 1.0:
                for terms in (twin, *twin.step_ids):
                    terms.price_unit = line._apply_factor(terms.price_unit, factor)

    def _get_family(self):
        """:return: all revisions of these agreements"""
        firsts = [agreement._get_first().id for agreement in self]
        # sudo: revisions of one agreement belong together, whoever drafted them
        family = self.sudo().search(['|', ('id', 'in', firsts), ('origin_id', 'in', firsts)], order='revision, id')
        return family.with_env(self.env)

    def _get_revision_before(self):
        """:return: the revision that this one changes; empty for the first one"""
        self.ensure_one()
        if not self.origin_id:
            return self.browse()
        return self._get_family().filtered(lambda other: other.revision < self.revision)[-1:]

    def _open_form(self, agreement):
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': agreement.id,
            'view_mode': 'form',
            'name': agreement.display_name,
        }

    def action_open_revisions(self):
        """Open all revisions of the agreement, the latest first."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_agreement'),
            'name': self.env._("Revisions of %(number)s", number=self.name),
            'domain': [('id', 'in', self._get_family().ids)],
            'context': {},
        }

    def _get_price_revision_domain(self):
        return [('agreement_id', 'in', self._origin._get_family().ids)]

    def action_open_price_revisions(self):
        """Open the price revisions of the agreement over all its revisions."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_price_revision'),
            'domain': self._get_price_revision_domain(),
            'context': {'default_agreement_id': self.id},
        }

    def action_new_price_revision(self):
        """Open a new price revision."""
        return {**self.action_open_price_revisions(), 'views': [(False, 'form')]}

    # ------------------------------------------------------------
    # Replace the older one
    # ------------------------------------------------------------

    def _get_replaced(self):
        """:return: signed revisions that would be in force on days of this one"""
        self.ensure_one()
        return self.sudo()._get_family().filtered(  # sudo: see _get_family
            lambda other: other.state == 'signed' and other != self and other.date_until >= self.date_start)

    def _stop_replaced(self):
        """End older revisions on the day before this one starts."""
        self.ensure_one()
        for other in self._get_replaced():
            other._close('revised', last_day=fields.Date.subtract(self.date_start, days=1))

    # ------------------------------------------------------------
    # What changed
    # ------------------------------------------------------------

    def _get_changed_terms(self, other):
        """:return: list of (label, before, after) of what two revisions agree on differently, beside the lines"""
        self.ensure_one()
        names = (
            'date_end', 'notice_days', 'renewal', 'renewal_months', 'payment_term_id', 'covered_partner_ids',
            'commitment', 'commit_min', 'commit_max', 'beyond_limit', 'price_policy', 'price_notice_days', 'price_index',
            'period_months', 'bonus_ids', 'terms')
        rows = [
            (self._fields[name]._description_string(self.env), self._get_term_text(name), other._get_term_text(name))
            for name in names if self[name] != other[name]]
        return [row for row in rows if row[1] != row[2] or row[1] == self.env._("changed text")]

    def _get_term_text(self, name):
        """:return: str, the value of a field as people read it"""
        field, value = self._fields[name], self[name]
        if field.type in ('many2one', 'many2many', 'one2many'):
            return ", ".join(value.mapped('display_name'))
        if field.type == 'selection':
            return dict(field._description_selection(self.env)).get(value, '')
        if field.type == 'date':
            return format_date(self.env, value)
        if field.type == 'monetary':
            return self.currency_id.format(value)
        if field.type == 'boolean':
            return self.env._("Yes") if value else self.env._("No")
        return self.env._("changed text") if field.type == 'html' else str(value)

    def _get_changed_lines(self, other):
        """:return: list of (what, price before, price after, volume before, volume after); empty where there is none"""
        self.ensure_one()
        rows = []
        for before, after in self._pair_lines(other, only_changed=True):
            texts = [
                (line._describe_price(), line._describe_commitment()) if line else ('', '') for line in (before, after)]
            if texts[0] != texts[1]:
                rows.append(((after or before).display_name, *(text for pair in zip(*texts) for text in pair)))
        return rows

    def _pair_lines(self, other, only_changed=False, limit=None):
        """The lines of two versions side by side. Of thousands few differ: those are found before any is read.

        :return: list of (line here, line there), either may be empty; those that may differ come first
        """
        Line = self.env['key.account.agreement.line']
        for model in (Line, self.env['key.account.agreement.step']):
            model.flush_model()
        rows = self.env.execute_query(SQL(
            """
            SELECT before.id, after.id
              FROM (%(before)s) before
         FULL JOIN (%(after)s) after ON after.applied_on = before.applied_on AND after.scope = before.scope
             WHERE %(all)s OR before.terms IS DISTINCT FROM after.terms
          ORDER BY before.terms IS NOT DISTINCT FROM after.terms, before.sequence, before.id, after.sequence, after.id
             LIMIT %(limit)s
            """,
            before=Line._comparable_sql(self._origin.id), after=Line._comparable_sql(other._origin.id),
            all=not only_changed, limit=limit))
        mine, theirs = (iter(Line.browse(filter(None, ids))) for ids in (zip(*rows) if rows else ((), ())))
        return [(next(mine) if one else Line, next(theirs) if two else Line) for one, two in rows]
