from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A customer that nobody can call."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('no_phone', "No phone number")], ondelete={'no_phone': 'cascade'})

    def _detect_no_phone(self, accounts, today):
        """Neither the customer nor one of its people has a phone number."""
        return SQL(
            """
            SELECT account.id AS account_id, 'res.partner' AS res_model, account.partner_id AS res_id,
                   account.revenue AS amount, jsonb_build_object('revenue_amount', account.revenue) AS facts
              FROM %(accounts)s account
             WHERE NOT EXISTS (SELECT FROM res_partner person
                                WHERE person.commercial_partner_id = account.partner_id AND person.phone > '')
            """, accounts=accounts)
