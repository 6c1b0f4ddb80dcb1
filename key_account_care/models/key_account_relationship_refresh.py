from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .key_account_relationship import TREND_CHANGE

TREND_DAYS = 90
LATE_MESSAGES = 1000  # so many messages are looked at again: a long transaction commits its ids after younger ones
LATE_CHANGES = timedelta(hours=1)  # the same for records: their time is that of the beginning of a transaction
FULL = 10.0  # points at which the strength is 63: two meetings a month and their mails
POINTS = ('points_in', 'points_out', 'points_both')
FACTS = (
    'recount_on', 'last_in', 'last_out', 'last_meeting', 'mail_in_count', 'mail_out_count', 'meeting_count', 'meeting_hours',
    'call_count')
TABLE = 'key_account_relationship_new'
WEIGHTS = {'mail': 'key_account_weight_mail', 'activity': 'key_account_weight_call', 'call': 'key_account_weight_call',
           'meeting': 'key_account_weight_meeting'}


class KeyAccountRelationship(models.Model):
    """The nightly step. Points fade by half in each half-life, so only people with news are counted anew.

    Points of an exchange: weight of its kind x 4 / (people present + 2) x 0.5 ^ (days ago / half-life).
    Points of a relationship: (both + in + out) x (0.5 + 0.5 x share of the smaller direction) x factor of seniority.
    Strength: 100 x (1 - e ^ (-points / 10)).
    """
    _inherit = 'key.account.relationship'

    @api.model
    def _refresh_relationships(self, company, today, accounts):
        """Bring the relationships of a company up to date.

        :param res.company company: company of the accounts
        :param date today: day of the run; exchange until its end counts
        :param key.account accounts: only theirs, counted in full; empty for all of the company
        """
        company = company.sudo()  # sudo: the run works for everybody, whoever started it
        marks = self._prepare_marks(company, today)
        few = self._collect_contacts(company, today, accounts)
        self._count_points(company, today, few)
        self._store_points(company, today, accounts)
        self._fade(company, today, accounts)
        if not few:
            self.env.cr.execute(SQL("ANALYZE key_account_relationship"))  # the next steps read what was just filled
        if not accounts:
            company.write(marks)

    @api.model
    def _recount_relationships(self, company, today):
        """Count all relationships of a company anew, as if there had been no run before."""
        company.sudo().key_account_relationship_day = False  # sudo: see _refresh_relationships
        self._refresh_relationships(company, today, self.env['key.account'])

    @api.model
    def _prepare_marks(self, company, today):
        """:return: values of the company that tell the next run what is new"""
        last = self.env.execute_query(SQL("SELECT COALESCE(MAX(id), 0) FROM mail_message"))[0][0]
        return {
            'key_account_relationship_day': today,
            'key_account_relationship_message': max(last - LATE_MESSAGES, 0),
            'key_account_relationship_moment': self.env.cr.now() - LATE_CHANGES,
            'key_account_relationship_rule': company._get_relationship_rule(),
        }

    @api.model
    def _get_end(self, day):
        return datetime.combine(day, time.max)

    # ------------------------------------------------------------
    # Count
    # ------------------------------------------------------------

    @api.model
    def _count_points(self, company, today, few):
        """Sum up the exchange of each pair, as of today and as of 90 days ago.

        :param bool few: whether it is about some people only
        """
        before = today - timedelta(days=TREND_DAYS)
        Interaction = self.env['key.account.interaction']
        people = self._touched_sql(few)
        self._create_table(TABLE, SQL(
            """
            SELECT account.id AS account_id, pair.*
              FROM (SELECT exchange.user_id, exchange.partner_id, %(sums)s
                      FROM (SELECT interaction.*, %(weight)s AS weight
                              FROM (%(interactions)s) interaction
                             WHERE interaction.date <= %(end)s) exchange
                  GROUP BY exchange.user_id, exchange.partner_id) pair
              JOIN key_account_touched touched ON touched.id = pair.partner_id
              JOIN key_account account ON account.id = touched.account_id
              JOIN res_users employee ON employee.id = pair.user_id
              JOIN res_company_users_rel allowed ON allowed.user_id = employee.id AND allowed.cid = account.company_id
             WHERE %(is_account)s
            """,
            end=self._get_end(today),
            interactions=Interaction._get_interactions_sql(self._get_end(today), people, few),
            weight=self._weight_sql(company), sums=self._sums_sql(company, today, before),
            is_account=Interaction._is_account_sql()), keys=SQL("account_id, partner_id, user_id"))

    @api.model
    def _weight_sql(self, company):
        kinds = SQL(" ").join(SQL("WHEN %s THEN %s::float8", kind, company[name]) for kind, name in WEIGHTS.items())
        return SQL("CASE interaction.kind %s END * 4 / (interaction.participants + 2)", kinds)

    @api.model
    def _sums_sql(self, company, today, before):
        sums = []
        for suffix, day in (('', today), ('_before', before)):
            faded = SQL(
                "exchange.weight * POWER(0.5, LEAST(900, (%s - exchange.date::date) / %s::float8))",
                day, company.key_account_half_life)
            sums += [
                SQL("COALESCE(SUM(%s) FILTER (WHERE exchange.direction = %s AND exchange.date <= %s), 0) AS %s",
                    faded, direction, self._get_end(day), SQL.identifier(f'points_{direction}{suffix}'))
                for direction in ('in', 'out', 'both')]
        year = self._get_end(fields.Date.subtract(today, years=1))
        for name, condition in (
                ('mail_in_count', SQL("exchange.kind = 'mail' AND exchange.direction = 'in'")),
                ('mail_out_count', SQL("exchange.kind = 'mail' AND exchange.direction = 'out'")),
                ('meeting_count', SQL("exchange.kind = 'meeting'")),
                ('call_count', SQL("exchange.kind IN ('call', 'activity')"))):
            sums.append(SQL(
                "COUNT(*) FILTER (WHERE %s AND exchange.date > %s)::integer AS %s", condition, year, SQL.identifier(name)))
        sums += [
            SQL("COALESCE(SUM(exchange.hours) FILTER (WHERE exchange.date > %s), 0) AS meeting_hours", year),
            SQL("MAX(exchange.date) FILTER (WHERE exchange.direction IN ('in', 'both'))::date AS last_in"),
            SQL("MAX(exchange.date) FILTER (WHERE exchange.direction IN ('out', 'both'))::date AS last_out"),
            SQL("MAX(exchange.date) FILTER (WHERE exchange.kind = 'meeting')::date AS last_meeting"),
            SQL(
                """LEAST(MIN(exchange.date) FILTER (WHERE exchange.date > %s)::date + %s,
                         (MIN(exchange.date) FILTER (WHERE exchange.date > %s)::date + INTERVAL '1 year')::date)
                   AS recount_on""", self._get_end(before), TREND_DAYS, year),
            SQL("%s::date AS points_date", today)]
        return SQL(", ").join(sums)

    # ------------------------------------------------------------
    # Store
    # ------------------------------------------------------------

    @api.model
    def _store_points(self, company, today, accounts):
        """Write what was counted where it is another; forget pairs that have nothing in common any more.

        Rows have their strength at once: writing them a second time would check all of their references again.
        """
        counted = [SQL.identifier(name) for name in (
            'points_date', *FACTS, *POINTS, *(f'{name}_before' for name in POINTS))]
        columns = SQL(", ").join(counted)
        new = SQL(", ").join(SQL("EXCLUDED.%s", name) for name in counted)
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_relationship AS old
                   (account_id, user_id, partner_id, create_date, write_date, strength, strength_before,
                    trend, is_gap, is_stale, %(columns)s)
            SELECT account_id, user_id, partner_id, %(now)s, %(now)s, strength, strength_before,
                   %(trend)s, FALSE, FALSE, %(columns)s
              FROM (SELECT old.*, %(strength)s AS strength, %(before)s AS strength_before
                      FROM %(table)s old JOIN res_partner person ON person.id = old.partner_id) new
             WHERE NOT EXISTS (
                   SELECT FROM key_account_relationship was
                    WHERE was.account_id = new.account_id AND was.partner_id = new.partner_id AND was.user_id = new.user_id
                      AND was.is_stale IS NOT TRUE AND %(same)s)
          ORDER BY account_id, partner_id
       ON CONFLICT (account_id, partner_id, user_id)
         DO UPDATE SET (%(columns)s, strength, strength_before, trend, is_gap, is_stale)
                   = ROW(%(new)s, EXCLUDED.strength, EXCLUDED.strength_before, EXCLUDED.trend,
                         EXCLUDED.strength < COALESCE(old.desired, '0')::integer, FALSE)
             WHERE old.is_stale OR (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            columns=columns, new=new, now=fields.Datetime.now(), trend=self._trend_sql(),
            strength=self._strength_sql(company, today, ''), before=self._strength_sql(company, today, '_before'),
            table=SQL.identifier(TABLE), old=SQL(", ").join(SQL("old.%s", name) for name in counted),
            same=self._same_sql(company)))
        self._forget_pairs(company, accounts)

    @api.model
    def _same_sql(self, company):
        """SQL of whether what was stored of a pair on an earlier day has only faded since."""
        points = [SQL.identifier(f'{name}{suffix}') for name in POINTS for suffix in ('', '_before')]
        faded = SQL("POWER(0.5, LEAST(900, (new.points_date - was.points_date) / %s::float8))", company.key_account_half_life)
        return SQL(" AND ").join([
            SQL("was.%s IS NOT DISTINCT FROM new.%s", name, name) for name in map(SQL.identifier, FACTS)] + [
            SQL("ABS(was.%(name)s * %(faded)s - new.%(name)s) <= 1e-9 * new.%(name)s", name=name, faded=faded)
            for name in points])

    @api.model
    def _forget_pairs(self, company, accounts):
        """Pairs without any exchange go; where people have judged or written something, only the figures do."""
        self._create_table('key_account_gone', SQL(
            """
            SELECT old.id
              FROM key_account_touched touched
              JOIN key_account_relationship old ON old.partner_id = touched.id
              JOIN key_account account ON account.id = old.account_id
             WHERE %(scope)s AND NOT EXISTS (
                   SELECT FROM %(table)s new WHERE new.account_id = old.account_id AND new.partner_id = old.partner_id
                                               AND new.user_id = old.user_id)
            """, scope=accounts._get_scope(company), table=SQL.identifier(TABLE)))
        self.env.cr.execute(SQL(
            """
            DELETE FROM key_account_relationship old USING key_account_gone gone
             WHERE old.id = gone.id AND old.desired IS NULL AND old.assessment IS NULL
               AND NOT EXISTS (SELECT FROM mail_message message
                                WHERE message.model = 'key.account.relationship' AND message.res_id = old.id)
            """))
        zero = SQL(", ").join(
            SQL("%s = 0", SQL.identifier(name)) for name in (
                'mail_in_count', 'mail_out_count', 'meeting_count', 'meeting_hours', 'call_count', *POINTS,
                *(f'{name}_before' for name in POINTS)))
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_relationship old
               SET is_stale = FALSE, recount_on = NULL, last_in = NULL, last_out = NULL, last_meeting = NULL, %s
              FROM key_account_gone gone
             WHERE old.id = gone.id AND (old.points_date IS NOT NULL OR old.is_stale)
            """, zero))

    @api.model
    def _fade(self, company, today, accounts):
        """Make the strength of a day out of the points of the day on which they were counted. What is 0 stays 0."""
        self._store_columns(SQL(
            """
            SELECT id, strength, strength_before, %(trend)s AS trend, strength < COALESCE(desired, '0')::integer AS is_gap
              FROM (SELECT old.id, old.desired, %(strength)s AS strength, %(before)s AS strength_before
                      FROM key_account_relationship old
                      JOIN key_account account ON account.id = old.account_id
                 LEFT JOIN res_partner person ON person.id = old.partner_id AND person.key_account_seniority >= '3'
                     WHERE %(scope)s
                       AND (old.strength > 0 OR old.strength_before > 0 OR old.trend IS NULL
                            OR old.points_date >= %(today)s)
                    OFFSET 0  -- else PostgreSQL computes each strength twice
                   ) new
            """,
            today=today, scope=accounts._get_scope(company), strength=self._strength_sql(company, today, ''),
            before=self._strength_sql(company, today, '_before'), trend=self._trend_sql()),
            ('strength', 'strength_before', 'trend', 'is_gap'))

    @api.model
    def _trend_sql(self):
        return SQL(
            """
            CASE WHEN new.strength - new.strength_before >= %(change)s THEN 'up'
                 WHEN new.strength_before - new.strength >= %(change)s THEN 'down' ELSE 'same' END
            """, change=TREND_CHANGE)

    @api.model
    def _strength_sql(self, company, today, suffix):
        """:param str suffix: ``_before`` for the strength of 90 days ago"""
        ours, theirs, both = (SQL("COALESCE(old.%s, 0)::float8", SQL.identifier(f'{name}{suffix}')) for name in (
            'points_out', 'points_in', 'points_both'))
        return SQL(
            """
            ROUND(100 * (1 - EXP(-LEAST(700, (%(ours)s + %(theirs)s + %(both)s) / %(full)s
                * (0.5 + 0.5 * COALESCE(LEAST(%(ours)s + %(both)s, %(theirs)s + %(both)s)
                                        / NULLIF(GREATEST(%(ours)s + %(both)s, %(theirs)s + %(both)s), 0), 0))
                * CASE person.key_account_seniority WHEN '5' THEN 1.25::float8 WHEN '4' THEN 1.15 WHEN '3' THEN 1.05 ELSE 1 END
                * POWER(0.5, LEAST(900, (%(today)s - COALESCE(old.points_date, %(today)s)) / %(half)s::float8))
            ))))::integer
            """, ours=ours, theirs=theirs, both=both, full=FULL, today=today, half=company.key_account_half_life)
