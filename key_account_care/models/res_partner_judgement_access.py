from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .res_partner_judgement import GUARDED


class ResPartner(models.Model):
    """What is judged about the people of a customer is for those who may see its account, or everybody of ours without one.

    Others read nothing, find nothing by it and change nothing, though they may see the contact itself.
    """
    _inherit = 'res.partner'

    def _is_guarded(self, name):
        field = self._fields.get(name)
        return field is not None and field.groups == GUARDED['groups'] and field.name != 'key_account_ids'

    @api.model
    def _sees_judgements_sql(self, alias):
        """:return: SQL of whether the user may see an account of the customer of a contact, or there is none"""
        customer = SQL.identifier(alias, 'commercial_partner_id')
        seen = self.env['key.account'].with_context(active_test=False)._search([])
        seen.add_where(SQL("%s = %s", SQL.identifier(seen.table, 'partner_id'), customer))
        return SQL(
            "(EXISTS (%s) OR NOT EXISTS (SELECT FROM key_account WHERE partner_id = %s))", seen.select(SQL("1")), customer)

    def _field_to_sql(self, alias, field_expr, query=None):
        sql = super()._field_to_sql(alias, field_expr, query)
        name = field_expr.partition('.')[0]
        if self.env.su or not self._is_guarded(name) or not self._fields[name].column_type:
            return sql
        return SQL("(CASE WHEN %s THEN %s END)", self._sees_judgements_sql(alias), sql)

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Odoo looks for those above and below somebody as superuser: keep those whose judgements the user may see."""
        domain = Domain(domain)
        if not self.env.su and any(map(self._is_hierarchy_guarded, domain.iter_conditions())):
            domain = domain.map_conditions(self._guard_hierarchy)
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _is_hierarchy_guarded(self, condition):
        return condition.operator in ('child_of', 'parent_of') and self._is_guarded(condition.field_expr)

    @api.model
    def _guard_hierarchy(self, condition):
        if not self._is_hierarchy_guarded(condition):
            return condition
        return condition & Domain.custom(to_sql=lambda model, alias, query: model._sees_judgements_sql(alias))

    def _filter_judgements_seen(self):
        """:return: those of these contacts whose judgements the user may see"""
        if self.env.su:
            return self
        query = self.sudo().with_context(active_test=False)._search([('id', 'in', self.ids)])  # sudo: only ids are taken
        query.add_where(self._sees_judgements_sql(query.table))
        return self.browse(query.get_result_ids())

    def write(self, vals):
        """:raise AccessError: when something is judged about people of a customer whose account the user may not see"""
        if any(map(self._is_guarded, vals)) and self - self._filter_judgements_seen():
            raise AccessError(self.env._("Only who may see the account of a customer judges its people."))
        return super().write(vals)
