from datetime import timedelta
from itertools import accumulate

from odoo.tools import SQL

from .common import TODAY, KeyAccountCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}


class TierCommon(KeyAccountCommon):
    """Accounts with given figures, so that a test of tiers needs neither invoices nor orders."""

    @classmethod
    def create_accounts(cls, *revenues, company=None, **vals):
        """An account with each of these revenues, as the nightly run opens it: without tier and history.

        :param res.company company: company of the accounts; by default that of this world
        :param vals: values of all of them, e.g. ``user_id``
        """
        company = company or cls.company
        customers = cls.env['res.partner'].create([
            {'name': f"Customer {place}", 'is_company': True} for place in range(1, len(revenues) + 1)])
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            """
            INSERT INTO key_account (partner_id, company_id, currency_id, active, tier_locked, missed_runs, decline_holds)
                 SELECT id, %s, %s, TRUE, FALSE, 0, FALSE FROM res_partner WHERE id IN %s ORDER BY id
            """, company.id, company.currency_id.id, tuple(customers.ids)))
        accounts = cls.env['key.account'].search([('partner_id', 'in', customers.ids)], order='partner_id')
        accounts = accounts.sorted(lambda account: account.partner_id.id)
        if vals:
            accounts.write(vals)
        cls.set_revenues(accounts, *revenues)
        return accounts

    @classmethod
    def set_revenues(cls, accounts, *revenues):
        """Give accounts, which are all of their company, these revenues; the margin is half of it."""
        ranked = sorted(zip(accounts.ids, revenues), key=lambda pair: (-pair[1], pair[0]))
        total = sum(max(revenue, 0) for revenue in revenues)
        running = accumulate(max(revenue, 0) for _account, revenue in ranked)
        cls.env.flush_all()
        for rank, ((account, revenue), cumulative) in enumerate(zip(ranked, running), start=1):
            cls.env.cr.execute(SQL(
                """
                UPDATE key_account SET revenue = %s, margin = %s, rank = %s, share = %s, cumulative_share = %s WHERE id = %s
                """, revenue, revenue / 2, rank, max(revenue, 0) / total if total else None,
                cumulative / total if total else None, account))
        cls.env.invalidate_all()

    @classmethod
    def assign(cls, today=TODAY, accounts=None, **options):
        """The nightly step that assigns the tiers of this company on a day."""
        accounts = cls.env['key.account'] if accounts is None else accounts
        cls.env.flush_all()
        cls.env['key.account.tier']._refresh_tiers(cls.company, today, accounts, **options)
        cls.env.invalidate_all()

    def assertTiers(self, accounts, *names):
        """Each account is in the tier of this name; None for no tier."""
        self.assertEqual([account.tier_id.name or None for account in accounts], list(names))

    @classmethod
    def get_changes(cls, accounts, **conditions):
        """The tier changes of accounts, account by account, the oldest first."""
        domain = [('account_id', 'in', accounts.ids), *((name, '=', value) for name, value in conditions.items())]
        changes = cls.env['key.account.tier.change'].search(domain)
        return changes.sorted(lambda change: (change.account_id.id, change.id))


class AssignmentCommon(TierCommon):
    """Two tiers, the best account and the rest, and three accounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.rest = cls.set_tiers({'name': "Best", 'rule': 'top', 'top_count': 1}, {'name': "Rest", **EVERYONE})
        cls.accounts = cls.create_accounts(30, 20, 10, user_id=cls.salesperson.id)
        cls.first, cls.second, cls.third = cls.accounts

    def night(self, nights=1, **options):
        """So many nightly assignments in a row, a day each."""
        for _night in range(nights):
            self.today += timedelta(days=1)
            self.assign(self.today, **options)

    def swap(self):
        """The second account overtakes the first."""
        self.set_revenues(self.accounts, 20, 30, 10)
