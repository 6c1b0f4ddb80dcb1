from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.tools import SQL

CORRECTED = timedelta(days=60)  # so long ago the working hours may still be corrected


class KeyAccountResponse(models.Model):
    """The nightly step. Only people about whom there is news are looked at, each with all that was exchanged.

    What happened with a person is put in a row by time. A mail of theirs that follows nothing that waits begins a wait;
    what reaches them next ends it. The working hours of the company are one table for all waits: how many there were until
    a moment is one look into it, and a wait is the difference of two.
    """
    _inherit = 'key.account.response'

    @api.model
    def _refresh_responses(self, company, today, accounts):
        """Bring the waits of a company up to date. Goes before the relationships, with which it shares what is new.

        :param res.company company: company of the accounts
        :param date today: day of the run; what happened until its end counts
        :param key.account accounts: only theirs, looked at in full; empty for all of the company
        """
        company = company.sudo()  # sudo: the run works for everybody, whoever started it
        # one of the two steps failed in some night before: what is new to the one is not to the other
        everybody = company.key_account_response_day != company.key_account_relationship_day
        relationship = self.env['key.account.relationship']
        few = relationship._collect_contacts(company, today, accounts, everybody, companies=True)
        self._collect_mails(company, relationship._get_end(today))
        self._collect_waits(relationship._get_end(today), few)
        self._collect_working_hours(company, relationship._get_end(today))
        self._store_waits(company, relationship._get_end(today), few)
        self._forget_waits(company, accounts)
        if not few:
            self.env.cr.execute(SQL("ANALYZE key_account_response"))  # the next steps read what was just filled
        if not accounts:
            company.key_account_response_day = today

    # ------------------------------------------------------------
    # Waits
    # ------------------------------------------------------------

    @api.model
    def _collect_mails(self, company, end):
        """Collect the mails of the people, also those to nobody in particular.

        The mail of somebody whom several of our companies serve belongs to the account of whom it was written to.
        """
        Interaction = self.env['key.account.interaction']
        addressee = SQL(
            """
            SELECT chosen.id
              FROM (SELECT rel.res_partner_id FROM mail_message_res_partner_rel rel WHERE rel.mail_message_id = message.id
                     UNION SELECT answered.author_id FROM mail_message answered WHERE answered.id = message.parent_id) person
              JOIN res_users ours ON ours.partner_id = person.res_partner_id AND ours.share IS FALSE
        CROSS JOIN LATERAL (%s) chosen
          ORDER BY ours.id LIMIT 1
            """, Interaction._account_sql(SQL("ours.id"), SQL("contact.id")))
        self.env['key.account.relationship']._create_table('key_account_mail', SQL(
            """
            SELECT account.id AS account_id, contact.id AS partner_id, message.id AS message_id, message.date
              FROM key_account_touched
              JOIN res_partner contact ON contact.id = key_account_touched.id
              JOIN key_account account ON account.partner_id = contact.commercial_partner_id AND account.company_id = %(company)s
        CROSS JOIN LATERAL (%(written)s) message
             WHERE message.model <> 'discuss.channel' AND message.res_id <> 0 AND message.date <= %(end)s
               AND (NOT EXISTS (SELECT FROM key_account other WHERE other.partner_id = account.partner_id
                                                                AND other.id <> account.id)
                    OR account.id = COALESCE((%(addressee)s),
                       (SELECT first.id FROM key_account first WHERE first.partner_id = account.partner_id
                      ORDER BY first.company_id LIMIT 1)))
            """, company=company.id, end=end, addressee=addressee, written=Interaction._written_sql()))

    @api.model
    def _collect_waits(self, end, few):
        """Number what happened by how often we had reached the person before: a wait and its end have the same number."""
        self.env['key.account.relationship']._create_table('key_account_wait', SQL(
            """
            SELECT account_id, partner_id,
                   (ARRAY_AGG(message_id ORDER BY date, message_id) FILTER (WHERE NOT ends))[1] AS message_id,
                   MIN(date) FILTER (WHERE NOT ends) AS asked_on, MIN(date) FILTER (WHERE ends) AS ended_on,
                   MIN(user_id) AS user_id, MIN(message_id) FILTER (WHERE ends) AS answer_message_id,
                   MIN(event_id) AS answer_event_id, MIN(activity_id) AS answer_activity_id
              FROM (SELECT event.*, COUNT(*) FILTER (WHERE ends) OVER (
                           PARTITION BY account_id, partner_id
                           ORDER BY date, ends, user_id, message_id, event_id, activity_id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS number
                      FROM (%s) event) event
          GROUP BY account_id, partner_id, number
            HAVING BOOL_OR(NOT ends)
            """, self._events_sql(end, few)))

    @api.model
    def _events_sql(self, end, few):
        """SQL of the mails that may begin a wait, and of what ends one: what reached the person, or somebody's word."""
        reached = self.env['key.account.interaction']._get_interactions_sql(
            end, self.env['key.account.relationship']._touched_sql(few, companies=True), few)
        return SQL(
            """
            SELECT account_id, partner_id, date, FALSE AS ends, message_id, NULL::integer AS user_id,
                   NULL::integer AS event_id, NULL::integer AS activity_id
              FROM key_account_mail
             UNION ALL
            SELECT person.account_id, reached.partner_id,
                   COALESCE(LEAST(GREATEST(activity.write_date, reached.date), reached.date + INTERVAL '1 day'), reached.date),
                   TRUE, reached.message_id, reached.user_id, reached.event_id, reached.activity_id
              FROM (%(reached)s) reached
              JOIN (SELECT DISTINCT account_id, partner_id FROM key_account_mail) person
                   ON person.partner_id = reached.partner_id
         LEFT JOIN mail_activity activity ON activity.id = reached.activity_id
             WHERE reached.direction <> 'in' AND reached.date <= %(end)s
             UNION ALL
            SELECT account_id, partner_id, dismissed_on, TRUE, NULL, NULL, NULL, NULL
              FROM key_account_response
             WHERE dismissed_on <= %(end)s AND partner_id IN (SELECT id FROM key_account_touched)
            """, reached=reached, end=end)

    # ------------------------------------------------------------
    # Working hours
    # ------------------------------------------------------------

    @api.model
    def _collect_working_hours(self, company, end):
        """Collect the intervals in which the company works, each with the hours before and until its end."""
        first, promised = self.env.execute_query(SQL(
            """
            SELECT (SELECT MIN(asked_on) FROM key_account_wait),
                   GREATEST((SELECT MAX(answer_hours) FROM key_account_tier),
                            (SELECT MAX(promised_hours) FROM key_account_response WHERE company_id = %s))
            """, company.id))[0]
        intervals = self._get_working_intervals(company, first, end + timedelta(days=30 + (promised or 0))) if first else []
        self.env['key.account.relationship']._create_table('key_account_working', SQL(
            """
            SELECT start, stop, until - hours AS before, until
              FROM (SELECT *, SUM(hours) OVER (ORDER BY start) AS until
                      FROM (SELECT start, stop, EXTRACT(EPOCH FROM stop - start) / 3600 AS hours
                              FROM UNNEST(%s::timestamp[], %s::timestamp[]) AS interval (start, stop)) measured) summed
            """, [start for start, _stop in intervals], [stop for _start, stop in intervals]))
        for column in ('start', 'until'):
            self.env.cr.execute(SQL("CREATE INDEX ON key_account_working (%s)", SQL.identifier(column)))

    @api.model
    def _get_working_intervals(self, company, start, stop):
        """:return: list of tuples of datetimes (UTC); without a calendar the company works day and night"""
        calendar = company.resource_calendar_id
        if not calendar:
            return [(start, stop)]
        found = calendar._work_intervals_batch(pytz.utc.localize(start), pytz.utc.localize(stop))[False]
        return [tuple(moment.astimezone(pytz.utc).replace(tzinfo=None) for moment in ends) for *ends, _records in found]

    @api.model
    def _worked_sql(self, moment):
        """SQL of the working hours until a moment."""
        return SQL(
            """
            COALESCE((SELECT before + EXTRACT(EPOCH FROM LEAST(%(moment)s, stop) - start) / 3600
                        FROM key_account_working WHERE start <= %(moment)s ORDER BY start DESC LIMIT 1), 0)
            """, moment=moment)

    # ------------------------------------------------------------
    # Store
    # ------------------------------------------------------------

    @api.model
    def _measured_sql(self, end, few):
        """SQL of the waits with their hours, where it is about few those that are new, ended otherwise, or not long ago.

        A promise stays what it was when the mail came in. Working hours are sometimes corrected afterwards.
        """
        changed = SQL(
            """
            wait.asked_on >= %s OR
            (old.asked_on, old.answered_on, old.user_id, old.answer_message_id, old.answer_event_id, old.answer_activity_id,
             old.state = 'dismissed') IS DISTINCT FROM
            (wait.asked_on, wait.answered_on, wait.user_id, wait.answer_message_id, wait.answer_event_id,
             wait.answer_activity_id, wait.dismissed)
            """, end - CORRECTED)
        return SQL(
            """
            SELECT wait.*, promised.hours AS promised_hours, measured.hours,
                   CASE WHEN wait.dismissed THEN 'dismissed' WHEN wait.answered_on IS NULL THEN 'open' ELSE 'answered' END
                   AS state,
                   CASE WHEN promised.hours > 0 THEN (measured.hours <= promised.hours)::integer::float8 END AS kept,
                   CASE WHEN promised.hours > 0 THEN (
                        SELECT DATE_TRUNC('second', start + (promised.hours + worked.hours - before) * INTERVAL '1 hour')
                          FROM key_account_working WHERE until >= promised.hours + worked.hours
                      ORDER BY until LIMIT 1) END AS due_on
              FROM (SELECT *, ended_on IS NOT NULL AND user_id IS NULL AS dismissed,
                           CASE WHEN user_id IS NOT NULL THEN ended_on END AS answered_on FROM key_account_wait) wait
              JOIN key_account account ON account.id = wait.account_id
         LEFT JOIN key_account_tier tier ON tier.id = account.tier_id
         LEFT JOIN key_account_response old ON old.message_id = wait.message_id AND old.account_id = wait.account_id
        CROSS JOIN LATERAL (SELECT COALESCE(old.promised_hours, tier.answer_hours, 0) AS hours) promised
        CROSS JOIN LATERAL (SELECT %s AS hours) worked
        CROSS JOIN LATERAL (SELECT CASE WHEN wait.answered_on IS NOT NULL
                                        THEN ROUND((%s - worked.hours)::numeric, 4)::float8 END AS hours) measured
             WHERE %s
            """, self._worked_sql(SQL("wait.asked_on")), self._worked_sql(SQL("wait.answered_on")),
            changed if few else SQL("TRUE"))

    @api.model
    def _store_waits(self, company, end, few):
        """Write the waits that are new or ended otherwise."""
        names = [SQL.identifier(name) for name in (
            'asked_on', 'answered_on', 'user_id', 'answer_message_id', 'answer_event_id', 'answer_activity_id', 'state',
            'hours', 'due_on', 'kept')]
        columns = SQL(", ").join(names)
        new = SQL(", ").join(SQL("EXCLUDED.%s", name) for name in names)
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_response AS old
                   (message_id, account_id, partner_id, company_id, promised_hours, create_date, write_date, %(columns)s)
            SELECT message_id, account_id, partner_id, %(company)s, promised_hours, %(now)s, %(now)s, %(columns)s
              FROM (%(measured)s) measured
       ON CONFLICT (message_id, account_id) DO UPDATE SET (%(columns)s) = ROW(%(new)s)
             WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            columns=columns, new=new, old=SQL(", ").join(SQL("old.%s", name) for name in names), company=company.id,
            now=fields.Datetime.now(), measured=self._measured_sql(end, few)))

    @api.model
    def _forget_waits(self, company, accounts):
        """Forget what began no wait after all, and the mails of people who belong to another customer now."""
        for gone in (
            SQL("""
                response.partner_id IN (SELECT id FROM key_account_touched)
                AND NOT EXISTS (SELECT FROM key_account_wait wait
                                 WHERE wait.message_id = response.message_id AND wait.account_id = response.account_id)
                """),
            SQL("""
                NOT EXISTS (SELECT FROM res_partner person
                             WHERE person.id = response.partner_id AND person.commercial_partner_id = account.partner_id)
                """)):
            self.env.cr.execute(SQL(
                """
                DELETE FROM key_account_response response USING key_account account
                 WHERE account.id = response.account_id AND %s AND %s
                """, accounts._get_scope(company), gone))
