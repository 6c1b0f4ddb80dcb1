from odoo import models


class KeyAccountReview(models.Model):
    """What the customer's people say in a review."""
    _inherit = 'key.account.review'

    def action_open_feedback(self):
        """Open the feedback of this review; what is new there is of its customer and its type."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_feedback'),
            'domain': [('review_id', '=', self.id)],
            'context': {
                'default_account_id': self.account_id.id, 'default_review_id': self.id,
                'default_review_type_id': self.type_id.id},
        }
