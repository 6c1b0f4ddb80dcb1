from odoo import fields, models

from .res_partner_judgement import GUARDED


class ResPartner(models.Model):
    """Has this person left? What speaks for it, and what people answer."""
    _inherit = 'res.partner'

    key_account_left_sign = fields.Selection(
        selection=[('bounce', "Mail comes back"), ('silence', "Does not answer any more")],
        string="Has Left?", readonly=True, index='btree_not_null', **GUARDED,
        help="Mail comes back: what was sent to this person since the last answer could not be delivered.\n"
             "Does not answer any more: the person used to, and has not for 90 days although we wrote.")
    key_account_left_sign_on = fields.Date(
        string="Last Sign of Life", readonly=True, **GUARDED)
    key_account_still_there_on = fields.Date(
        string="Still There on", readonly=True, **GUARDED,
        help="What spoke for a departure before this day does not count.")

    def action_key_account_has_left(self):
        """Ask since when, and for the successor."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_departure'),
            'context': {'default_partner_ids': self.ids},
        }

    def action_key_account_still_there(self):
        """Whatever speaks for it, they have not left."""
        self._message_reset_bounce(False)
        self.write({
            'key_account_still_there_on': fields.Date.context_today(self), 'key_account_left_sign': False,
            'key_account_left_sign_on': False})
