from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountFeedbackReport(models.Model):
    """One row for each feedback, and one for each score of a single question: how satisfied customers are, by area, too.

    Recommendation (NPS): share of scores of 9 and 10, less the share of those up to 6, from -100 to 100.
    """
    _name = 'key.account.feedback.report'
    _description = "Satisfaction"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'feedback_id'

    feedback_id = fields.Many2one('key.account.feedback', readonly=True)
    question_id = fields.Many2one(
        'key.account.question', readonly=True, help="Empty: the feedback as a whole.")
    account_id = fields.Many2one('key.account', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    manager_id = fields.Many2one('res.users', string="Key Account Manager", readonly=True)
    user_id = fields.Many2one('res.users', string="Noted by", readonly=True)
    owner_id = fields.Many2one('res.users', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    area_id = fields.Many2one('key.account.area', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Their Person", readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env['key.account.feedback']._fields['kind']._description_selection(self.env), readonly=True)
    date = fields.Date(readonly=True)
    score = fields.Float(
        string="Average Score", readonly=True, aggregator='avg', digits=(16, 1), help="From 0 to 10.")
    recommendation = fields.Float(
        string="Recommendation (NPS)", readonly=True, aggregator='avg', digits=(16, 0),
        help="Share of scores of 9 and 10, less the share of those up to 6: from -100 to 100.")
    score_count = fields.Integer(string="Scores", readonly=True)
    met = fields.Float(
        string="Expectation Met", readonly=True, aggregator='avg', help="Share of answers with as or more than expected.")
    issue_count = fields.Integer(string="To Answer", readonly=True, help="Complaints and low scores.")
    told_in_time = fields.Float(
        string="Told in Time", readonly=True, aggregator='avg',
        help="Share of complaints and low scores where the customer was told in time what came of it. Those that are not "
             "due yet do not count.")

    _depends = {
        'key.account': ['tier_id', 'user_id'],
        'key.account.feedback': [
            'account_id', 'company_id', 'area_id', 'partner_id', 'user_id', 'owner_id', 'kind', 'date', 'score',
            'expectation', 'state', 'told_on', 'answer_due'],
        'key.account.feedback.answer': ['feedback_id', 'question_id', 'area_id', 'score', 'expectation'],
    }

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._feedback_sql(), self._answers_sql())

    @api.model
    def _feedback_sql(self):
        return SQL(
            """
            SELECT feedback.id * 2 AS id, NULL::integer AS question_id, feedback.area_id, %(common)s,
                   CASE WHEN feedback.state IS NOT NULL THEN 1 ELSE 0 END AS issue_count,
                   CASE WHEN feedback.state IS NULL THEN NULL
                        WHEN feedback.told_on <= feedback.answer_due THEN 1
                        WHEN feedback.told_on IS NOT NULL OR feedback.state = 'closed' OR feedback.answer_due < %(now)s
                        THEN 0 END AS told_in_time
              FROM key_account_feedback feedback
              JOIN key_account account ON account.id = feedback.account_id
            """, common=self._common_sql(SQL("feedback")), now=fields.Datetime.now())

    @api.model
    def _answers_sql(self):
        return SQL(
            """
            SELECT answer.id * 2 + 1 AS id, answer.question_id, COALESCE(answer.area_id, feedback.area_id) AS area_id,
                   %(common)s, 0 AS issue_count, NULL::integer AS told_in_time
              FROM key_account_feedback_answer answer
              JOIN key_account_feedback feedback ON feedback.id = answer.feedback_id
              JOIN key_account account ON account.id = feedback.account_id
             WHERE answer.score IS NOT NULL OR answer.expectation IS NOT NULL
            """, common=self._common_sql(SQL("answer")))

    @api.model
    def _common_sql(self, scored):
        """:param SQL scored: the table with the score: that of the feedback or of its answers
        :return: SQL of the columns that both kinds of rows have
        """
        return SQL(
            """
            feedback.id AS feedback_id, feedback.account_id, account.tier_id, account.user_id AS manager_id,
            feedback.user_id, feedback.owner_id, feedback.company_id, feedback.partner_id, feedback.kind, feedback.date,
            %(scored)s.score::integer AS score,
            CASE WHEN %(scored)s.score >= '09' THEN 100 WHEN %(scored)s.score <= '06' THEN -100
                 WHEN %(scored)s.score IS NOT NULL THEN 0 END AS recommendation,
            CASE WHEN %(scored)s.score IS NOT NULL THEN 1 ELSE 0 END AS score_count,
            CASE WHEN %(scored)s.expectation IN ('as', 'more') THEN 1 WHEN %(scored)s.expectation = 'less' THEN 0 END AS met
            """, scored=scored)

    def action_open_feedback(self):
        """Open the feedback of this row."""
        self.ensure_one()
        return self.feedback_id.get_formview_action()
