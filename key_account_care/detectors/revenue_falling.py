from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer buys less than in the year before."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('revenue_falling', "Revenue falls")], ondelete={'revenue_falling': 'cascade'})

    def _detect_revenue_falling(self, accounts, today):
        """The revenue of 12 months is at least the percent of the limit below that of the 12 months before. At stake is what
        is missing."""
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   account.revenue_previous - account.revenue AS amount,
                   jsonb_build_object('now_amount', account.revenue, 'before_amount', account.revenue_previous,
                                      'lost_share', ROUND(1 - account.revenue / account.revenue_previous, 2)) AS facts
              FROM %(accounts)s account
             WHERE account.revenue_previous > 0
               AND (account.revenue_previous - account.revenue) * 100 >= account.revenue_previous * %(limit)s
               AND account.revenue < account.revenue_previous
            """, accounts=accounts, limit=self._get_limit())


class KeyAccountRisk(models.Model):
    """What they bought is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_revenue_falling(self):
        return self.account_id.with_context(figure='growth').action_open_figure()
