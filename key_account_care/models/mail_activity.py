from odoo import api, fields, models

COUNTED_BY = frozenset({'res_model', 'res_model_id', 'res_id', 'user_id'})  # say for whom a done activity counts


class MailActivity(models.Model):
    """An activity can be the introduction of a colleague to one of a customer's people. Once done, it is an exchange."""
    _inherit = 'mail.activity'

    key_account_relationship_id = fields.Many2one(
        'key.account.relationship', string="Introduction for", readonly=True, index='btree_not_null', ondelete='set null')

    def write(self, vals):
        """What is moved to another document or person does not count for the one before any more."""
        if COUNTED_BY & vals.keys():
            self.env['key.account.relationship']._note_stale_activities(self)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_recount_relationships(self):
        self.env['key.account.relationship']._note_stale_activities(self)
