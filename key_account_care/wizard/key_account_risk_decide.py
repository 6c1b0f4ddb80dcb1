from odoo import fields, models
from odoo.exceptions import UserError


class KeyAccountRiskDecide(models.TransientModel):
    """Asks why a warning is not worked on: it waits, we live with it, or its rule says nothing about this customer."""
    _name = 'key.account.risk.decide'
    _description = "Decide on Early Warnings"

    risk_ids = fields.Many2many(
        'key.account.risk', 'key_account_risk_decide_rel', 'decide_id', 'risk_id', string="Warnings", required=True,
        readonly=True)
    decision = fields.Selection(
        selection=[('snooze', "Snooze"), ('accept', "Accept"), ('except', "Not for this account")], required=True,
        default='snooze')
    until = fields.Date(default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14))
    reason = fields.Text(required=True)

    def action_apply(self):
        """Do what was decided.

        :raise UserError: when the day is missing or over, or a warning has no rule to be excepted from
        """
        self.ensure_one()
        getattr(self, f'_{self.decision}')()
        return {'type': 'ir.actions.act_window_close'}

    def _snooze(self):
        if not self.until or self.until <= fields.Date.context_today(self):
            raise UserError(self.env._("Choose a later day: until then the warning is quiet."))
        self.risk_ids._decide('snoozed', snooze_until=self.until, decision_reason=self.reason)

    def _accept(self):
        self.risk_ids._decide('accepted', snooze_until=False, decision_reason=self.reason)

    def _except(self):
        if any(not risk.rule_id for risk in self.risk_ids):
            raise UserError(self.env._("What a person has added has no rule. Close it instead."))
        causes = {(risk.account_id, risk.rule_id) for risk in self.risk_ids}
        excepted = {(there.account_id, there.rule_id) for there in self.env['key.account.risk.exception'].search([
            ('account_id', 'in', self.risk_ids.account_id.ids)])}
        self.env['key.account.risk.exception'].create([
            {'account_id': account.id, 'rule_id': rule.id, 'reason': self.reason} for account, rule in causes - excepted])
        # sudo: also what the rule has found at the account for others to close
        found = self.env['key.account.risk'].sudo().search([
            ('account_id', 'in', self.risk_ids.account_id.ids), ('state', '!=', 'closed')])
        for risk in found.filtered(lambda risk: (risk.account_id, risk.rule_id) in causes):
            risk._decide('closed', closed_on=fields.Date.context_today(self), decision_reason=self.reason)
