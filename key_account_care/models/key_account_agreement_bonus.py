from odoo import api, fields, models
from odoo.exceptions import UserError


class KeyAccountAgreementBonus(models.Model):
    """A bonus step: from this invoiced amount in a period on, so many percent of all of it are given back."""
    _name = 'key.account.agreement.bonus'
    _inherit = 'key.account.agreement.part'
    _description = "Bonus Step"
    _order = 'agreement_id, amount_from'

    agreement_id = fields.Many2one('key.account.agreement', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='agreement_id.company_id', store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related='agreement_id.currency_id')
    amount_from = fields.Monetary(string="From Invoiced Amount", required=True, help="Per period, without taxes.")
    percent = fields.Float(
        string="Bonus (%)", required=True, help="Of all that was invoiced in the period, not only of what is above.")

    _amount_uniq = models.Constraint(
        'UNIQUE (agreement_id, amount_from)', "Two bonus steps start at the same amount. Keep one of them.")
    _amount_positive = models.Constraint(
        'CHECK (amount_from BETWEEN 0 AND 1e12)', "A bonus step starts between 0 and 1,000,000,000,000.")
    _percent_in_range = models.Constraint('CHECK (percent > 0 AND percent <= 100)', "A bonus must be above 0, up to 100 %.")

    @api.depends('amount_from', 'percent')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "%(percent)s %% from %(amount)s", percent=self.env['key.account.agreement.line']._format_number(step.percent),
                amount=step.currency_id.format(step.amount_from) if step.currency_id else step.amount_from)

    def _check_not_signed(self):
        signed = self.agreement_id.filtered(lambda agreement: agreement.state in ('signed', 'closed'))
        if signed and not self.env.su:
            raise UserError(self.env._(
                "%(agreement)s is signed: its bonus stays as it is. Use “Revise” to agree on another one.",
                agreement=signed[0].display_name))

    def _get_percent(self, amount):
        """:param float amount: invoiced in a period
        :return: float, the percentage of the highest of these steps that the amount reaches
        """
        reached = self.filtered(lambda step: step.amount_from <= amount).sorted('amount_from')
        return reached[-1:].percent if amount > 0 else 0.0
