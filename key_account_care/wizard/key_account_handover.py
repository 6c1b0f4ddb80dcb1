from odoo import api, fields, models


class KeyAccountHandover(models.TransientModel):
    """Hands accounts over to another key account manager: work, relationships, introductions and a checklist."""
    _name = 'key.account.handover'
    _description = "Hand Over"

    account_ids = fields.Many2many('key.account', string="Accounts", required=True)
    user_id = fields.Many2one(
        'res.users', string="New Manager", required=True, domain="[('share', '=', False)]",
        compute='_compute_user_id', store=True, readonly=False, precompute=True)
    deadline = fields.Date(
        string="Introduce until", required=True, default=lambda self: fields.Date.add(
            fields.Date.context_today(self), days=30))
    plan_id = fields.Many2one(
        'mail.activity.plan', string="Checklist", domain="[('res_model', '=', 'key.account')]",
        default=lambda self: self.env.ref('key_account_care.plan_handover', raise_if_not_found=False))
    keeps_serving = fields.Boolean(
        string="Previous Manager Stays in the Team", default=True,
        help="Until everybody is introduced. Else colleagues who know the customer's people introduce the new manager.")
    summary = fields.Text(compute='_compute_summary')

    @api.depends('account_ids')
    def _compute_user_id(self):
        """Who is the manager already, after a change that is not handed over yet."""
        for wizard in self:
            open_ones = wizard.account_ids.filtered(lambda account: account._get_predecessor() != account.user_id)
            wizard.user_id = open_ones.user_id if len(open_ones.user_id) == 1 else False

    @api.depends('account_ids', 'user_id')
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = "\n".join(wizard._get_summary()) if wizard.user_id else False

    def _get_summary(self):
        """:return: list of lines with what will happen"""
        accounts = self.account_ids._origin._get_accounts_to_hand_over(self.user_id)
        relationships = accounts._get_relationships_to_pass_on()
        agreements, activities = accounts._get_open_work()
        sentences = [
            self.env._("Accounts that are handed over: %(count)s", count=len(accounts)),
            self.env._("Agreements and activities that go to %(manager)s: %(agreements)s and %(activities)s",
                       manager=self.user_id.name, agreements=len(agreements), activities=len(activities)),
            self.env._("Relationships that %(manager)s takes over: %(count)s", manager=self.user_id.name,
                       count=len(relationships)),
            self.env._("Introductions that are planned: %(count)s",
                       count=len(relationships._get_to_introduce(self.user_id)))]
        done = len(self.account_ids) - len(accounts)
        return sentences + [self.env._("Accounts with nothing to hand over: %(count)s", count=done)] * bool(done)

    def action_apply(self):
        """Hand the accounts over."""
        self.ensure_one()
        accounts = self.account_ids
        accounts._hand_over(self.user_id, self.deadline, self.plan_id, self.keeps_serving)
        if accounts._filtered_access('read') == accounts:
            return {'type': 'ir.actions.client', 'tag': 'soft_reload'}
        return self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account')
