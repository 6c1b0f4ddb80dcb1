from odoo import fields, models


class ResCompany(models.Model):
    """When a product is due by a customer's own rhythm, and with whom customers are compared."""
    _inherit = 'res.company'

    key_account_rhythm_months = fields.Integer(
        string="Orders of the Last (Months)", default=24, help="Order rhythms are those of so many months.")
    key_account_rhythm_tolerance = fields.Integer(
        string="Overdue after (Days)", default=3,
        help="A product is overdue so many days after it was expected, or later when the customer is less regular.")
    key_account_rhythm_lapse = fields.Float(
        string="Lapsed after (Intervals)", default=2.0,
        help="So many of its own intervals late, the customer does not seem to buy the product any more.")
    key_account_rhythm_confidence = fields.Integer(
        string="Suggest from Confidence", default=30,
        help="Quotations suggest products that are due when their rhythm is at least so sure, of 100.")
    key_account_peer_count = fields.Integer(
        string="Customers of an Industry", default=10,
        help="With at least so many customers that buy, an industry is compared in itself; else the tier is.")
    key_account_peer_buyers = fields.Integer(
        string="Buyers of a Category", default=3,
        help="A category is white space when at least so many comparable customers buy it.")

    _key_account_rhythm_range = models.Constraint(
        'CHECK (key_account_rhythm_months BETWEEN 1 AND 120 AND key_account_rhythm_tolerance BETWEEN 0 AND 365'
        ' AND key_account_rhythm_lapse BETWEEN 0 AND 100 AND key_account_rhythm_confidence BETWEEN 0 AND 100)',
        "Order rhythms take 1 to 120 months, a tolerance of 0 to 365 days, 0 to 100 intervals and a confidence of 0 to 100.")
    _key_account_peer_range = models.Constraint(
        'CHECK (key_account_peer_count > 0 AND key_account_peer_buyers > 0)',
        "Customers are compared with one at least.")
