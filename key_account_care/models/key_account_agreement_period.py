from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

TYPED = frozenset({'planned_amount'})  # all else follows from the agreement


class KeyAccountAgreementPeriod(models.Model):
    """A period of an agreement: what was planned, what was called off and invoiced, and the bonus it brings.

    Periods belong to the first revision, where call-offs are counted, and go on through all revisions.
    """
    _name = 'key.account.agreement.period'
    _description = "Agreement Period"
    _order = 'agreement_id, date_start'

    agreement_id = fields.Many2one('key.account.agreement', required=True, readonly=True, index=True, ondelete='cascade')
    account_id = fields.Many2one(related='agreement_id.account_id', store=True, precompute=True, index=True)
    company_id = fields.Many2one(related='agreement_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='agreement_id.currency_id')
    date_start = fields.Date(string="First Day", required=True, readonly=True)
    date_end = fields.Date(string="Last Day", required=True, readonly=True)
    planned_amount = fields.Monetary(
        string="Planned", help="The commitment spread evenly over the days. Change it where the season asks for it.")
    actual_amount = fields.Monetary(string="Called off", compute='_compute_actual')
    invoiced_amount = fields.Monetary(string="Invoiced", compute='_compute_actual', help="Posted invoices less credit notes.")
    bonus_percent = fields.Float(string="Bonus (%)", compute='_compute_bonus')
    bonus_amount = fields.Monetary(string="Bonus", compute='_compute_bonus')
    settled_on = fields.Date(
        string="Credited on", readonly=True, copy=False, help="Day on which the credit note of the bonus was made.")
    settled_amount = fields.Monetary(string="Credited", readonly=True, copy=False)
    credit_note_id = fields.Many2one(
        'account.move', readonly=True, copy=False, index='btree_not_null', ondelete='set null')

    _start_uniq = models.Constraint(
        'UNIQUE (agreement_id, date_start)', "Two periods of an agreement start on the same day.")
    _credit_note_uniq = models.UniqueIndex(
        '(credit_note_id) WHERE credit_note_id IS NOT NULL', "A credit note is for one period.")
    _dates_in_order = models.Constraint('CHECK (date_end >= date_start)', "A period cannot end before it starts.")
    _planned_positive = models.Constraint(
        'CHECK (planned_amount BETWEEN 0 AND 1e15)', "A planned amount cannot be negative.")

    @api.depends('date_start', 'date_end')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for period in self.filtered('date_start'):
            start, end = period.date_start, period.date_end
            whole = start.day == 1 and fields.Date.add(end, days=1).day == 1
            pattern = 'MMM yyyy' if whole else False
            first, last = (format_date(self.env, day, date_format=pattern) for day in (start, end))
            period.display_name = first if first == last else f"{first} – {last}"

    def _compute_actual(self):
        # sudo: what was called off is the same for everybody; orders of colleagues count, too
        rows = self.env['key.account.progress'].sudo()._read_group(
            [('period_id', 'in', self.ids), ('kind', '!=', 'planned')], ['period_id', 'kind'], ['amount:sum'])
        sums = {(period.id, kind): amount for period, kind, amount in rows}
        for period in self:
            period.actual_amount = sums.get((period.id, 'called_off'), 0.0)
            period.invoiced_amount = sums.get((period.id, 'invoiced'), 0.0)

    @api.depends('invoiced_amount')
    def _compute_bonus(self):
        """The step that the invoiced amount reaches, as agreed by the last day of the period."""
        steps = self.agreement_id._get_bonus_steps()
        for period in self:
            agreed = [bonus for start, bonus in steps.get(period.agreement_id, []) if start <= period.date_end]
            period.bonus_percent = agreed[-1]._get_percent(period.invoiced_amount) if agreed else 0.0
            period.bonus_amount = period.currency_id.round(period.invoiced_amount * period.bonus_percent / 100)

    def write(self, vals):
        """:raise UserError: when a person changes more than the plan"""
        if vals.keys() - TYPED and not self.env.su:
            raise UserError(self.env._("Of a period only the planned amount can be changed."))
        return super().write(vals)

    def action_open_calloffs(self):
        """Open the order lines that were called off in the period."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_calloff'),
            'display_name': self.env._("Call-offs of %(period)s", period=self.display_name),
            'domain': [
                ('origin_id', '=', self.agreement_id.id), ('date', '>=', self.date_start), ('date', '<=', self.date_end)],
            'context': {},
        }

    def action_open_invoiced(self):
        """Open the invoice lines that count for the bonus of the period."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_progress'),
            'display_name': self.env._("Invoiced in %(period)s", period=self.display_name),
            'domain': [('period_id', '=', self.id), ('kind', '=', 'invoiced')],
            'views': [(False, 'list')],
            'context': {},
        }
