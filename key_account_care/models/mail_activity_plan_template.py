from odoo import fields, models


class MailActivityPlanTemplate(models.Model):
    """An activity of a plan for accounts can be for the key account manager, the one before, or the executive sponsor."""
    _inherit = 'mail.activity.plan.template'

    responsible_type = fields.Selection(
        selection_add=[
            ('key_account_manager', "Key account manager"),
            ('key_account_sponsor', "Executive sponsor"),
            ('key_account_previous', "Previous key account manager"),
        ], ondelete={
            'key_account_manager': 'cascade', 'key_account_sponsor': 'cascade', 'key_account_previous': 'cascade'})

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if applied_on_record._name != 'key.account' or not (self.responsible_type or '').startswith('key_account_'):
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        account = applied_on_record
        people = {
            'key_account_sponsor': account.sponsor_id, 'key_account_previous': account._get_manager_at_handover()}
        # where there is nobody else, the key account manager does it
        responsible = people.get(self.responsible_type) or account.user_id
        error = False if responsible else self.env._(
            "%(account)s has no key account manager. Choose one on the account first.",
            account=applied_on_record.display_name)
        return {'responsible': responsible, 'error': error, 'warning': False}
