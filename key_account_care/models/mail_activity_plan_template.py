from odoo import fields, models


class MailActivityPlanTemplate(models.Model):
    """An activity of a plan for accounts can be for the key account manager or for the executive sponsor."""
    _inherit = 'mail.activity.plan.template'

    responsible_type = fields.Selection(
        selection_add=[
            ('key_account_manager', "Key account manager"),
            ('key_account_sponsor', "Executive sponsor"),
        ], ondelete={'key_account_manager': 'cascade', 'key_account_sponsor': 'cascade'})

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        responsible_of = {'key_account_manager': 'user_id', 'key_account_sponsor': 'sponsor_id'}
        field_name = responsible_of.get(self.responsible_type)
        if not field_name or applied_on_record._name != 'key.account':
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        # without a sponsor the key account manager does it
        responsible = applied_on_record[field_name] or applied_on_record.user_id
        error = False if responsible else self.env._(
            "%(account)s has no key account manager. Choose one on the account first.",
            account=applied_on_record.display_name)
        return {'responsible': responsible, 'error': error, 'warning': False}
