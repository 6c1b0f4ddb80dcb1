from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """One of their people who mattered has left, or seems to have, and nobody is named as the successor."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(selection_add=[('contact_left', "Contact left")], ondelete={'contact_left': 'cascade'})

    def _detect_contact_left(self, accounts, today):
        """Who had a buying role or a relationship with us, and left within the days of the limit, or of whom something
        tells it. At stake is the share of all strength that rested on the person, of the revenue."""
        return SQL(
            """
            WITH gone AS MATERIALIZED (
                SELECT person.id, person.commercial_partner_id AS customer_id,
                       COALESCE(person.key_account_left_on, person.key_account_left_sign_on) AS since
                  FROM res_partner person
                 WHERE person.active AND person.key_account_successor_id IS NULL
                   AND (person.key_account_left_on BETWEEN %(today)s - %(days)s AND %(today)s
                        OR person.key_account_left_on IS NULL AND person.key_account_left_sign IS NOT NULL)
            ), held AS (
                SELECT relationship.account_id, relationship.partner_id, SUM(relationship.strength) AS strength,
                       SUM(SUM(relationship.strength)) OVER (PARTITION BY relationship.account_id) AS total
                  FROM key_account_relationship relationship
                 WHERE relationship.strength > 0
                   AND relationship.account_id IN (SELECT account.id FROM gone
                                                     JOIN key_account account ON account.partner_id = gone.customer_id)
              GROUP BY relationship.account_id, relationship.partner_id
            )
            SELECT account.id AS account_id, 'res.partner' AS res_model, gone.id AS res_id,
                   GREATEST(account.revenue, 0) * COALESCE(held.strength / NULLIF(held.total, 0)::numeric, 0) AS amount,
                   jsonb_build_object('left_date', gone.since) AS facts
              FROM %(accounts)s account
              JOIN gone ON gone.customer_id = account.partner_id
         LEFT JOIN held ON held.account_id = account.id AND held.partner_id = gone.id
             WHERE held.strength IS NOT NULL
                OR EXISTS (SELECT FROM key_account_contact_role_rel role WHERE role.partner_id = gone.id)
            """, accounts=accounts, today=today, days=int(self.threshold))


class KeyAccountRisk(models.Model):
    """Who follows is asked at once."""
    _inherit = 'key.account.risk'

    def _fix_contact_left(self):
        return self.env['res.partner'].browse(self.res_id).action_key_account_has_left()
