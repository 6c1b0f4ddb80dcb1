from odoo import api, fields, models
from odoo.tools import SQL

DATED = ('review', 'contact', 'satisfaction', 'data_check')
COUNTED = ('people_theirs', 'people_ours', 'sponsor')
KINDS = DATED + COUNTED  # the place of a kind is part of the id of its rows


class KeyAccountDuty(models.Model):
    """What the care policy of its tier promises an account: one row for each obligation, and whether we keep it.

    Meetings, contacts, questions and checks are due so long after they were last done, or after the account has entered
    its tier; people and the sponsor have to be there all the time. What is due has not been done since, so it is kept
    until its day is over.
    """
    _name = 'key.account.duty'
    _description = "Duty"
    _auto = False
    _order = 'kept, due_date, id'
    _rec_name = 'kind'

    account_id = fields.Many2one('key.account', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    user_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    kind = fields.Selection(
        selection=[
            ('review', "Review meeting"),
            ('contact', "Contact"),
            ('satisfaction', "Satisfaction asked"),
            ('data_check', "Contact data confirmed"),
            ('people_theirs', "Their people in contact"),
            ('people_ours', "Our people in contact"),
            ('sponsor', "Executive sponsor"),
        ], string="Duty", readonly=True)
    done_on = fields.Date(string="Last Done", readonly=True)
    due_date = fields.Date(string="Due", readonly=True, help="Empty for what has to be there all the time.")
    actual = fields.Integer(string="Is There", readonly=True, aggregator=None)
    goal = fields.Integer(string="Promised", readonly=True, aggregator=None)
    days_late = fields.Integer(readonly=True, aggregator='avg')
    state = fields.Selection(
        selection=[('kept', "Kept"), ('late', "Late"), ('missing', "Missing")], string="Status", readonly=True)
    kept = fields.Float(readonly=True, aggregator='avg', help="Share of the duties that we keep today.")

    _depends = {
        'key.account': [
            'partner_id', 'company_id', 'tier_id', 'tier_since', 'user_id', 'sponsor_id', 'active', 'people_ours',
            'people_theirs'],
        'key.account.tier': [
            'review_months', 'contact_days', 'satisfaction_months', 'data_check_months', 'min_their_contacts',
            'min_our_contacts', 'sponsor_required'],
        'key.account.review': ['account_id', 'state', 'date'],
        'key.account.relationship': ['account_id', 'last_out', 'last_meeting'],
        'key.account.feedback': ['account_id', 'kind', 'date'],
        'key.account.feedback.invitation': ['account_id', 'sent_on'],
        'res.partner': [
            'active', 'commercial_partner_id', 'is_company', 'type', 'key_account_confirmed_on',
            'key_account_data_confirmed_on', 'key_account_left_on', 'tz'],
    }

    def action_open(self):
        """Open what the duty is about: reviews, relationships, invitations, contacts to check, or the account."""
        self.ensure_one()
        account = self.account_id
        if self.kind == 'review':
            return account.action_open_reviews()
        if self.kind in ('contact', 'people_theirs', 'people_ours'):
            return account.action_open_relationships()
        if self.kind == 'satisfaction':
            return account.action_open_invitations()
        if self.kind == 'data_check':
            return account._open_data_to_check()
        return account.get_formview_action()

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return self._get_duties_sql(
            SQL("(SELECT * FROM key_account WHERE active)"), fields.Date.context_today(self), KINDS)

    @api.model
    def _get_duties_sql(self, accounts, today, kinds):
        """:param SQL accounts: table of accounts
        :param date today: day on which they are kept or late
        :param list kinds: only these duties
        :return: SQL of a SELECT with the columns of this model
        """
        return SQL(" UNION ALL ").join(
            (self._dated_sql if kind in DATED else self._counted_sql)(kind, accounts, today) for kind in kinds)

    @api.model
    def _dated_sql(self, kind, accounts, today):
        """What has to be done again and again."""
        interval, done = {
            'review': (SQL("make_interval(months => tier.review_months)"), self._reviews_sql()),
            'contact': (SQL("make_interval(days => tier.contact_days)"), self._contacts_sql()),
            'satisfaction': (SQL("make_interval(months => tier.satisfaction_months)"), self._questions_sql()),
            'data_check': (SQL("make_interval(months => tier.data_check_months)"), self._confirmations_sql(accounts, today)),
        }[kind]
        return SQL(
            """
            SELECT %(columns)s, done.day AS done_on, due.day AS due_date, NULL::integer AS actual, NULL::integer AS goal,
                   GREATEST(%(today)s - due.day, 0) AS days_late,
                   CASE WHEN due.day < %(today)s THEN 'late' ELSE 'kept' END AS state,
                   CASE WHEN due.day < %(today)s THEN 0.0 ELSE 1.0 END AS kept
              FROM %(accounts)s account
              JOIN key_account_tier tier ON tier.id = account.tier_id AND %(interval)s > INTERVAL '0'
         LEFT JOIN (%(done)s) done ON done.account_id = account.id
        CROSS JOIN LATERAL (SELECT (COALESCE(done.since, account.tier_since, account.create_date::date)
                                    + %(interval)s)::date AS day) due
            """, columns=self._columns_sql(kind), accounts=accounts, interval=interval, done=done,
            today=SQL("%s::date", today))

    @api.model
    def _columns_sql(self, kind):
        return SQL(
            """
            account.id::bigint * 8 + %s AS id, account.id AS account_id, account.tier_id, account.user_id, account.company_id,
            %s AS kind
            """, KINDS.index(kind), kind)

    @api.model
    def _reviews_sql(self):
        """The last review that was held, on its day where the company is."""
        return SQL(
            """
            SELECT held.account_id, held.day, held.day AS since
              FROM (SELECT review.account_id,
                           MAX((review.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(seller.tz, 'UTC'))::date) AS day
                      FROM key_account_review review
                      JOIN res_company company ON company.id = review.company_id
                      JOIN res_partner seller ON seller.id = company.partner_id
                     WHERE review.state IN ('held', 'closed')
                  GROUP BY review.account_id) held
            """)

    @api.model
    def _contacts_sql(self):
        """The last mail or call of ours, or meeting."""
        return SQL(
            """
            SELECT account_id, MAX(GREATEST(last_out, last_meeting)) AS day, MAX(GREATEST(last_out, last_meeting)) AS since
              FROM key_account_relationship GROUP BY account_id
            """)

    @api.model
    def _questions_sql(self):
        """The last interview, or invitation to one that was sent."""
        return SQL(
            """
            SELECT account_id, MAX(day) AS day, MAX(day) AS since
              FROM (SELECT account_id, date AS day FROM key_account_feedback WHERE kind = 'interview'
                     UNION ALL
                    SELECT account_id, sent_on FROM key_account_feedback_invitation WHERE sent_on IS NOT NULL) asked
          GROUP BY account_id
            """)

    @api.model
    def _confirmations_sql(self, accounts, today):
        """The oldest confirmation of all people of the customer and of the customer itself, as in the data to check: who was
        never confirmed counts from the day since which Odoo knows them.
        """
        return SQL(
            """
            SELECT account.id AS account_id, MIN(COALESCE(fact.confirmed_on, person.create_date::date)) AS since,
                   CASE WHEN COUNT(fact.confirmed_on) = COUNT(*) THEN MIN(fact.confirmed_on) END AS day
              FROM %(accounts)s account
              JOIN key_account_tier tier ON tier.id = account.tier_id AND tier.data_check_months > 0
              JOIN res_partner person ON person.commercial_partner_id = account.partner_id AND person.active
                   AND (person.id = account.partner_id OR person.type = 'contact' AND person.is_company IS NOT TRUE)
                   AND (person.key_account_left_on IS NULL OR person.key_account_left_on > %(today)s)
        CROSS JOIN LATERAL (SELECT LEAST(person.key_account_data_confirmed_on, person.key_account_confirmed_on)
                                   AS confirmed_on) fact
          GROUP BY account.id
            """, accounts=accounts, today=today)

    @api.model
    def _counted_sql(self, kind, accounts, today):
        """What has to be there all the time."""
        actual, goal = {
            'people_theirs': (SQL("COALESCE(account.people_theirs, 0)"), SQL("tier.min_their_contacts")),
            'people_ours': (SQL("COALESCE(account.people_ours, 0)"), SQL("tier.min_our_contacts")),
            'sponsor': (SQL("(account.sponsor_id IS NOT NULL)::integer"), SQL("tier.sponsor_required::integer")),
        }[kind]
        return SQL(
            """
            SELECT %(columns)s, NULL::date AS done_on, NULL::date AS due_date, %(actual)s AS actual, %(goal)s AS goal,
                   NULL::integer AS days_late, CASE WHEN %(actual)s < %(goal)s THEN 'missing' ELSE 'kept' END AS state,
                   CASE WHEN %(actual)s < %(goal)s THEN 0.0 ELSE 1.0 END AS kept
              FROM %(accounts)s account
              JOIN key_account_tier tier ON tier.id = account.tier_id AND %(goal)s > 0
            """, columns=self._columns_sql(kind), accounts=accounts, actual=actual, goal=goal)
