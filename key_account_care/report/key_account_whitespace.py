from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

CATEGORIES = 1 << 20  # an id is that of the account times this, plus that of the category


class KeyAccountWhitespace(models.Model):
    """What customers like this one buy from us and this one does not: one row for each account and product category.

    Own figures and those of comparable customers are those of the last nightly run; see ``key.account.spending`` and
    ``key.account.peer`` for what they count. The account itself is not counted among the comparable ones. The expected
    amount is the median of what those who buy the category spent on it in 12 months: the one in the middle, which a few
    large customers do not move. Categories are left out that the account never bought and too few others do.
    """
    _name = 'key.account.whitespace'
    _description = "White Space"
    _auto = False
    _order = 'potential desc, id'
    _rec_name = 'product_categ_id'

    account_id = fields.Many2one('key.account', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    product_categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    state = fields.Selection(
        selection=[('bought', "Bought"), ('lapsed', "Lapsed"), ('never', "Never bought")], string="Status", readonly=True)
    amount = fields.Monetary(string="Own Amount", readonly=True, help="In the last 12 months.")
    last_date = fields.Date(string="Last Bought", readonly=True)
    industry_id = fields.Many2one(
        'res.partner.industry', readonly=True, help="Compared with customers of this industry; empty: with those of the tier.")
    peer_count = fields.Integer(string="Comparable Customers", readonly=True, aggregator=None)
    buyer_count = fields.Integer(string="Buy It", readonly=True, aggregator=None, help="So many comparable customers buy it.")
    buyer_share = fields.Float(string="Share", readonly=True, aggregator='avg', help="Of comparable customers that buy it.")
    expected_amount = fields.Monetary(
        string="Usual Amount", readonly=True, help="Median of what comparable customers that buy it spend in a year.")
    potential = fields.Monetary(readonly=True, help="What is missing to the usual amount.")
    verdict_id = fields.Many2one('key.account.whitespace.verdict', string="Decision", readonly=True)
    verdict = fields.Selection(
        selection=[('not_relevant', "Not relevant"), ('opportunity', "Opportunity")], readonly=True)
    reason = fields.Char(readonly=True)
    lead_id = fields.Many2one('crm.lead', string="In CRM", readonly=True)

    _depends = {
        'key.account': ['active', 'company_id', 'currency_id', 'partner_id', 'tier_id', 'user_id'],
        'key.account.spending': ['account_id', 'product_categ_id', 'amount', 'last_date'],
        'key.account.peer': ['company_id', 'peer_group', 'product_categ_id', 'customer_count', 'buyer_count', 'amount'],
        'key.account.whitespace.verdict': ['account_id', 'product_categ_id', 'verdict', 'reason', 'lead_id'],
        'res.company': ['key_account_peer_buyers'],
        'res.partner': ['industry_id'],
    }

    @api.model
    def _search(self, domain, *args, **kwargs):
        """An id tells the account, by which PostgreSQL finds a row without computing all others."""
        return super()._search(Domain(domain).map_conditions(self._add_account), *args, **kwargs)

    @api.model
    def _add_account(self, condition):
        if condition.field_expr != 'id' or condition.operator not in ('=', 'in'):
            return condition
        ids = [condition.value] if condition.operator == '=' else condition.value
        return condition & Domain('account_id', 'in', {id_ // CATEGORIES for id_ in ids if id_})

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        """The account comes first and what it is joined with is looked up for it, so that few accounts cost little."""
        return SQL(
            """
            SELECT account.id::bigint * %(categories)s + item.product_categ_id AS id, account.id AS account_id,
                   account.company_id, account.currency_id, account.tier_id, account.user_id, item.product_categ_id,
                   CASE WHEN item.amount > 0 THEN 'bought' WHEN item.is_known THEN 'lapsed' ELSE 'never' END AS state,
                   item.amount, item.last_date, large.industry_id, item.peer_count, item.buyer_count,
                   item.buyer_count::float8 / NULLIF(item.peer_count, 0) AS buyer_share, item.expected_amount,
                   GREATEST(item.expected_amount - item.amount, 0) AS potential,
                   verdict.id AS verdict_id, verdict.verdict, verdict.reason, verdict.lead_id
              FROM key_account account
              JOIN res_company company ON company.id = account.company_id
              JOIN res_partner partner ON partner.id = account.partner_id
         LEFT JOIN (SELECT DISTINCT company_id, industry_id FROM key_account_peer WHERE industry_id IS NOT NULL) large
                ON large.company_id = account.company_id AND large.industry_id = partner.industry_id
        CROSS JOIN LATERAL (%(items)s) item
         LEFT JOIN key_account_whitespace_verdict verdict
                ON verdict.account_id = account.id AND verdict.product_categ_id = item.product_categ_id
             WHERE account.active AND (item.is_known OR item.buyer_count >= company.key_account_peer_buyers)
            """, categories=CATEGORIES, items=self._items_sql())

    @api.model
    def _items_sql(self):
        """Categories of one account: those it buys, and those of its group, without itself."""
        return SQL(
            """
            SELECT product_categ_id, MAX(amount) AS amount, MAX(last_date) AS last_date, BOOL_OR(is_own) AS is_known,
                   GREATEST(COALESCE(MAX(customer_count), 0)
                            - CASE WHEN BOOL_OR(MAX(amount) > 0) OVER () THEN 1 ELSE 0 END, 0) AS peer_count,
                   COALESCE(MAX(buyers), 0) - CASE WHEN MAX(buyers) > 0 AND MAX(amount) > 0 THEN 1 ELSE 0 END AS buyer_count,
                   COALESCE(MAX(usual), 0) AS expected_amount
              FROM (SELECT spending.product_categ_id, spending.amount, spending.last_date, TRUE AS is_own,
                           NULL::integer AS customer_count, NULL::integer AS buyers, NULL::numeric AS usual
                      FROM key_account_spending spending
                     WHERE spending.account_id = account.id
                     UNION ALL
                    SELECT peer.product_categ_id, 0, NULL, FALSE, peer.customer_count, peer.buyer_count, peer.amount
                      FROM key_account_peer peer
                     WHERE peer.company_id = account.company_id
                       AND peer.peer_group = COALESCE(
                           'industry:' || large.industry_id, 'tier:' || COALESCE(account.tier_id, 0))) part
          GROUP BY product_categ_id
            """)

    # ------------------------------------------------------------
    # What people make of it
    # ------------------------------------------------------------

    def action_make_opportunity(self):
        """Open the opportunity of this category, which is made with the first click."""
        self.ensure_one()
        verdict = self.verdict_id
        if not verdict.lead_id:
            decided = {'verdict': 'opportunity', 'lead_id': self.env['crm.lead'].create(self._prepare_lead()).id}
            if verdict:
                verdict.write(decided)
            else:
                verdict = verdict.create({**self._prepare_verdict(), **decided})
        return verdict.lead_id.get_formview_action()

    def _prepare_verdict(self):
        return {'account_id': self.account_id.id, 'product_categ_id': self.product_categ_id.id}

    def _prepare_lead(self):
        customer = self.account_id.partner_id
        return {
            'name': self.env._("%(category)s for %(customer)s", category=self.product_categ_id.name, customer=customer.name),
            'type': 'opportunity',
            'partner_id': customer.id,
            'company_id': self.company_id.id,
            'expected_revenue': self.potential,
            'description': self.env._(
                "%(buyers)s of %(peers)s comparable customers buy it.", buyers=self.buyer_count, peers=self.peer_count),
        }

    def action_decide(self):
        """Open the verdict in a dialog, where nothing is chosen yet: else closing the browser would decide."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Is It Relevant?"),
            'res_model': 'key.account.whitespace.verdict',
            'res_id': self.verdict_id.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {
                'default_verdict': False, **{f'default_{name}': value for name, value in self._prepare_verdict().items()}},
        }

    def action_forget(self):
        """Take the verdict back; an opportunity in CRM stays."""
        self.verdict_id.unlink()

    def action_open_sales(self):
        """Open what the account bought of this category."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_sale'),
            'domain': [('account_id', '=', self.account_id.id), ('product_categ_id', '=', self.product_categ_id.id)],
            'context': {},
        }
