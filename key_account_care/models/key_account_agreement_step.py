from odoo import fields, models


class KeyAccountAgreementStep(models.Model):
    """A better price of an agreement line from a quantity on, in the unit of the line."""
    _name = 'key.account.agreement.step'
    _inherit = 'key.account.agreement.part'
    _description = "Quantity Step"
    _order = 'line_id, min_quantity'

    line_id = fields.Many2one('key.account.agreement.line', required=True, index=True, ondelete='cascade')
    price_type = fields.Selection(related='line_id.price_type')
    min_quantity = fields.Float(string="From Quantity", required=True, digits='Product Unit')
    price_unit = fields.Float(string="Price", min_display_digits='Product Price')
    discount = fields.Float(string="Discount (%)")
    markup = fields.Float(string="Markup (%)")

    _quantity_positive = models.Constraint(
        "CHECK (min_quantity > 0 AND min_quantity <= 1e12)",
        "A quantity step starts above 0. The price of the line itself holds below.")
    _quantity_uniq = models.Constraint(
        "UNIQUE (line_id, min_quantity)", "Two steps of a line start at the same quantity. Keep one of them.")
    _price_positive = models.Constraint(
        "CHECK (price_unit BETWEEN 0 AND 1e12)",
        "An agreed price cannot be negative, nor above 1,000,000,000,000. 0 is free of charge.")
    _discount_in_range = models.Constraint("CHECK (discount BETWEEN 0 AND 100)", "A discount must be 0 to 100 %.")
    _markup_in_range = models.Constraint(
        "CHECK (markup BETWEEN 0 AND 10000)", "A markup on the cost must be 0 to 10,000 %.")

    def _check_not_signed(self):
        self.line_id._check_not_signed()
