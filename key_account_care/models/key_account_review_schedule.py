import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

LOOK_AHEAD = 60  # days in which there is a working day
MANY = 1000  # rows from which PostgreSQL has to know of them before it plans the next statement


class KeyAccountReview(models.Model):
    """The nightly step: reviews that fall due are opened, missed meetings come back, and people are asked to plan."""
    _inherit = 'key.account.review'

    by_schedule = fields.Boolean(readonly=True, copy=False, help="Opened by the nightly run, not by a person.")
    activity_given = fields.Boolean(readonly=True, copy=False, help="The responsible was asked to plan the meeting.")

    @api.model
    def _refresh_reviews(self, company, today, accounts):
        """Open what falls due at a company, withdraw what is not asked for any more, and ask for the meetings.

        :param res.company company: company of the reviews
        :param date today: day of the run
        :param key.account accounts: only theirs; empty for all of the company
        """
        scope = accounts._get_scope(company)
        self._return_missed(company, today, scope)
        self._withdraw(company, scope)
        self._bring_back(company, today, scope)
        self._schedule(company, today, scope)
        self._ask_to_plan(company, today, scope)

    @api.model
    def _return_missed(self, company, today, scope):
        """A meeting that is over and was not marked as held is to be planned again. Its day stays to be read.

        :param res.company company: company of the reviews
        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        midnight = self.env['key.account']._end_of_day(company, today - timedelta(days=1))
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_review review
               SET state = 'due', by_schedule = FALSE, activity_given = FALSE, write_date = %(now)s, write_uid = %(uid)s
              FROM key_account account
             WHERE account.id = review.account_id AND %(scope)s
               AND review.state = 'planned' AND review.date <= %(midnight)s
            """, scope=scope, midnight=midnight, now=fields.Datetime.now(), uid=self.env.uid))

    @api.model
    def _schedule(self, company, today, scope):
        """Open each review that falls due within the days of the setting, on a working day.

        It is due its months after the last one, or after the account has entered its tier. While one is open, or held
        and not closed, there is no other one.

        :param res.company company: company of the reviews
        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        days, workdays = zip(*self._get_workdays(company, today, company.key_account_review_days).items())
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_review (
                        account_id, partner_id, company_id, tier_id, type_id, user_id, name, state, by_schedule, rating,
                        due_date, period_start, period_end, duration, create_uid, create_date, write_uid, write_date)
                 SELECT wanted.account_id, wanted.partner_id, wanted.company_id, wanted.tier_id, wanted.type_id,
                        wanted.user_id, wanted.name, 'due', TRUE, '0', calendar.workday,
                        (calendar.workday - wanted.months * INTERVAL '1 month')::date, calendar.workday - 1,
                        wanted.duration, %(uid)s, %(now)s, %(uid)s, %(now)s
                   FROM (%(wanted)s) wanted
                   JOIN unnest(%(days)s::date[], %(workdays)s::date[]) AS calendar(day, workday)
                        ON calendar.day = GREATEST(wanted.due, %(today)s)
            ON CONFLICT DO NOTHING
            """, wanted=self._wanted_sql(company, today, scope), days=list(days), workdays=list(workdays), today=today,
            uid=self.env.uid, now=fields.Datetime.now()))
        if self.env.cr.rowcount > MANY:
            self.env.cr.execute(SQL("ANALYZE key_account_review"))  # else the next statement takes the table for empty

    @api.model
    def _wanted_sql(self, company, today, scope):
        """:return: SQL of what falls due by the cadence of each type, with the day that the calendar may yet move"""
        return SQL(
            """
            SELECT account.id AS account_id, account.partner_id, account.company_id, account.tier_id, account.user_id,
                   policy.type_id, policy.duration, policy.months, due.day::date AS due,
                   COALESCE(policy.name ->> person.lang, policy.name ->> 'en_US') || ', ' || customer.complete_name AS name
              FROM key_account account
              JOIN (%(policy)s) policy ON policy.tier_id = account.tier_id
              JOIN res_partner customer ON customer.id = account.partner_id
         LEFT JOIN res_users employee ON employee.id = account.user_id
         LEFT JOIN res_partner person ON person.id = employee.partner_id
         LEFT JOIN (%(latest)s) latest ON latest.account_id = account.id AND latest.type_id = policy.type_id
        CROSS JOIN LATERAL (SELECT COALESCE(latest.day, account.tier_since, account.create_date::date, %(today)s)
                                   + policy.months * INTERVAL '1 month' AS day) due
             WHERE %(scope)s AND account.active AND latest.is_open IS NOT TRUE AND due.day <= %(until)s
            """, policy=self._policy_sql(company), scope=scope, latest=self._latest_sql(company), today=today,
            until=today + timedelta(days=company.key_account_review_days))

    @api.model
    def _policy_sql(self, company):
        """:return: SQL of which tier asks for which type of review, and every how many months"""
        return SQL(
            """
            SELECT tier.id AS tier_id, type.id AS type_id, type.name, type.duration, cadence.months
              FROM key_account_tier tier
              JOIN key_account_review_type type ON type.active AND type.cadence <> 'none'
                   AND (type.company_id IS NULL OR type.company_id = %s)
         LEFT JOIN key_account_review_type_tier_rel link ON link.type_id = type.id AND link.tier_id = tier.id
        CROSS JOIN LATERAL (SELECT CASE type.cadence WHEN 'own' THEN type.months ELSE tier.review_months END AS months) cadence
             WHERE cadence.months > 0
               AND (link.type_id IS NOT NULL
                    OR tier.review_months > 0 AND NOT EXISTS (
                       SELECT FROM key_account_review_type_tier_rel other WHERE other.type_id = type.id))
            """, company.id)

    @api.model
    def _latest_sql(self, company):
        """:return: SQL of the last review of each account and type, a cancelled one on the day on which it was due"""
        return SQL(
            """
            SELECT review.account_id, review.type_id, BOOL_OR(review.state IN ('due', 'planned', 'held')) AS is_open,
                   MAX(CASE WHEN review.state = 'closed' AND review.date IS NOT NULL
                            THEN (review.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date ELSE review.due_date END) AS day
              FROM key_account_review review
             WHERE review.company_id = %s
          GROUP BY review.account_id, review.type_id
            """, company.partner_id.tz or 'UTC', company.id)

    @api.model
    def _get_workdays(self, company, first, days):
        """:return: dict of the next working day of the company for each of these days, itself where it is one"""
        calendar = company.resource_calendar_id
        last = first + timedelta(days=days + LOOK_AHEAD)
        start, end = self.env['key.account.agreement']._get_day_bounds(company, first, last)
        closed = calendar._get_unusual_days(start, end, company) if calendar else {}
        found, workday = {}, None
        for offset in range(days + LOOK_AHEAD, -1, -1):
            day = first + timedelta(days=offset)
            if not closed.get(fields.Date.to_string(day), day.weekday() > 4):
                workday = day
            found[day] = workday or day
        return {day: found[day] for day in sorted(found)[:days + 1]}

    # ------------------------------------------------------------
    # Asking for the meeting
    # ------------------------------------------------------------

    @api.model
    def _ask_to_plan(self, company, today, scope):
        """Give the responsible of each review that falls due a meeting to plan, once.

        One statement for all: neither mails nor followers, the activity tells.

        :param res.company company: company of the reviews
        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        kind = self._get_meeting_type()
        if not kind:
            return
        self.env['mail.activity'].flush_model()
        self.env.cr.execute(SQL(
            """
            WITH asked AS (
                UPDATE key_account_review review
                   SET activity_given = TRUE
                  FROM key_account account, res_users employee
                 WHERE account.id = review.account_id AND %(scope)s AND account.active
                   AND employee.id = review.user_id AND employee.active
                   AND review.state = 'due' AND review.activity_given IS NOT TRUE AND review.due_date <= %(until)s
             RETURNING review.id, review.name, review.user_id, review.due_date, employee.partner_id)
            INSERT INTO mail_activity (
                        res_model_id, res_model, res_id, res_name, activity_type_id, user_id, user_tz, summary,
                        date_deadline, automated, active, create_uid, create_date, write_uid, write_date)
                 SELECT %(model)s, 'key.account.review', asked.id, asked.name, %(kind)s, asked.user_id, person.tz,
                        COALESCE(%(summaries)s::jsonb ->> person.lang, %(summary)s), asked.due_date, TRUE, TRUE,
                        %(uid)s, %(now)s, %(uid)s, %(now)s
                   FROM asked JOIN res_partner person ON person.id = asked.partner_id
                  WHERE NOT EXISTS (
                        SELECT FROM mail_activity activity
                         WHERE activity.res_model = 'key.account.review' AND activity.res_id = asked.id
                           AND activity.active AND activity.activity_type_id = %(kind)s)
            """, scope=scope, until=today + timedelta(days=company.key_account_review_days), kind=kind.id,
            model=self.env['ir.model']._get_id(self._name), summary=self._get_plan_summary(),
            summaries=json.dumps({
                code: self.with_context(lang=code)._get_plan_summary()
                for code, __ in self.env['res.lang'].get_installed()}),
            uid=self.env.uid, now=fields.Datetime.now()))

    @api.model
    def _get_meeting_type(self):
        """:return: mail.activity.type of meetings; empty when there is none any more"""
        kind = self.env.ref('mail.mail_activity_data_meeting', raise_if_not_found=False)
        return kind or self.env['mail.activity.type'].search([('category', '=', 'meeting')], limit=1)

    @api.model
    def _get_plan_summary(self):
        return self.env._("Plan the review")
