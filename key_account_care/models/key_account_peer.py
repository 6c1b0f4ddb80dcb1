from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountPeer(models.Model):
    """What the customers of a group buy in a product category in 12 months.

    Customers of a company are compared with those of their industry when enough of them buy, else with those of their
    tier: whoever does the same work needs the same things, and whoever is of the same weight comes next to that. Only
    active accounts that bought anything in these months are in a group.
    """
    _name = 'key.account.peer'
    _inherit = ['key.account.derived.mixin']
    _description = "Purchases of Comparable Customers"
    _order = 'buyer_count desc, id'
    _rec_name = 'product_categ_id'

    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    peer_group = fields.Char(required=True, readonly=True, help="“industry:” or “tier:” and its number.")
    industry_id = fields.Many2one('res.partner.industry', readonly=True, index='btree_not_null', ondelete='cascade')
    tier_id = fields.Many2one('key.account.tier', readonly=True, index='btree_not_null', ondelete='cascade')
    product_categ_id = fields.Many2one(
        'product.category', string="Product Category", required=True, readonly=True, index=True, ondelete='cascade')
    customer_count = fields.Integer(string="Customers", readonly=True)
    buyer_count = fields.Integer(string="Buyers", readonly=True)
    amount = fields.Monetary(string="Usual Amount", readonly=True, help="Median of what the buyers spent in 12 months.")

    _group_categ_uniq = models.Constraint(
        'UNIQUE (company_id, peer_group, product_categ_id)', "There is one row of a group and category.")

    @api.model
    def _refresh_peers(self, company, today, accounts):
        """Count what all customers of each group buy; not done anew when only some accounts are refreshed.

        :param res.company company: company to look at
        :param date today: day of the run
        :param key.account accounts: when given, nothing is done
        """
        if accounts:
            return
        self._store_rows(
            self._peers_sql(company),
            ('company_id', 'peer_group', 'industry_id', 'tier_id', 'product_categ_id', 'customer_count', 'buyer_count',
             'amount'),
            ('company_id', 'peer_group', 'product_categ_id'), SQL("old.company_id = %s", company.id))

    @api.model
    def _peers_sql(self, company):
        return SQL(
            """
            WITH buyer AS (
                SELECT account.id, partner.industry_id, account.tier_id,
                       COUNT(*) OVER (PARTITION BY partner.industry_id) AS industry_count
                  FROM key_account account
                  JOIN res_partner partner ON partner.id = account.partner_id
                 WHERE account.company_id = %(company)s AND account.active
                   AND EXISTS (SELECT FROM key_account_spending own WHERE own.account_id = account.id AND own.amount > 0)
            ), placed AS (
                SELECT id, 'industry:' || industry_id AS peer_group, industry_id, NULL::integer AS tier_id
                  FROM buyer WHERE industry_id IS NOT NULL AND industry_count >= %(enough)s
                 UNION ALL
                SELECT id, 'tier:' || COALESCE(tier_id, 0), NULL, tier_id FROM buyer
            ), peer AS (
                SELECT *, COUNT(*) OVER (PARTITION BY peer_group) AS customer_count FROM placed
            )
            SELECT %(company)s AS company_id, peer.peer_group, MIN(peer.industry_id) AS industry_id,
                   MIN(peer.tier_id) AS tier_id, spending.product_categ_id, MIN(peer.customer_count) AS customer_count,
                   COUNT(*) AS buyer_count,
                   ROUND((percentile_cont(0.5) WITHIN GROUP (ORDER BY spending.amount))::numeric, %(digits)s) AS amount
              FROM peer
              JOIN key_account_spending spending ON spending.account_id = peer.id AND spending.amount > 0
          GROUP BY peer.peer_group, spending.product_categ_id
            """,
            company=company.id, enough=company.key_account_peer_count, digits=company.currency_id.decimal_places)
