from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountReview(models.Model):
    """The nightly step: nobody is asked for reviews of customers who are gone, or whose tier asks for none any more."""
    _inherit = 'key.account.review'

    cancel_reason = fields.Selection(
        selection=[('archived', "The account is archived"), ('tier', "The tier of the account asks for no such review")],
        readonly=True, copy=False, help="Why the nightly run cancelled it. Once the reason is gone, it is to be planned again.")

    @api.model
    def _withdraw(self, company, scope):
        """Cancel what the schedule opened and nobody has planned yet, with the activities that ask for it.

        :param res.company company: company of the reviews
        :param SQL scope: condition on ``account``
        """
        self.env['mail.activity'].flush_model()
        self.env.cr.execute(SQL(
            """
            WITH withdrawn AS (
                UPDATE key_account_review review
                   SET state = 'cancelled', activity_given = FALSE, write_date = %(now)s, write_uid = %(uid)s,
                       cancel_reason = CASE WHEN account.active THEN 'tier' ELSE 'archived' END
                  FROM key_account account
                 WHERE account.id = review.account_id AND %(scope)s AND review.state = 'due'
                   AND review.by_schedule IS TRUE
                   AND (account.active AND (account.tier_id, review.type_id) IN (
                       SELECT policy.tier_id, policy.type_id FROM (%(policy)s) policy)) IS NOT TRUE
             RETURNING review.id)
            DELETE FROM mail_activity activity USING withdrawn
             WHERE activity.res_model = 'key.account.review' AND activity.res_id = withdrawn.id
               AND activity.active AND activity.automated AND activity.activity_type_id = %(kind)s
            """, scope=scope, policy=self._policy_sql(company), kind=self._get_meeting_type().id or None,
            now=fields.Datetime.now(), uid=self.env.uid))

    @api.model
    def _bring_back(self, company, today, scope):
        """Open again what was withdrawn, once it is asked for, unless there has been another one since.

        :param res.company company: company of the reviews
        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        days, workdays = zip(*self._get_workdays(company, today, company.key_account_review_days).items())
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_review review
               SET state = 'due', cancel_reason = NULL, due_date = back.day, period_end = GREATEST(period_end, back.day - 1),
                   tier_id = back.tier_id, user_id = COALESCE(back.user_id, review.user_id), write_date = %(now)s,
                   write_uid = %(uid)s
              FROM (SELECT waiting.id, account.tier_id, account.user_id, COALESCE(calendar.workday, waiting.due_date) AS day
                      FROM key_account_review waiting
                      JOIN key_account account ON account.id = waiting.account_id
                      JOIN (%(policy)s) policy ON policy.tier_id = account.tier_id AND policy.type_id = waiting.type_id
                 LEFT JOIN unnest(%(days)s::date[], %(workdays)s::date[]) AS calendar(day, workday)
                           ON calendar.day = GREATEST(waiting.due_date, %(today)s)
                     WHERE %(scope)s AND account.active AND waiting.state = 'cancelled' AND waiting.cancel_reason IS NOT NULL
                       AND NOT EXISTS (
                           SELECT FROM key_account_review other
                            WHERE other.account_id = waiting.account_id AND other.type_id = waiting.type_id
                              AND (other.state IN ('due', 'planned', 'held')
                                   OR (other.due_date, other.id) > (waiting.due_date, waiting.id)))) back
             WHERE back.id = review.id
            """, policy=self._policy_sql(company), days=list(days), workdays=list(workdays), today=today, scope=scope,
            now=fields.Datetime.now(), uid=self.env.uid))
