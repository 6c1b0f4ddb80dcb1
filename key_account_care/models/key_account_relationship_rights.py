from odoo import api, models
from odoo.exceptions import UserError


class KeyAccountRelationship(models.Model):
    """People judge relationships, and begin one by that. What is counted, and whose it is, is not for them."""
    _inherit = 'key.account.relationship'

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when people would count, or begin a relationship with somebody of another customer"""
        if not self.env.su:
            for vals in vals_list:
                self._check_judged_only(vals.keys() - {'account_id'})
        relationships = super().create(vals_list)
        if not self.env.su:
            relationships._check_people()
        return relationships

    def write(self, vals):
        """:raise UserError: when people would count, or give a relationship to others"""
        if not self.env.su:
            self._check_judged_only(vals.keys())
            if {'user_id', 'partner_id'} & vals.keys():
                raise UserError(self.env._("A relationship stays with its two people. Begin another one instead."))
        return super().write(vals)

    @api.model
    def _check_judged_only(self, names):
        if any(name in self._fields and self._fields[name].readonly for name in names):
            raise UserError(self.env._("What the night counts, nobody types. Add your own assessment instead."))

    def _check_people(self):
        for relationship in self:
            customer, person = relationship.account_id.partner_id, relationship.partner_id
            if person.commercial_partner_id != customer or person == customer or relationship.user_id.share:
                raise UserError(self.env._(
                    "A relationship is between one of us and one of the people of %(customer)s.", customer=customer.name))
