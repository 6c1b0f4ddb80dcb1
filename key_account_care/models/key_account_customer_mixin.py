from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class KeyAccountCustomerMixin(models.AbstractModel):
    """Gives a document the account and tier of its customer, to read, search and group by.

    Nothing is stored on the document: the tier is that of today, and Odoo's own rows stay as they are. The tier is a
    label that everybody who may read the document sees; the account itself stays protected by its own rules.
    """
    _name = 'key.account.customer.mixin'
    _description = "Document of a Key Account"

    # path to the commercial partner, and the company of the document (empty: the current company)
    _key_account_customer_path = 'partner_id.commercial_partner_id'
    _key_account_company_field = 'company_id'

    key_account_id = fields.Many2one(
        'key.account', string="Account", compute='_compute_key_account_id', search='_search_key_account_id',
        compute_sudo=True, groups='base.group_user')
    key_account_tier_id = fields.Many2one(
        'key.account.tier', string="Customer Tier", compute='_compute_key_account_id',
        search='_search_key_account_tier_id', compute_sudo=True, groups='base.group_user')
    key_account_tier_color = fields.Integer(
        related='key_account_tier_id.color', string="Tier Color", groups='base.group_user')

    @api.depends(lambda self: [self._key_account_customer_path])
    @api.depends_context('company')
    def _compute_key_account_id(self):
        customers = self.mapped(self._key_account_customer_path)._origin
        accounts = {
            (account.partner_id, account.company_id): account
            for account in self.env['key.account'].search([('partner_id', 'in', customers.ids)])
        }
        for record in self:
            customer = record.mapped(self._key_account_customer_path)._origin
            company = record._get_key_account_company()
            record.key_account_id = accounts.get((customer, company))
            record.key_account_tier_id = record.key_account_id.tier_id

    def _get_key_account_company(self):
        return (self._key_account_company_field and self[self._key_account_company_field]) or self.env.company

    # ------------------------------------------------------------
    # Search and group by: one SQL expression for both
    # ------------------------------------------------------------

    @api.model
    def _search_key_account_id(self, operator, value):
        return self._search_on_key_account('key_account_id', operator, value)

    @api.model
    def _search_key_account_tier_id(self, operator, value):
        return self._search_on_key_account('key_account_tier_id', operator, value)

    @api.model
    def _search_on_key_account(self, field_name, operator, value):
        comodel = self.env[self._fields[field_name].comodel_name]
        if operator == 'in' and not any(isinstance(item, str) for item in value):
            found, or_none = tuple(filter(None, value)) or (None,), not all(value)
        elif operator == 'in':
            found, or_none = comodel._search([('display_name', 'in', value)]).subselect(), False
        elif operator == 'any':
            found, or_none = comodel._search(value).subselect(), False
        elif operator.endswith('like') and not operator.startswith('not'):
            found, or_none = comodel._search([('display_name', operator, value)]).subselect(), False
        else:
            return NotImplemented

        def to_sql(model, alias, query):
            column = model._field_to_sql(alias, field_name, query)
            return SQL("(%s IN %s OR (%s AND %s IS NULL))", column, found, or_none, column)

        return Domain.custom(to_sql=to_sql)

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in ('key_account_id', 'key_account_tier_id') or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], 'read')
        account = self._join_key_account(alias, query)
        return SQL.identifier(account, 'id' if field_expr == 'key_account_id' else 'tier_id')

    def _join_key_account(self, alias, query):
        """Join the account of the customer to ``query``.

        :return: alias of the joined table
        """
        *path, customer_field = self._key_account_customer_path.split('.')
        model, customer_alias = self, alias
        for name in path:
            model, customer_alias = model._fields[name].join(model, customer_alias, query)
        company = SQL("%s", self.env.company.id)
        if self._key_account_company_field:
            company = SQL("COALESCE(%s, %s)", SQL.identifier(alias, self._key_account_company_field), company)
        account = query.make_alias(alias, 'key_account')
        query.add_join('LEFT JOIN', account, 'key_account', SQL(
            "%s = %s AND %s = %s AND %s",
            SQL.identifier(account, 'partner_id'), SQL.identifier(customer_alias, customer_field),
            SQL.identifier(account, 'company_id'), company, SQL.identifier(account, 'active')))
        return account
