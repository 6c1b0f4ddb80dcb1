from odoo import fields, models


class MailActivity(models.Model):
    """An activity can be the introduction of a colleague to one of a customer's people."""
    _inherit = 'mail.activity'

    key_account_relationship_id = fields.Many2one(
        'key.account.relationship', string="Introduction for", readonly=True, index='btree_not_null', ondelete='set null')
