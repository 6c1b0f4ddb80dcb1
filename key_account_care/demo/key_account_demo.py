import logging
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.fields import Command

from .sales_history import PATTERNS

_logger = logging.getLogger(__name__)

GRACE_STEPS = ('_refresh_accounts', '_refresh_figures', '_refresh_tiers', '_refresh_activities')


class KeyAccountDemo(models.AbstractModel):
    """Makes the part of the demo data that is a history: sales, nightly runs, and what people decided meanwhile.

    Only the demo data call it. Everything happens in the main company, on days that count back from today.
    """
    _name = 'key.account.demo'
    _description = "Demo Data of Key Accounts"

    @api.model
    def _load(self):
        """Tell the story, once per database. Nobody is mailed."""
        demo = self.with_company(self.env.ref('base.main_company')).with_context(
            tracking_disable=True, mail_create_nosubscribe=True, mail_auto_subscribe_no_notify=True)
        if demo._has_sales():
            return
        try:
            with self.env.cr.savepoint():
                today = fields.Date.context_today(self)
                demo._make_sales(today)
                demo._live_through(today)
        except Exception:  # what a company's own rules refuse must not stop the installation
            _logger.exception("The demo data of key accounts have no history")

    @api.model
    def _live_through(self, today):
        """Two years of nightly runs, a week of them per quarter, then the decisions of the last weeks.

        :param date today: the last night
        """
        for months in range(24, 0, -3):
            self._live_week(today - relativedelta(months=months))
        self._build_teams()
        self._make_feedback(today)
        for age, decide in ((45, self._lock_tiers), (20, self._decline_tier), (6, self._propose_tier)):
            day = today - timedelta(days=age)
            self._live_night(day)
            decide(day)
            self._date_back(day)
        for age in (3, 2, 1):
            self._live_night(today - timedelta(days=age))
        self._make_agreements(today)
        self._make_relationships(today)
        self._make_promises(today)
        self._make_products(today)
        self._make_problems()
        self._forget_reminders()
        self.env['key.account']._refresh(today)
        self._make_reviews(today)
        self._mark_mails_as_sent()

    # ------------------------------------------------------------
    # Nights
    # ------------------------------------------------------------

    @api.model
    def _live_night(self, day):
        # plans that the night launches start on that day
        self.env['key.account'].with_context(default_plan_date=day)._refresh(day, companies=self.env.company)

    @api.model
    def _live_grace(self, day):
        """A night of which nothing is told but in which tier the accounts would be."""
        accounts = self.env['key.account'].with_company(self.env.company).with_context(default_plan_date=day)
        for step in accounts._get_refresh_steps():
            if step.__name__ in GRACE_STEPS:
                accounts._run_step(step, self.env.company, day, False)

    @api.model
    def _live_week(self, start):
        """Seven nights are the grace, so that tiers follow the figures. What they made us do was done long ago.

        :param date start: the first night
        """
        for night in range(6):
            self._live_grace(start + timedelta(days=night))
        self._live_night(start + timedelta(days=6))
        self._get_accounts().activity_ids.unlink()
        self._close_warnings()
        self._hold_reviews()
        self._date_back(start + timedelta(days=6))

    @api.model
    def _close_warnings(self):
        """What was found in that time was settled long ago, and nobody is reminded of it any more."""
        self.env['key.account.risk'].search([('rule_id', '!=', False)]).unlink()
        self.env['mail.activity'].search([('key_account_rest_company_id', '!=', False)]).unlink()

    @api.model
    def _forget_reminders(self):
        """Everybody was asked in the nights before, too: what is left to see are the reminders of the last one."""
        self.env['mail.activity'].search([('res_model', '=', 'key.account.risk')]).unlink()

    @api.model
    def _hold_reviews(self):
        """The reviews of that time were held on the day on which they were due, and nobody waits any more to be asked."""
        reviews = self.env['key.account.review'].search([('state', '=', 'due')])
        reviews.activity_ids.unlink()
        for day, due in reviews.grouped('due_date').items():
            due._set_state('closed', date=datetime.combine(day, time(9)), closed_on=day, by_schedule=False, rating='4')
        invitations = self.env['key.account.feedback.invitation'].search([('state', '=', 'proposed')])
        invitations.activity_id.unlink()
        invitations.unlink()

    @api.model
    def _date_back(self, day):
        """Give what was said and decided just now the day on which it happens in the story.

        :param date day: that day; everything earlier has its day already
        """
        accounts = self._get_accounts()
        morning = datetime.combine(day, time(7, 40))
        accounts.message_ids.filtered(lambda message: message.date > morning).date = morning
        decided = accounts.change_ids.filtered(lambda change: change.cause == 'hand' and change.date > day)
        decided.filtered('decided_on').decided_on = day
        decided.filtered(lambda change: change.state == 'done').account_id.tier_since = day
        decided.date = day

    @api.model
    def _mark_mails_as_sent(self):
        messages = self._get_accounts().message_ids
        messages.sudo().mail_ids.unlink()  # sudo: the demo clears away what it sent, and mails belong to the system
        messages.notification_ids.filtered(lambda sent: sent.notification_type == 'email').notification_status = 'sent'

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    @api.model
    def _get_accounts(self, *customers):
        """The accounts of customers by their short names; of all customers of the story without names.

        :return: key.account
        """
        names = customers or [pattern.customer for pattern in PATTERNS]
        partners = [self.env.ref(f'key_account_care.customer_{name}').id for name in names]
        return self.env['key.account'].search(
            [('partner_id', 'in', partners), ('company_id', '=', self.env.company.id)])

    @api.model
    def _get_people(self):
        """:return: tuple of res.users: the manager and the salesperson of Odoo's demo data"""
        return self.env.ref('base.user_admin'), self.env.ref('base.user_demo')

    @api.model
    def _build_teams(self):
        manager, seller = self._get_people()
        self._get_accounts('aurora', 'saimaa').member_ids = [Command.link(seller.id)]
        self._get_accounts('aurora', 'saimaa').sponsor_id = manager
        self._get_accounts('planica', 'hansekontor').member_ids = [Command.link(manager.id)]

    @api.model
    def _lock_tiers(self, day):
        manager, seller = self._get_people()
        geysir = self._get_accounts('geysir')
        geysir.with_user(manager)._set_tier(
            self.env.ref('key_account_care.tier_key'),
            "Won the tender for four power plants, the large orders start next season.",
            lock_until=day + relativedelta(months=8))
        geysir.activity_ids[:1].with_user(seller).action_feedback(
            feedback="Katla Jónsdóttir shows us the first plant as soon as the road is open.")
        self._get_accounts('svalbard').with_user(manager)._set_tier(
            self.env.ref('key_account_care.tier_growth'),
            "Our reference in the Arctic: all our visitors there sit on our chairs.")

    @api.model
    def _decline_tier(self, day):
        manager, seller = self._get_people()
        account = self._get_accounts('alpenblick').with_user(seller)
        account._propose_tier(
            self.env.ref('key_account_care.tier_key'), "Their best season ever, and they plan a second hotel.")
        account.proposal_id.with_user(manager).action_decline(
            "One good season. Propose it again when the second hotel has signed.")

    @api.model
    def _propose_tier(self, day):
        manager, seller = self._get_people()
        self._get_accounts('campus').with_user(seller)._propose_tier(
            self.env.ref('key_account_care.tier_key'),
            "Stage two has 1,200 seats, and they want one contact for everything.")
        # pylint: disable-next=translation-required
        self._get_accounts('saimaa').with_user(manager).message_post(body=(
            "Called Aino Virtanen: the mill compares our prices with a supplier from Tampere. "
            "She expects our visit this month."))
