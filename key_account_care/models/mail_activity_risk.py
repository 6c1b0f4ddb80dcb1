from odoo import fields, models


class MailActivity(models.Model):
    """A personal activity can stand for the early warnings that had no room among the reminders of the day."""
    _inherit = 'mail.activity'

    key_account_rest_company_id = fields.Many2one(
        'res.company', string="Early Warnings of", readonly=True, index='btree_not_null', ondelete='cascade')
