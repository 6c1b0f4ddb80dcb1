from odoo import api, fields, models
from odoo.tools import SQL, format_date

PARTNERS = 2 ** 24  # ids of partners are below
GAPS = ('no_manager', 'no_sponsor', 'no_email', 'no_role', 'no_seniority', 'is_unconfirmed')


class KeyAccountDataCheck(models.Model):
    """A contact or customer of whom something is missing, or unconfirmed for longer than the tier's policy allows.

    Roles and seniority are asked of the people of key accounts, the rest of every account whose policy says how often
    its data has to be confirmed. Who was never confirmed counts from the day since which Odoo has known them.
    """
    _name = 'key.account.data.check'
    _description = "Data to Check"
    _auto = False
    _order = 'rank, is_contact, id'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', string="Contact or Customer", readonly=True)
    is_contact = fields.Boolean(readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    rank = fields.Integer(readonly=True, aggregator=None)
    no_manager = fields.Boolean(string="No Key Account Manager", readonly=True)
    no_sponsor = fields.Boolean(string="No Executive Sponsor", readonly=True)
    no_email = fields.Boolean(string="No Mail Address", readonly=True)
    no_role = fields.Boolean(string="No Buying Role", readonly=True)
    no_seniority = fields.Boolean(readonly=True)
    is_unconfirmed = fields.Boolean(string="Unconfirmed", readonly=True)
    confirmed_on = fields.Date(string="Last Confirmed", readonly=True)
    left_sign = fields.Selection(
        selection=lambda self: self.env['res.partner']._fields['key_account_left_sign']._description_selection(self.env),
        string="Has Left?", readonly=True)
    problem = fields.Char(string="What to Do", compute='_compute_problem')

    _depends = {
        'key.account': ['partner_id', 'company_id', 'tier_id', 'user_id', 'sponsor_id', 'rank', 'active'],
        'key.account.tier': ['is_key', 'sponsor_required', 'data_check_months'],
        'res.partner': [
            'active', 'commercial_partner_id', 'email_normalized', 'is_company', 'type', 'key_account_role_ids',
            'key_account_seniority', 'key_account_confirmed_on', 'key_account_data_confirmed_on', 'key_account_left_on',
            'key_account_left_sign', 'key_account_is_placeholder'],
    }

    @api.depends(*GAPS, 'confirmed_on', 'left_sign')
    def _compute_problem(self):
        for check in self:
            check.problem = " ".join(check._get_problems())

    def _get_problems(self):
        """:return: list of sentences, what matters most first"""
        self.ensure_one()
        texts = {
            'no_manager': self.env._("Name a key account manager."), 'no_sponsor': self.env._("Name an executive sponsor."),
            'no_email': self.env._("Add a mail address."), 'no_role': self.env._("Add the buying roles."),
            'no_seniority': self.env._("Add the seniority."),
            'is_unconfirmed': self.env._(
                "Confirm it: last done on %(date)s.", date=format_date(self.env, self.confirmed_on),
            ) if self.confirmed_on else self.env._("Confirm it: never done so far.")}
        signs = {
            'bounce': self.env._("Mail comes back: has this person left?"),
            'silence': self.env._("Does not answer any more: has this person left?")}
        asked = [signs[self.left_sign]] if self.left_sign else []
        return asked + [text for name, text in texts.items() if self[name]]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_still_true(self):
        """Confirm all that is known about these contacts and customers."""
        self.partner_id.action_key_account_still_true()

    def action_has_left(self):
        """Ask since when, and for the successor."""
        return self.partner_id.action_key_account_has_left()

    def action_still_there(self):
        """Whatever speaks for it, they have not left."""
        self.partner_id.action_key_account_still_there()

    def action_open(self):
        """Open the contact, or the account of a customer."""
        self.ensure_one()
        record = self.partner_id if self.is_contact else self.account_id
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [(False, 'form')]}

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT item.*
              FROM (SELECT account.id::bigint * %(partners)s + person.id AS id, person.id AS partner_id, kind.is_contact,
                           account.id AS account_id, account.company_id, account.tier_id, account.user_id, account.rank,
                           %(gaps)s, fact.confirmed_on, person.key_account_left_sign AS left_sign
                      FROM key_account account
                      JOIN key_account_tier tier ON tier.id = account.tier_id
                      JOIN res_partner person ON person.commercial_partner_id = account.partner_id AND person.active
                           AND (person.id = account.partner_id OR person.type = 'contact' AND person.is_company IS NOT TRUE)
                CROSS JOIN LATERAL (SELECT person.id <> account.partner_id AS is_contact) kind
                CROSS JOIN LATERAL (SELECT LEAST(person.key_account_data_confirmed_on, person.key_account_confirmed_on)
                                           AS confirmed_on) fact
                     WHERE account.active AND (person.key_account_left_on IS NULL OR person.key_account_left_on > %(today)s)
                   ) item
             WHERE item.left_sign IS NOT NULL OR %(any_gap)s
            """,
            partners=PARTNERS, today=fields.Date.context_today(self), gaps=self._gaps_sql(),
            any_gap=SQL(" OR ").join(SQL.identifier('item', name) for name in GAPS))

    @api.model
    def _gaps_sql(self):
        conditions = {
            'no_manager': SQL("NOT kind.is_contact AND tier.is_key AND account.user_id IS NULL"),
            'no_sponsor': SQL("NOT kind.is_contact AND tier.sponsor_required AND account.sponsor_id IS NULL"),
            'no_email': SQL(
                """kind.is_contact AND tier.data_check_months > 0 AND person.key_account_is_placeholder IS NOT TRUE
                   AND COALESCE(person.email_normalized, '') = ''"""),
            'no_role': SQL(
                """kind.is_contact AND tier.is_key AND NOT EXISTS (
                       SELECT FROM key_account_contact_role_rel role WHERE role.partner_id = person.id)"""),
            'no_seniority': SQL("kind.is_contact AND tier.is_key AND person.key_account_seniority IS NULL"),
            'is_unconfirmed': SQL(
                """tier.data_check_months > 0 AND COALESCE(fact.confirmed_on, person.create_date::date)
                                                 + tier.data_check_months * INTERVAL '1 month' < %s""",
                fields.Date.context_today(self)),
        }
        return SQL(", ").join(SQL(
            "COALESCE(%s, FALSE) AS %s", condition, SQL.identifier(name)) for name, condition in conditions.items())
