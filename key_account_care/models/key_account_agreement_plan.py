from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import fields, models


class KeyAccountAgreement(models.Model):
    """The commitment per period, planned when the agreement is signed, against what is called off."""
    _inherit = 'key.account.agreement'

    period_months = fields.Selection(
        selection=[('1', "Month"), ('3', "Quarter"), ('6', "Half year"), ('12', "Year")],
        string="Period", default='3', required=True,
        help="Planned and actual amounts, and the bonus, go by these periods from the first day on.")
    period_ids = fields.One2many('key.account.agreement.period', compute='_compute_period_ids', string="Periods")
    period_count = fields.Integer(compute='_compute_period_ids')

    def _compute_period_ids(self):
        firsts = [agreement._get_first().id for agreement in self if agreement._get_first().id]
        periods = self.env['key.account.agreement.period'].search_fetch([('agreement_id', 'in', firsts)], ['agreement_id'])
        found = {first.id: rows for first, rows in periods.grouped('agreement_id').items()}
        for agreement in self:
            agreement.period_ids = found.get(agreement._get_first().id, periods.browse())
            agreement.period_count = len(agreement.period_ids)

    def _sign(self):  # pylint: disable=missing-return
        super()._sign()
        for agreement in self:
            agreement._plan_periods()

    def _close(self, reason, note=False, last_day=None):  # pylint: disable=missing-return
        super()._close(reason, note=note, last_day=last_day)
        if reason == 'terminated':  # a revision goes on with the periods
            for agreement in self:
                agreement._cut_periods()

    # ------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------

    def _plan_periods(self):
        """Spread the commitment over the periods by their days. A revision plans anew from its first day on.

        A plan that a person has changed stays as long as neither its periods nor the commitment change.
        """
        self.ensure_one()
        first = self._get_first()
        # sudo: periods are made by those who may sign; the plan alone is theirs to change
        periods = self.env['key.account.agreement.period'].sudo().search([('agreement_id', '=', first.id)])
        kept = periods.filtered(lambda period: period.settled_on or period.date_end < self.date_start)
        start = max(kept.mapped('date_end')) + timedelta(days=1) if kept else first.date_start
        bounds = self._get_period_bounds(start)
        amount = max(self.committed_amount - sum(kept.mapped('planned_amount')), 0.0)
        open_ones = periods - kept
        if bounds == [(period.date_start, period.date_end) for period in open_ones] and not self.currency_id.compare_amounts(
                amount, sum(open_ones.mapped('planned_amount'))):
            return
        open_ones.unlink()
        periods.create([
            {'agreement_id': first.id, 'date_start': begin, 'date_end': end, 'planned_amount': planned}
            for (begin, end), planned in zip(bounds, self._spread_amount(amount, bounds))])

    def _get_period_bounds(self, start):
        """:return: list of first and last day of the periods from a day until the agreed end"""
        months, bounds, begin = int(self.period_months), [], start
        while begin <= self.date_end:
            following = start + relativedelta(months=months * (len(bounds) + 1))
            bounds.append((begin, min(following - timedelta(days=1), self.date_end)))
            begin = following
        return bounds

    def _spread_amount(self, amount, bounds):
        """:return: list of the part of an amount for each period, by days; rounding never loses a cent"""
        total = sum((end - begin).days + 1 for begin, end in bounds)
        passed, given, parts = 0, 0.0, []
        for begin, end in bounds:
            passed += (end - begin).days + 1
            parts.append(self.currency_id.round(amount * passed / total - given))
            given += parts[-1]
        return parts

    def _cut_periods(self):
        """End the periods with the agreement, when it is terminated before its agreed end."""
        self.ensure_one()
        # sudo: see _plan_periods
        periods = self.env['key.account.agreement.period'].sudo().search(
            [('agreement_id', '=', self._get_first().id), ('date_end', '>', self.date_until), ('settled_on', '=', False)])
        beyond = periods.filtered(lambda period: period.date_start > self.date_until)
        (periods - beyond).date_end = self.date_until
        beyond.unlink()

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_open_progress(self):
        """Show planned and called off per period as a graph."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_progress'),
            'domain': [('agreement_id', '=', self._get_first().id)],
            'context': {'search_default_filter_plan': 1},
        }

    def action_open_periods(self):
        """Show the periods, to change the plan."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_agreement_period'),
            'domain': [('agreement_id', '=', self._get_first().id)],
        }
