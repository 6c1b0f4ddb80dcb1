from odoo import fields, models


class KeyAccountBuyingRole(models.Model):
    """The part a contact plays when the customer buys, such as decision maker or gatekeeper."""
    _name = 'key.account.buying.role'
    _description = "Buying Role"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex('(name)', "A buying role with this name exists already.")
