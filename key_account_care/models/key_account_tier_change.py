import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from odoo.tools.misc import formatLang
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

ANNOUNCED_TOGETHER = 100
FIGURES = ('revenue', 'margin', 'share', 'cumulative_share', 'rank')


class KeyAccountTierChange(models.Model):
    """One change of tier of one account, proposed or done, with its reason and the figures of that day."""
    _name = 'key.account.tier.change'
    _description = "Tier Change"
    _order = 'date desc, id desc'
    _rec_name = 'account_id'
    _check_company_auto = True

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    tier_from_id = fields.Many2one(
        'key.account.tier', string="From Tier", readonly=True, ondelete='restrict', index='btree_not_null')
    tier_to_id = fields.Many2one(
        'key.account.tier', string="To Tier", readonly=True, ondelete='restrict', index='btree_not_null')
    date = fields.Date(required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ('proposed', "Proposed"),
            ('done', "Done"),
            ('declined', "Declined"),
            ('withdrawn', "Withdrawn"),
        ], required=True, readonly=True, default='done',
        help="Withdrawn: the cause of the proposal was gone before somebody decided.")
    cause = fields.Selection(
        selection=[('rule', "By rule"), ('hand', "By hand")], required=True, readonly=True, default='hand')
    reason = fields.Text(readonly=True)
    lock_until = fields.Date(readonly=True, help="Last day on which a tier chosen by hand holds.")
    user_id = fields.Many2one('res.users', string="By", readonly=True, help="Empty: the nightly run.")
    decided_by_id = fields.Many2one('res.users', string="Decided by", readonly=True)
    decided_on = fields.Date(readonly=True)
    decision_reason = fields.Text(readonly=True)
    revenue = fields.Monetary(readonly=True, aggregator=None)
    margin = fields.Monetary(readonly=True, aggregator=None)
    share = fields.Float(readonly=True, aggregator=None)
    cumulative_share = fields.Float(readonly=True, aggregator=None)
    rank = fields.Integer(readonly=True, aggregator=None)
    announced = fields.Boolean(
        readonly=True, help="The plan of the tier was launched and the people concerned were told.")
    explanation = fields.Char(compute='_compute_explanation')

    _one_open_proposal = models.UniqueIndex(
        "(account_id) WHERE state = 'proposed'",
        "There is an open proposal for this account already. Decide that one first.")
    _to_announce = models.Index('(company_id) WHERE announced IS NOT TRUE')

    @api.depends('tier_from_id', 'tier_to_id', 'cause', 'reason', 'user_id', 'rank', 'cumulative_share')
    def _compute_explanation(self):
        for change in self:
            change.explanation = change._get_explanation()

    def _get_explanation(self):
        """:return: why the account changed its tier, in one sentence in the user's language"""
        self.ensure_one()
        if self.cause == 'hand':
            return self.reason or self.env._("Set by hand")
        return self.env._(
            "By rule: revenue %(revenue)s, rank %(rank)s, the accounts down to it bring %(share)s %% of revenue",
            revenue=self.currency_id.format(self.revenue), rank=self.rank,
            share=formatLang(self.env, self.cumulative_share * 100, digits=1))

    def _get_proposal_summary(self):
        """:return: who proposes which tier and why, in the user's language; False without a proposal"""
        if not self:
            return False
        return self.env._(
            "%(who)s proposes %(tier)s: %(why)s", who=self.user_id.name or self.env._("The rule"),
            tier=self.tier_to_id.name or self.env._("no tier"), why=self._get_explanation())

    # ------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------

    @api.model
    def _get_record_sql(self, state, today):
        """Statement that records the rows of ``moving`` (id, tier_from_id, tier_to_id) as changes by rule.

        Changes that nobody has to hear of are recorded as announced.

        :param str state: 'done' or 'proposed'
        :param date today: day of the run
        :return: SQL
        """
        return SQL(
            """
            INSERT INTO key_account_tier_change (
                        account_id, company_id, currency_id, tier_from_id, tier_to_id, date, state, cause,
                        revenue, margin, share, cumulative_share, rank, announced,
                        create_uid, create_date, write_uid, write_date)
                 SELECT account.id, account.company_id, account.currency_id, moving.tier_from_id, moving.tier_to_id,
                        %(today)s, %(state)s, 'rule', account.revenue, account.margin, account.share,
                        account.cumulative_share, account.rank,
                        wanted.activity_plan_id IS NULL
                            AND NOT (COALESCE(former.is_key, FALSE) AND NOT COALESCE(wanted.is_key, FALSE)),
                        %(uid)s, %(now)s, %(uid)s, %(now)s
                   FROM moving
                   JOIN key_account account ON account.id = moving.id
              LEFT JOIN key_account_tier former ON former.id = moving.tier_from_id
              LEFT JOIN key_account_tier wanted ON wanted.id = moving.tier_to_id
            """, today=today, state=state, uid=self.env.uid, now=fields.Datetime.now())

    @api.model
    def _record_by_hand(self, accounts, tier, reason, state, lock_until=False):
        """Record that a person sets, or proposes, ``tier`` for ``accounts``.

        :param key.account accounts: accounts whose tier differs from ``tier``
        :param key.account.tier tier: the tier to be; may be empty
        :param str reason: why, in the person's words
        :param str state: 'done' or 'proposed'
        :param date lock_until: last day on which the choice holds; empty for no end
        :return: key.account.tier.change
        """
        today = fields.Date.context_today(self)
        # history belongs to the addon: people may add to it only by changing a tier
        return self.sudo().create([{
            'account_id': account.id,
            'company_id': account.company_id.id,
            'currency_id': account.currency_id.id,
            'tier_from_id': account.tier_id.id,
            'tier_to_id': tier.id,
            'date': today,
            'state': state,
            'cause': 'hand',
            'reason': reason,
            'lock_until': lock_until,
            'user_id': self.env.uid,
            **{figure: account[figure] for figure in FIGURES},
        } for account in accounts]).sudo(False)

    # ------------------------------------------------------------
    # Deciding on proposals
    # ------------------------------------------------------------

    def action_approve(self):
        """Do the proposed changes.

        :raise AccessError: when the user is not a manager
        :raise UserError: when one of them was decided already
        """
        self._decide('done')
        for change in self:
            if change.cause == 'hand':
                change.sudo().tier_from_id = change.account_id.tier_id  # the rules may have moved it in the meantime
                change.account_id._write_tier(change.tier_to_id, locked_for=change.reason, lock_until=change.lock_until)
            else:
                change.account_id._write_tier(change.tier_to_id)
        self._announce()

    def action_decline(self, reason):
        """Turn the proposed changes down; the same is not proposed again until the rules say something else.

        :param str reason: why, in the manager's words
        :raise AccessError: when the user is not a manager
        :raise UserError: when one of them was decided already
        """
        self._decide('declined', reason)
        # a manager decides on accounts of the whole company
        self.filtered(lambda change: change.cause == 'rule').account_id.sudo().decline_holds = True

    def _decide(self, state, reason=False):
        if not self.env.user.has_group('key_account_care.group_manager'):
            raise AccessError(self.env._("Only a manager of key accounts decides on tier changes."))
        self.check_access('read')
        changes = self.sudo()  # history is written by decisions only, therefore nobody has write access to it
        locked = changes.try_lock_for_update()
        locked.invalidate_recordset(['state'])
        # what is locked by somebody else is being decided at this moment
        decided = changes - locked or locked.filtered(lambda change: change.state != 'proposed')
        if decided:
            raise UserError(self.env._(
                "The change of %(account)s was decided already. Reload the list.",
                account=decided[0].account_id.display_name))
        changes.write({
            'state': state,
            'decided_by_id': self.env.uid,
            'decided_on': fields.Date.context_today(self),
            'decision_reason': reason,
        })

    # ------------------------------------------------------------
    # Telling those concerned
    # ------------------------------------------------------------

    @api.model
    def _refresh_activities(self, company, today, accounts):
        """Launch plans and tell people of the changes that were not announced yet, a batch at a time.

        A change whose plan has nobody to do it waits until the account has a key account manager.

        :param res.company company: company of the changes
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        domain = [('company_id', '=', company.id), ('state', '=', 'done'), ('announced', '=', False)]
        if accounts:
            domain.append(('account_id', 'in', accounts.ids))
        waiting = self.sudo().search(domain)  # the run announces for everybody, whoever started it
        for start in range(0, len(waiting), ANNOUNCED_TOGETHER):
            waiting[start:start + ANNOUNCED_TOGETHER]._announce_each()
            self.env.flush_all()
            self.env.invalidate_all()  # the memory of a batch, not of all of them

    def _announce_each(self):
        """Announce all together; when that fails, one by one, so that the rest is done."""
        try:
            with self.env.cr.savepoint():
                self._announce()
        except OperationalError:  # the whole step is done again
            raise
        except Exception:
            if len(self) > 1:
                for change in self:
                    change._announce_each()
            else:
                _logger.exception("Tier change %s could not be announced; the next run tries again", self.id)

    def _announce(self):
        """Launch the plan of the tier that was entered, and tell when a key tier was left."""
        changes = self.sudo()  # activities and messages are for others than the one who changed the tier
        ready = changes.filtered(lambda change: change.account_id.user_id or not change._get_plan_to_launch())
        for plan, entered in ready.grouped(lambda change: change._get_plan_to_launch()).items():
            if plan:
                entered.account_id._launch_plan(plan)
        for change in ready:
            if change.tier_from_id.is_key and not change.tier_to_id.is_key:
                change._tell_that_key_tier_was_left()
        ready.announced = True

    def _get_plan_to_launch(self):
        """:return: mail.activity.plan of the tier; empty when the account left that tier while the change waited"""
        self.ensure_one()
        still_there = self.filtered(lambda change: change.account_id.tier_id == change.tier_to_id)
        return still_there.tier_to_id.activity_plan_id

    def _tell_that_key_tier_was_left(self):
        """Tell the key account manager and the manager why, in the language of the first of them."""
        self.ensure_one()
        people = self.account_id.user_id | self.account_id._get_manager_to_inform()
        change = self.with_context(lang=people[:1].lang or self.env.lang)
        change.account_id.message_post(
            partner_ids=people.partner_id.ids, subtype_xmlid='mail.mt_note', **change._prepare_left_key_tier_message())

    def _prepare_left_key_tier_message(self):
        self.ensure_one()
        return {
            'subject': self.env._("%(account)s is no key account any more", account=self.account_id.display_name),
            'body': self.env._(
                "%(account)s left the key tier %(former)s and is now in %(present)s. %(why)s.",
                account=self.account_id.display_name, former=self.tier_from_id.name,
                present=self.tier_to_id.name or self.env._("no tier"), why=self._get_explanation().rstrip('.')),
        }
