from odoo import fields, models


class KeyAccountRiskException(models.Model):
    """A rule that says nothing about one account, with the reason. Deleting it lets the rule look again."""
    _name = 'key.account.risk.exception'
    _description = "Exception from a Warning Rule"
    _order = 'create_date desc, id desc'
    _rec_name = 'rule_id'

    account_id = fields.Many2one('key.account', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True)
    rule_id = fields.Many2one('key.account.risk.rule', required=True, index=True, ondelete='cascade')
    reason = fields.Text(required=True)

    _rule_uniq = models.Constraint('UNIQUE (account_id, rule_id)', "This rule does not apply to the account already.")
