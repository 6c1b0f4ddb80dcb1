from odoo import api, fields, models


class KeyAccountReviewType(models.Model):
    """A kind of formal meeting with a customer: how often it is due, what it is about, and who has to attend."""
    _name = 'key.account.review.type'
    _description = "Review Type"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', index='btree_not_null', help="Empty: the type is used by all companies.")
    cadence = fields.Selection(
        selection=[('tier', "As often as the tier asks for"), ('own', "Every so many months"), ('none', "Only by hand")],
        default='tier', required=True)
    months = fields.Integer(string="Every (Months)", default=12)
    tier_ids = fields.Many2many(
        'key.account.tier', 'key_account_review_type_tier_rel', 'type_id', 'tier_id', string="Only for Tiers",
        check_company=True, help="Empty: all tiers whose care policy asks for reviews.")
    duration = fields.Float(string="Duration (Hours)", default=1.5)
    agenda = fields.Text(translate=True, help="One point per line.")
    criteria = fields.Text(
        string="What Makes It a Good One", translate=True,
        help="One criterion per line. Each review has them as a list to tick off when it is closed.")
    role_ids = fields.Many2many(
        'key.account.buying.role', 'key_account_review_type_role_rel', 'type_id', 'role_id', string="Their Roles",
        help="Of the customer's people, whoever has one of these buying roles has to attend.")
    with_manager = fields.Boolean(string="Key Account Manager", default=True)
    with_sponsor = fields.Boolean(string="Executive Sponsor")
    with_team = fields.Boolean(string="Account Team")

    _months_positive = models.Constraint(
        "CHECK (cadence <> 'own' OR months > 0)", "A review is held every month at most. Choose “Only by hand” for never.")
    _duration_positive = models.Constraint('CHECK (duration > 0)', "A meeting takes some time.")

    def _get_months(self, tier):
        """:return: int, the months from one review to the next at an account of this tier; 0 for none"""
        self.ensure_one()
        wanted = tier in self.tier_ids if self.tier_ids else bool(tier.review_months)
        if not wanted or self.cadence == 'none':
            return 0
        return self.months if self.cadence == 'own' else tier.review_months

    def _get_agenda(self):
        """:return: list of str, the points that are always talked about"""
        return self._get_lines(self.agenda)

    def _get_criteria(self):
        """:return: list of str, by what such a review is judged"""
        return self._get_lines(self.criteria)

    @api.model
    def _get_lines(self, text):
        return [line.strip() for line in (text or '').splitlines() if line.strip()]
