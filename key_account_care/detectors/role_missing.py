from odoo import fields, models
from odoo.tools import SQL

from ..models.key_account_people import IN_CONTACT


class KeyAccountRiskRule(models.Model):
    """A buying role that the care policy asks for, and nobody has with whom we are in contact."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('role_missing', "Buying role missing")], ondelete={'role_missing': 'cascade'})

    def _detect_role_missing(self, accounts, today):
        """One cause for each role, as the gaps of the account show them. Each of the roles carries its part of the revenue."""
        return SQL(
            """
            WITH reached AS MATERIALIZED (
                SELECT DISTINCT relationship.account_id, has.role_id
                  FROM key_account_contact_role_rel has
                  JOIN res_partner person ON person.id = has.partner_id AND person.active
                       AND (person.key_account_left_on IS NULL OR person.key_account_left_on > %(today)s)
                  JOIN key_account_relationship relationship ON relationship.partner_id = person.id
                       AND relationship.strength >= %(in_contact)s
                  JOIN res_users employee ON employee.id = relationship.user_id AND employee.active
            )
            SELECT account.id AS account_id, 'key.account.buying.role' AS res_model, required.role_id AS res_id,
                   GREATEST(account.revenue, 0) / COUNT(*) OVER (PARTITION BY account.id) AS amount, '{}'::jsonb AS facts
              FROM %(accounts)s account
              JOIN key_account_tier_buying_role_rel required ON required.tier_id = account.tier_id
              JOIN key_account_buying_role role ON role.id = required.role_id AND role.active
             WHERE NOT EXISTS (SELECT FROM reached
                                WHERE reached.account_id = account.id AND reached.role_id = required.role_id)
            """, accounts=accounts, today=today, in_contact=IN_CONTACT)


class KeyAccountRisk(models.Model):
    """Who could have the role is seen on the map."""
    _inherit = 'key.account.risk'

    def _fix_role_missing(self):
        return self.account_id.action_open_relationships()
