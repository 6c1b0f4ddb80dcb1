from odoo import api, fields, models
from odoo.tools import SQL

IN_CONTACT = 10  # strength from which two people are in contact
ONE_THREAD = 0.8  # share of all strength that one person holds


class KeyAccount(models.Model):
    """Who knows whom at a customer, held against what the tier asks for, and whether it hangs on one thread."""
    _inherit = 'key.account'

    relationship_ids = fields.One2many('key.account.relationship', 'account_id', string="Relationships")

    # Filled by the nightly run
    people_ours = fields.Integer(
        string="Our People in Contact", readonly=True, aggregator='avg')
    people_theirs = fields.Integer(
        string="Their People in Contact", readonly=True, aggregator='avg')
    people_seniority = fields.Selection(
        selection=lambda self: self.env['res.partner']._fields['key_account_seniority']._description_selection(self.env),
        string="Highest Level Reached", readonly=True)
    top_ours_share = fields.Float(
        string="Held by One of Ours", readonly=True, aggregator='avg',
        help="Share of all strength that one of our people holds. Who is on leave or has left holds nothing; while nobody "
             "else is here, the account hangs on them.")
    top_theirs_share = fields.Float(
        string="Held by One of Theirs", readonly=True, aggregator='avg',
        help="Share of all strength that rests on one of their people.")
    thread = fields.Selection(
        selection=[('none', "Nobody"), ('both', "One on either side"), ('ours', "One of ours"), ('theirs', "One of theirs"),
                   ('several', "Several people")],
        string="Hangs on", readonly=True)
    revenue_at_stake = fields.Monetary(
        readonly=True, help="Revenue of 12 months times the share of all strength that the one person holds.")

    missing_role_ids = fields.Many2many(
        'key.account.buying.role', string="Missing Buying Roles", compute='_compute_people_gaps',
        help="Roles that the tier requires and that nobody has with whom we are in contact.")
    missing_area_ids = fields.Many2many(
        'key.account.area', string="Areas without Contact", compute='_compute_people_gaps')
    people_gaps = fields.Text(string="Gaps", compute='_compute_people_gaps')

    @api.depends('tier_id', 'sponsor_id', 'people_ours', 'people_theirs', 'thread', 'relationship_ids.strength')
    def _compute_people_gaps(self):
        """What the care policy of the tier asks for and is not there."""
        people = self._get_people()
        reached = self._get_people_in_contact()
        for account in self:
            known, contacts = people.get(account, self.env['res.partner']), reached.get(account, self.env['res.partner'])
            account.missing_role_ids = account.tier_id.required_role_ids - contacts.key_account_role_ids
            account.missing_area_ids = known.key_account_area_id - contacts.key_account_area_id
            account.people_gaps = "\n".join(account._get_people_gaps())

    def _get_people(self):
        """:return: dict of the customer's people who are known and have not left, by account"""
        today = fields.Date.context_today(self)
        people = self.env['res.partner'].search([
            ('commercial_partner_id', 'in', self.partner_id.ids), ('is_company', '=', False), ('type', '=', 'contact'),
            '|', ('key_account_left_on', '=', False), ('key_account_left_on', '>', today)])
        by_customer = people.grouped('commercial_partner_id')
        return {account: by_customer[account.partner_id] for account in self if account.partner_id in by_customer}

    def _get_people_in_contact(self):
        """:return: dict of those with whom somebody of ours is in contact, by account"""
        today = fields.Date.context_today(self)
        rows = self.env['key.account.relationship']._read_group([
            ('account_id', 'in', self.ids), ('strength', '>=', IN_CONTACT), ('user_id.active', '=', True),
            ('partner_id.active', '=', True),
            '|', ('partner_id.key_account_left_on', '=', False), ('partner_id.key_account_left_on', '>', today),
        ], ['account_id'], ['partner_id:recordset'])
        return dict(rows)

    def _get_people_gaps(self):
        """:return: list of sentences"""
        self.ensure_one()
        tier, gaps = self.tier_id, []
        if self.people_theirs < tier.min_their_contacts:
            gaps.append(self.env._(
                "%(count)s of their people in contact, %(goal)s are asked for.", count=self.people_theirs,
                goal=tier.min_their_contacts))
        if self.people_ours < tier.min_our_contacts:
            gaps.append(self.env._(
                "%(count)s of our people in contact, %(goal)s are asked for.", count=self.people_ours,
                goal=tier.min_our_contacts))
        if self.missing_role_ids:
            gaps.append(self.env._("Nobody known as: %(roles)s.", roles=", ".join(self.missing_role_ids.mapped('name'))))
        if self.missing_area_ids:
            gaps.append(self.env._("No contact in: %(areas)s.", areas=", ".join(self.missing_area_ids.mapped('name'))))
        if tier.sponsor_required and not self.sponsor_id:
            gaps.append(self.env._("No executive sponsor of ours."))
        if self.thread in ('ours', 'both'):
            gaps.append(" ".join(filter(None, (
                self.env._("On our side one person holds nearly everything."), self.away_note))))
        if self.thread in ('theirs', 'both'):
            gaps.append(self.env._("On their side everything rests on one person."))
        return gaps

    def action_open_relationships(self):
        """Open all relationships with this customer."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_relationship'),
            'domain': [('account_id', '=', self.id)],
            'context': {'default_account_id': self.id},
        }

    def action_open_org_chart(self):
        """Open who reports to whom at this customer. Who has left is in it only while others report to that person."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_org_chart'),
            'domain': [
                ('commercial_partner_id', '=', self.partner_id.id), ('is_company', '=', False), ('type', '=', 'contact'),
                '|', '|', ('key_account_left_on', '=', False), ('key_account_left_on', '>', today),
                ('key_account_report_ids', '!=', False)],
            'context': {'default_parent_id': self.partner_id.id},
        }

    # ------------------------------------------------------------
    # Nightly
    # ------------------------------------------------------------

    @api.model
    def _refresh_people(self, company, today, accounts):
        """Count the people in contact of each account, how much hangs on one of them, and how much revenue with it.

        Who has left, or is archived, holds nothing. Our people on leave are in contact, but hold nothing for the time being.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        self._store_columns(SQL(
            """
            WITH judged AS (
                SELECT counted.*, CASE WHEN NOT known THEN 'none'
                                       WHEN top_ours_share >= %(thread)s AND top_theirs_share >= %(thread)s THEN 'both'
                                       WHEN top_ours_share >= %(thread)s THEN 'ours'
                                       WHEN top_theirs_share >= %(thread)s THEN 'theirs' ELSE 'several' END AS thread
                  FROM (%(counted)s) counted
            )
            SELECT judged.*,
                   CASE WHEN thread IN ('none', 'several') THEN 0
                        ELSE ROUND((GREATEST(revenue, 0) * GREATEST(top_ours_share, top_theirs_share))::numeric, 2)
                    END AS revenue_at_stake
              FROM judged
            """, counted=self._people_sql(company, today, accounts), thread=ONE_THREAD), (
            'people_ours', 'people_theirs', 'people_seniority', 'top_ours_share', 'top_theirs_share', 'thread',
            'revenue_at_stake'))

    @api.model
    def _people_sql(self, company, today, accounts):
        """Per account: people in contact on both sides, highest level, and the share that the strongest of each holds."""
        return SQL(
            """
            WITH away AS (%(away)s), pair AS (%(pairs)s), side AS (
                SELECT account_id, 'ours' AS side, here AS counts, SUM(strength) AS strength
                  FROM pair GROUP BY account_id, user_id, here
                 UNION ALL
                SELECT account_id, 'theirs', TRUE, SUM(strength) FROM pair WHERE works GROUP BY account_id, partner_id
            ), share AS (
                SELECT account_id,
                       COALESCE(MAX(strength) FILTER (WHERE side = 'ours' AND counts)
                                / SUM(strength) FILTER (WHERE side = 'ours' AND counts)::float8, 1) AS ours,
                       MAX(strength) FILTER (WHERE side = 'theirs')
                       / SUM(strength) FILTER (WHERE side = 'theirs')::float8 AS theirs
                  FROM side GROUP BY account_id
            ), reached AS (
                SELECT account_id, COUNT(DISTINCT user_id) FILTER (WHERE works)::integer AS ours,
                       COUNT(DISTINCT partner_id) FILTER (WHERE works)::integer AS theirs,
                       MAX(seniority) FILTER (WHERE works) AS seniority
                  FROM pair WHERE strength >= %(in_contact)s GROUP BY account_id
            )
            SELECT account.id, account.revenue, reached.account_id IS NOT NULL AS known,
                   COALESCE(reached.ours, 0) AS people_ours, COALESCE(reached.theirs, 0) AS people_theirs,
                   reached.seniority AS people_seniority, COALESCE(share.ours, 0) AS top_ours_share,
                   COALESCE(share.theirs, 0) AS top_theirs_share
              FROM key_account account
         LEFT JOIN reached ON reached.account_id = account.id
         LEFT JOIN share ON share.account_id = account.id
             WHERE %(scope)s
            """, scope=accounts._get_scope(company), in_contact=IN_CONTACT, away=self._away_sql(today),
            pairs=self._pairs_sql(today, accounts._get_scope(company)))

    @api.model
    def _pairs_sql(self, today, scope):
        """Who exchanges with whom of those who are still there; whether our person works here, and is here today."""
        return SQL(
            """
               SELECT relationship.account_id, relationship.user_id, relationship.partner_id, relationship.strength,
                      person.key_account_seniority AS seniority, employee.active AS works,
                      employee.active AND away.user_id IS NULL AS here
                 FROM key_account_relationship relationship
                 JOIN key_account account ON account.id = relationship.account_id
                 JOIN res_users employee ON employee.id = relationship.user_id
            LEFT JOIN away ON away.user_id = relationship.user_id
                 JOIN res_partner person ON person.id = relationship.partner_id AND person.active
                      AND (person.key_account_left_on IS NULL OR person.key_account_left_on > %(today)s)
                WHERE %(scope)s AND relationship.strength > 0
            """, today=today, scope=scope)
