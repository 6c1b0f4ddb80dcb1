from odoo import fields, models
from odoo.tools import SQL


class KeyAccountTimeShare(models.Model):
    """What share of the company's revenue, interactions and meeting hours each account has: does our time follow the money?

    Three rows per account, of the figures that the nightly run has stored on it, so that graphs show the shares side by side.
    """
    _name = 'key.account.time.share'
    _description = "Time Share"
    _auto = False
    _order = 'account_id, kind'
    _rec_name = 'account_id'

    account_id = fields.Many2one('key.account', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    kind = fields.Selection(
        selection=[('1_revenue', "Revenue"), ('2_interactions', "Interactions"), ('3_meetings', "Meeting hours")],
        string="Share of", readonly=True)
    share = fields.Float(readonly=True, help="Of the company's total of 12 months.")

    _depends = {
        'key.account': [
            'partner_id', 'tier_id', 'user_id', 'company_id', 'active', 'share', 'interaction_share', 'meeting_share'],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT account.id * 4 + part.number AS id, account.id AS account_id, account.tier_id, account.user_id,
                   account.company_id, part.kind, part.share
              FROM key_account account
        CROSS JOIN LATERAL (VALUES (1, '1_revenue', account.share), (2, '2_interactions', account.interaction_share),
                                   (3, '3_meetings', account.meeting_share)) part (number, kind, share)
             WHERE account.active
            """)

    def action_open_account(self):
        """Open the account of this row."""
        return self.account_id.get_formview_action()
