from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

# Customers in the portal read their own colleagues: not this. A copy is another person. Read apart from the contact, as
# it takes a look at the account, see res_partner_judgement_access
GUARDED = {'groups': 'key_account_care.group_user', 'copy': False, 'prefetch': 'key_account_judgement'}
JUDGEMENTS = ('role_ids', 'seniority', 'reports_to_id', 'stance', 'influence', 'area_id')  # each with a day of its own


class Judged:
    """Finds nobody among those whose judgements the user may not see."""

    def _condition_to_sql_relational(self, model, alias, exists, coquery, query):
        sql = super()._condition_to_sql_relational(model, alias, exists, coquery, query)
        return sql if model.env.su else SQL("(%s AND %s)", model._sees_judgements_sql(alias), sql)


class JudgedOne2many(Judged, fields.One2many):
    """The other side of a judgement; what it reads is found by that."""


class JudgedMany2many(Judged, fields.Many2many):
    """Reads nothing about those whose judgements the user may not see, either."""

    def read(self, records):  # pylint: disable=missing-return
        super().read(records)
        self._update_cache(records - records._filter_judgements_seen(), ())


class ResPartner(models.Model):
    """What people judge about a contact, and no machine knows: its role, level, attitude and weight."""
    _inherit = 'res.partner'

    key_account_role_ids = JudgedMany2many(
        'key.account.buying.role', 'key_account_contact_role_rel', 'partner_id', 'role_id', string="Buying Roles",
        help="The parts this person plays when the customer buys.", **GUARDED)
    key_account_seniority = fields.Selection(
        selection=[
            ('5', "Executive"), ('4', "Director"), ('3', "Manager"), ('2', "Specialist"), ('1', "Staff")],
        string="Seniority", **GUARDED)
    key_account_reports_to_id = fields.Many2one(
        'res.partner', string="Reports to", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', commercial_partner_id), ('is_company', '=', False), ('id', '!=', id)]",
        **GUARDED)
    key_account_report_ids = JudgedOne2many(
        'res.partner', 'key_account_reports_to_id', string="Direct Reports", **GUARDED)
    key_account_stance = fields.Selection(
        selection=[
            ('champion', "Champion"), ('supporter', "Supporter"), ('neutral', "Neutral"), ('critic', "Critic"),
            ('opponent', "Opponent")], string="Stance", help="Towards us.", **GUARDED)
    key_account_influence = fields.Selection(
        selection=[('3', "Decides"), ('2', "High"), ('1', "Some"), ('0', "None")], string="Influence",
        help="On what the customer buys.", **GUARDED)
    key_account_area_id = fields.Many2one(
        'key.account.area', string="Area of Responsibility", index='btree_not_null', ondelete='restrict', **GUARDED)
    key_account_is_placeholder = fields.Boolean(
        string="Not Met Yet", help="Somebody who must exist, such as the head of purchasing, but whom we do not know yet.",
        **GUARDED)
    key_account_left_on = fields.Date(
        string="Left the Company on", help="Since then this person does not count.", **GUARDED)
    key_account_successor_id = fields.Many2one(
        'res.partner', string="Successor", index='btree_not_null', ondelete='set null',
        domain="[('commercial_partner_id', '=', commercial_partner_id), ('is_company', '=', False), ('id', '!=', id)]",
        **GUARDED)

    key_account_role_ids_confirmed_on = fields.Date(string="Buying Roles Confirmed", readonly=True, **GUARDED)
    key_account_seniority_confirmed_on = fields.Date(string="Seniority Confirmed", readonly=True, **GUARDED)
    key_account_reports_to_id_confirmed_on = fields.Date(string="Reports to Confirmed", readonly=True, **GUARDED)
    key_account_stance_confirmed_on = fields.Date(string="Stance Confirmed", readonly=True, **GUARDED)
    key_account_influence_confirmed_on = fields.Date(string="Influence Confirmed", readonly=True, **GUARDED)
    key_account_area_id_confirmed_on = fields.Date(string="Area Confirmed", readonly=True, **GUARDED)
    key_account_data_confirmed_on = fields.Date(
        string="Data Confirmed", readonly=True, **GUARDED,
        help="When somebody last said that all that is known here is still true.")
    key_account_confirmed_on = fields.Date(
        string="Last Confirmed", compute='_compute_key_account_confirmed_on', store=True,
        help="The judgement that was confirmed longest ago.", **GUARDED)

    @api.depends(lambda self: [f'key_account_{name}_confirmed_on' for name in JUDGEMENTS])
    def _compute_key_account_confirmed_on(self):
        for contact in self:
            days = [contact[f'key_account_{name}_confirmed_on'] for name in contact._get_judgements()]
            contact.key_account_confirmed_on = min(days) if days and all(days) else False

    def _get_judgements(self):
        """:return: names of the judgements that somebody has made about this contact"""
        self.ensure_one()
        return [name for name in JUDGEMENTS if self[f'key_account_{name}']]

    @api.constrains('key_account_reports_to_id')
    def _check_reports_to(self):
        if self._has_cycle('key_account_reports_to_id'):
            raise ValidationError(self.env._("Nobody reports to themselves, neither directly nor through others."))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**self._prepare_confirmed(vals), **vals} for vals in vals_list])

    def write(self, vals):
        """A judgement that is made or changed is confirmed by that."""
        return super().write({**self._prepare_confirmed(vals), **vals})

    @api.model
    def _prepare_confirmed(self, vals):
        today = fields.Date.context_today(self)
        return {
            f'key_account_{name}_confirmed_on': today if vals[f'key_account_{name}'] else False
            for name in JUDGEMENTS if f'key_account_{name}' in vals}

    def action_key_account_still_true(self):
        """Confirm all that is known and judged about these contacts."""
        today = fields.Date.context_today(self)
        for contact in self:
            contact.write({
                'key_account_data_confirmed_on': today,
                **{f'key_account_{name}_confirmed_on': today for name in contact._get_judgements()}})

    def _leave_own_circle(self):
        """People who are to become one do not report to one another, neither directly nor through others."""
        for person in self:
            above, seen = person.key_account_reports_to_id, self.browse()
            while above and above not in self and above not in seen:
                seen |= above
                above = above.key_account_reports_to_id
            if above in self:
                person.key_account_reports_to_id = False
            if person.key_account_successor_id in self:
                person.key_account_successor_id = False
