from odoo import fields, models


class ResCompany(models.Model):
    """A company decides what counts as revenue, how tiers are assigned and when a customer counts as new or at risk."""
    _inherit = 'res.company'

    key_account_revenue_source = fields.Selection(
        selection=[('invoice', "Posted invoices"), ('order', "Confirmed orders")],
        string="Source of Revenue", default='invoice', required=True,
        help="Posted invoices: credit notes subtract, at the invoice date.\n"
             "Confirmed orders: untaxed amount, at the order date.")
    key_account_assignment = fields.Selection(
        selection=[('automatic', "Automatic"), ('proposed', "Proposed")],
        string="Tier Assignment", default='automatic', required=True,
        help="Automatic: the nightly run moves accounts between tiers.\n"
             "Proposed: it proposes the move, a manager approves or declines it.")
    key_account_manager_id = fields.Many2one(
        'res.users', string="Manager to Inform", domain="[('share', '=', False)]",
        help="Is told when an account leaves a key tier. Empty: the leader of the sales team of the key account manager.")
    key_account_new_months = fields.Integer(
        string="New for (Months)", default=6,
        help="A customer counts as new for so many months after the first order.")
    key_account_growth_percent = fields.Float(
        string="Growing or Shrinking from (%)", default=20.0,
        help="A customer counts as growing or shrinking when revenue changed by at least so much against the year before.")
    key_account_risk_factor = fields.Float(
        string="At Risk after (Intervals)", default=2.0,
        help="A customer is at risk when the last order is older than so many of its own usual intervals between orders.")

    key_account_bonus_product_id = fields.Many2one(
        'product.product', string="Product of Bonuses", domain=[('type', '=', 'service')],
        help="Its income account and taxes are those of the credit notes for bonuses. Empty: those of the sales journal.")

    key_account_figures_day = fields.Date(readonly=True, help="Of the last run over all accounts.")

    _key_account_new_months_positive = models.Constraint(
        'CHECK (key_account_new_months >= 0)', "A customer cannot count as new for a negative number of months.")
    _key_account_growth_percent_positive = models.Constraint(
        'CHECK (key_account_growth_percent > 0)', "The change from which a customer grows or shrinks must be above 0 %.")
    _key_account_risk_factor_positive = models.Constraint(
        'CHECK (key_account_risk_factor >= 1)', "A customer can be at risk after one usual interval at the earliest.")
