from odoo import fields, models


class KeyAccountArea(models.Model):
    """What somebody at a customer is responsible for, such as purchasing or production."""
    _name = 'key.account.area'
    _description = "Area of Responsibility"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex('(name)', "An area with this name exists already.")
