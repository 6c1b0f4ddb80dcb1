from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

SOURCES = {'risk': 'key.account.risk', 'review': 'key.account.review', 'promise': 'key.account.promise', 'order': 'key.account'}
KINDS = list(SOURCES)  # an id is that of the record times their number, plus the place of the kind
DOUBLES_IN, MOST_LATE = 7, 28  # days late: by how many it doubles, and from how many on it is not worse
FLOOR = 0.01  # share of the revenue that is at stake at least


class KeyAccountToday(models.Model):
    """What each of our people has to do next, the most important first: one row for each thing to do.

    Things to do are open warnings for their owner; reviews to plan, of today, or held and not closed for their responsible;
    promises due soon for our person; and what a customer is expected to order again for its key account manager. What an
    open warning of the same person asks for already has no second row.

    ``urgency`` is money times time. Money is what is at stake, at least 1 % of the customer's revenue of 12 months, and
    at least 1. Of a review it is 5 % of that revenue, as of a minor warning. Time is 1 on the day until which it has to be
    done, ``1 + days late / 7`` after it, up to 5, ``1 / (1 + days left / 7)`` before it, and one half without such a day.
    """
    _name = 'key.account.today'
    _description = "Thing to Do"
    _auto = False
    _order = 'urgency desc, id'
    _rec_name = 'what'

    user_id = fields.Many2one('res.users', string="Who", readonly=True)
    account_id = fields.Many2one('key.account', string="Customer", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    tier_id = fields.Many2one('key.account.tier', readonly=True)
    kind = fields.Selection(
        selection=[('risk', "Warning"), ('review', "Review"), ('promise', "Promise"), ('order', "Due Again")], readonly=True)
    amount = fields.Monetary(string="At Stake", readonly=True)
    deadline = fields.Date(string="Due by", readonly=True)
    urgency = fields.Float(readonly=True, digits=(16, 0), aggregator=None, help="What is at stake, and how late it is.")
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field='res_model', readonly=True)
    what = fields.Char(compute='_compute_texts')
    why = fields.Char(compute='_compute_texts')
    fix_label = fields.Char(string="Next Step", compute='_compute_texts')

    _depends = {
        'key.account': ['active', 'company_id', 'currency_id', 'revenue', 'tier_id', 'user_id'],
        'key.account.promise': ['account_id', 'amount', 'date_due', 'state', 'user_id'],
        'key.account.review': ['account_id', 'date', 'due_date', 'state', 'user_id'],
        'key.account.rhythm': ['account_id', 'confidence', 'lapsed_after', 'next_date', 'product_id', 'usual_amount'],
        'key.account.risk': ['account_id', 'amount', 'deadline', 'res_id', 'res_model', 'state', 'user_id'],
        'res.company': ['key_account_promise_days', 'key_account_review_days', 'key_account_rhythm_confidence'],
    }

    # ------------------------------------------------------------
    # What, why, and the next step
    # ------------------------------------------------------------

    @api.depends('res_model', 'res_id')
    @api.depends_context('lang')
    def _compute_texts(self):
        for kind, rows in self.grouped('kind').items():
            sources = self.env[SOURCES[kind]].browse(rows.mapped('res_id'))
            texts = getattr(self, f'_describe_{kind}')(sources)
            for row in rows:
                row.what, row.why, row.fix_label = texts.get(row.res_id, (False, False, False))

    @api.model
    def _describe_risk(self, risks):
        """:return: dict of what it is, why it matters, and the name of the next step, by id"""
        return {risk.id: (
            risk.display_name, risk.reason if risk.rule_id else risk.source, risk.fix_label or self.env._("Open It"))
            for risk in risks}

    @api.model
    def _describe_review(self, reviews):
        return {review.id: (review.type_id.name, *self._explain_review(review)) for review in reviews}

    @api.model
    def _explain_review(self, review):
        if review.state == 'held':
            return self.env._("Held, and not closed: the minutes are to be sent."), self.env._("Close")
        if review.state == 'planned':
            return self.env._("The meeting is today."), self.env._("Prepare")
        day = format_date(self.env, review.due_date)
        return self.env._("Its meeting is to be planned: due on %(date)s.", date=day), self.env._("Plan Meeting")

    @api.model
    def _describe_promise(self, promises):
        texts = {}
        for promise in promises:
            day = format_date(self.env, promise.date_due)
            why = self.env._("We promised it for %(date)s.", date=day) if promise.direction == 'we' else self.env._(
                "They promised it for %(date)s.", date=day)
            texts[promise.id] = (promise.name, why, self.env._("Settle"))
        return texts

    @api.model
    def _describe_order(self, accounts):
        rhythms = self.env['key.account.rhythm'].search(
            [('account_id', 'in', accounts.ids), ('due_state', 'in', ['due', 'overdue'])])
        rhythms.product_id.mapped('display_name')  # of all at once
        due = rhythms.filtered(
            lambda rhythm: rhythm.confidence >= rhythm.company_id.key_account_rhythm_confidence).grouped('account_id')
        return {account.id: (
            self.env._("Call before they run out"), due[account]._get_due_text() if account in due else False,
            self.env._("Make Quotation")) for account in accounts}

    def action_fix(self):
        """Take the next step: that of the record itself."""
        self.ensure_one()
        record = self._get_source()
        if self.kind == 'risk':
            return record.action_fix()
        if self.kind == 'order':
            return record.action_quote_due()
        if self.kind == 'review' and record.state in ('due', 'held'):
            return record.action_plan() if record.state == 'due' else record.action_close()
        return self.action_open_source()

    def action_open_source(self):
        """Open the record that it is about."""
        self.ensure_one()
        record = self._get_source()
        return {
            'type': 'ir.actions.act_window', 'res_model': record._name, 'res_id': record.id, 'views': [(False, 'form')]}

    def _get_source(self):
        return self.env[SOURCES[self.kind]].browse(self.res_id)

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, *args, **kwargs):
        """An id tells the record, by which PostgreSQL finds a row without looking at all others."""
        return super()._search(Domain(domain).map_conditions(self._add_record), *args, **kwargs)

    @api.model
    def _add_record(self, condition):
        if condition.field_expr != 'id' or condition.operator not in ('=', 'in'):
            return condition
        ids = [condition.value] if condition.operator == '=' else condition.value
        return condition & Domain('res_id', 'in', {id_ // len(KINDS) for id_ in ids if id_})

    @property
    def _table_query(self):
        return self._get_rows_sql(fields.Date.context_today(self))

    @api.model
    def _get_rows_sql(self, today):
        """:param date today: what is due is so on this day
        :return: SQL of the rows
        """
        return SQL(" UNION ALL ").join(
            self._row_sql(kind, getattr(self, f'_{kind}_sql')(today), today) for kind in KINDS)

    @api.model
    def _row_sql(self, kind, things, today):
        """The columns of a thing to do, which has ``record_id``, ``account_id``, ``user_id``, ``money`` and ``deadline``.

        Conditions on these reach the things themselves, for which there are indexes.
        """
        late = SQL("%s - item.deadline", today)
        return SQL(
            """
            SELECT item.record_id::bigint * %(kinds)s + %(place)s AS id, item.user_id, item.account_id, account.company_id,
                   account.currency_id, account.tier_id, %(kind)s AS kind, item.deadline, %(model)s AS res_model,
                   item.record_id AS res_id, COALESCE(item.money, account.revenue * %(share)s, 0) AS amount,
                   GREATEST(COALESCE(item.money, account.revenue * %(share)s), account.revenue * %(floor)s, 1)::float8
                   * CASE WHEN item.deadline IS NULL THEN 0.5
                          WHEN %(late)s >= 0 THEN 1 + LEAST(%(late)s, %(most)s) / %(doubles)s::float8
                          ELSE 1 / (1 - (%(late)s) / %(doubles)s::float8) END AS urgency
              FROM (%(things)s) item
              JOIN key_account account ON account.id = item.account_id AND account.active
            """, kinds=len(KINDS), place=KINDS.index(kind), kind=kind, model=SOURCES[kind], things=things, late=late,
            most=MOST_LATE, doubles=DOUBLES_IN, share=0.05, floor=FLOOR)

    @api.model
    def _risk_sql(self, today):
        return SQL(
            """
            SELECT risk.id AS record_id, risk.account_id, risk.user_id, COALESCE(risk.amount, 0) AS money, risk.deadline
              FROM key_account_risk risk WHERE risk.state = 'open' AND risk.user_id IS NOT NULL
            """)

    @api.model
    def _review_sql(self, today):
        """The days on which reviews are to be planned are those of the schedule; meetings are on days of the company."""
        return SQL(
            """
            SELECT review.id AS record_id, review.account_id, review.user_id, NULL::numeric AS money,
                   CASE WHEN review.state = 'due' THEN review.due_date ELSE meeting.day END AS deadline
              FROM key_account_review review
              JOIN res_company company ON company.id = review.company_id
              JOIN res_partner seller ON seller.id = company.partner_id
        CROSS JOIN LATERAL (
                   SELECT (review.date AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(seller.tz, 'UTC'))::date AS day) meeting
             WHERE review.state IN ('due', 'planned', 'held')
               AND CASE review.state WHEN 'due' THEN review.due_date <= %(today)s + company.key_account_review_days
                                     WHEN 'planned' THEN meeting.day <= %(today)s ELSE TRUE END
               AND NOT %(warned)s
            """, today=today, warned=self._warned_sql(SQL("review.account_id"), SQL("review.user_id"), SQL(
                "(risk.res_model, risk.res_id) = ('key.account.review', review.id)"
                " OR rule.kind = 'review_overdue' AND review.state = 'due'")))

    @api.model
    def _promise_sql(self, today):
        return SQL(
            """
            SELECT promise.id AS record_id, promise.account_id, promise.user_id, NULLIF(promise.amount, 0) AS money,
                   promise.date_due AS deadline
              FROM key_account_promise promise
              JOIN res_company company ON company.id = promise.company_id
             WHERE promise.state = 'open' AND promise.date_due <= %(today)s + company.key_account_promise_days
               AND NOT %(warned)s
            """, today=today, warned=self._warned_sql(SQL("promise.account_id"), SQL("promise.user_id"), SQL(
                "(risk.res_model, risk.res_id) = ('key.account.promise', promise.id)")))

    @api.model
    def _order_sql(self, today):
        """What is due again is one row of the customer, as it is one quotation."""
        return SQL(
            """
            SELECT account.id AS record_id, account.id AS account_id, account.user_id, due.money, due.deadline
              FROM key_account account
              JOIN res_company company ON company.id = account.company_id
        CROSS JOIN LATERAL (
                   SELECT SUM(rhythm.usual_amount) AS money, MIN(rhythm.next_date) AS deadline
                     FROM key_account_rhythm rhythm
                    WHERE rhythm.account_id = account.id AND rhythm.next_date <= %(today)s AND rhythm.lapsed_after >= %(today)s
                      AND rhythm.confidence >= company.key_account_rhythm_confidence
                      AND NOT %(warned)s) due
             WHERE account.user_id IS NOT NULL AND due.deadline IS NOT NULL
            """, today=today, warned=self._warned_sql(SQL("account.id"), SQL("account.user_id"), SQL(
                "rule.kind = 'product_overdue' AND risk.res_id = rhythm.product_id")))

    @api.model
    def _warned_sql(self, account, user, cause):
        """:param SQL cause: condition on ``risk`` and its ``rule``
        :return: SQL of whether an open warning of the same person asks for it already
        """
        return SQL(
            """
            EXISTS (SELECT FROM key_account_risk risk
                 LEFT JOIN key_account_risk_rule rule ON rule.id = risk.rule_id
                     WHERE risk.account_id = %s AND risk.user_id = %s AND risk.state = 'open' AND (%s))
            """, account, user, cause)
