from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import TODAY
from .tier_common import TierCommon
from .tour_common import TourCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}
MOVES = ('entering', 'up', 'down')


class TierBordersCommon(TierCommon):
    """Ten accounts and three tiers: 40 % of revenue, 80 % of revenue, and everybody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiers = cls.set_tiers(
            {'rule': 'pareto', 'pareto_share': 40, 'is_key': True, 'review_months': 3, 'contact_days': 10},
            {'rule': 'pareto', 'pareto_share': 80, 'review_months': 12},
            EVERYONE)
        cls.accounts = cls.create_accounts(30, 20, 15, 10, 8, 6, 5, 3, 2, 1)

    @classmethod
    def get_assistant(cls, user=None):
        return cls.env['key.account.tier'].with_user(user or cls.manager)

    def get_effect(self, *shares):
        """The effect of other shares for the first tiers, by name of the tier."""
        return self.by_name(self.get_assistant().get_border_effect(self.as_borders(*shares)))

    def as_borders(self, *shares):
        """As the web client sends them: keys are text."""
        return {str(tier.id): {'pareto_share': share} for tier, share in zip(self.tiers, shares)}

    @staticmethod
    def by_name(effect):
        return {row['name']: row for row in effect}

    def count_by_tier(self):
        self.env.invalidate_all()
        return [len(self.accounts.filtered(lambda account, tier=tier: account.tier_id == tier)) for tier in self.tiers]


class TestTierBorders(TierBordersCommon):
    """What the assistant shows is what applying does."""

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def test_curve_goes_from_the_largest_account_to_all_revenue(self):
        curve = self.get_assistant().get_borders()['curve']
        self.assertEqual(curve[0], {'rank': 1, 'share': 0.3, 'revenue': 30.0})
        self.assertEqual((curve[-1]['rank'], curve[-1]['revenue']), (10, 1.0))
        self.assertAlmostEqual(curve[-1]['share'], 1.0)

    def test_curve_of_many_accounts_stays_small(self):
        self.accounts.unlink()
        self.create_accounts(*range(700, 0, -1))
        curve = self.get_assistant().get_borders()['curve']
        self.assertLessEqual(len(curve), 200)
        self.assertEqual([point['rank'] for point in curve[:50]], list(range(1, 51)), "dense where it is steep")
        self.assertEqual(curve[-1]['rank'], 700)
        self.assertEqual([point['share'] for point in curve], sorted(point['share'] for point in curve))

    def test_totals_leave_credit_notes_out(self):
        self.set_revenues(self.accounts, 30, 20, 15, 10, 8, 6, 5, 3, 2, -50)
        borders = self.get_assistant().get_borders()
        self.assertEqual((borders['account_count'], borders['revenue'], borders['locked_count']), (10, 99.0, 0))
        self.assertAlmostEqual(sum(row['share'] for row in borders['effect']), 1.0)

    def test_first_visit_finds_customers_and_leaves_their_tiers_open(self):
        self.accounts.unlink()
        customer = self.create_customer()
        self.create_invoice(customer, self.today, 100)
        borders = self.get_assistant().get_borders()
        self.assertEqual((borders['account_count'], borders['revenue']), (1, 100.0))
        self.assertEqual(self.by_name(borders['effect'])['Tier 1']['entering'], 1)
        self.assertFalse(self.get_account(customer).tier_id, "nobody has chosen the borders yet")

    def test_company_without_sales(self):
        self.accounts.unlink()
        borders = self.get_assistant().get_borders()
        self.assertEqual((borders['account_count'], borders['revenue'], borders['curve']), (0, 0.0, []))
        self.assertEqual([row['accounts'] for row in borders['effect']], [0, 0, 0, 0])

    def test_amounts_say_what_their_currency_is_worth(self):
        """A dollar is half a euro in this world."""
        self.tiers[1].write({'rule': 'amount', 'amount_min': 20, 'currency_id': self.dollar.id})
        tier = self.get_assistant().get_borders()['tiers'][1]
        self.assertEqual((tier['amount_min'], tier['currency_id'], tier['rate']), (20, self.dollar.id, 0.5))
        self.assertEqual(self.get_effect()['Tier 2']['accounts'], 2, "those with 10 euros, without those above")

    # ------------------------------------------------------------
    # Effect
    # ------------------------------------------------------------

    def test_effect_without_other_borders_is_what_the_nightly_run_stores(self):
        self.assign()
        effect = self.get_effect()
        self.assertEqual([row['accounts'] for row in effect.values()], [*self.count_by_tier(), 0])
        self.assertFalse([row for row in effect.values() if any(row[move] for move in MOVES)])

    def test_effect_counts_who_moves(self):
        self.assign()
        effect = self.get_effect(60, 70)
        self.assertEqual([effect[name]['accounts'] for name in ('Tier 1', 'Tier 2', 'Tier 3')], [3, 1, 6])
        self.assertEqual([effect[name]['up'] for name in ('Tier 1', 'Tier 2', 'Tier 3')], [1, 0, 0])
        self.assertEqual([effect[name]['down'] for name in ('Tier 1', 'Tier 2', 'Tier 3')], [0, 0, 1])

    def test_effect_counts_who_enters_and_who_loses_the_tier(self):
        self.assertEqual([row['entering'] for row in self.get_effect().values()], [2, 3, 5, 0])
        self.assign()
        self.tiers[2].active = False
        effect = self.get_effect()
        self.assertEqual((effect['No tier']['accounts'], effect['No tier']['down']), (5, 5))

    def test_effect_counts_the_meetings_that_are_owed(self):
        effect = self.get_effect()
        self.assertEqual([row['reviews'] for row in effect.values()], [2 * 4, 3 * 1, 0, 0])
        self.assertEqual([row['contacts'] for row in effect.values()], [2 * 365 // 10, 0, 0, 0])

    def test_effect_stores_nothing(self):
        self.assign()
        before = self.read_everything()
        self.get_effect(10, 95)
        self.assertEqual(self.read_everything(), before)

    def read_everything(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return [self.env[model].with_context(active_test=False).search([]).read()
                for model in ('key.account.tier', 'key.account.tier.change', 'key.account')]

    def test_effect_does_not_remember_borders_that_were_tried_before(self):
        self.get_effect(10, 95)
        self.assertEqual([row['accounts'] for row in self.get_effect().values()], [2, 3, 5, 0])

    def test_effect_takes_nothing_but_borders(self):
        borders = {str(self.tiers[0].id): {'name': "Mine", 'rule': 'manual', 'is_key': False}}
        self.assertEqual([row['accounts'] for row in self.get_assistant().get_border_effect(borders)], [2, 3, 5, 0])
        self.get_assistant().apply_borders(borders)
        self.assertEqual((self.tiers[0].name, self.tiers[0].rule), ("Tier 1", 'pareto'))

    def test_other_company_is_not_counted(self):
        other = self.create_company("Elsewhere", self.dollar)
        elsewhere = self.create_accounts(1000, 500, company=other)
        borders = self.get_assistant().get_borders()
        self.assertEqual((borders['account_count'], borders['revenue']), (10, 100.0))
        self.get_assistant().apply_borders(self.as_borders(50))
        self.assertTiers(elsewhere, None, None)

    # ------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------

    def test_locked_accounts_stay(self):
        self.assign()
        self.accounts[9]._set_tier(self.tiers[0], "A friend of the house")
        borders = self.get_assistant().get_borders()
        self.assertEqual((borders['effect'][0]['accounts'], borders['locked_count']), (3, 1))
        self.get_assistant().apply_borders(self.as_borders(10))
        self.assertTiers(self.accounts[0] | self.accounts[1] | self.accounts[9], "Tier 1", "Tier 2", "Tier 1")

    def test_lock_that_is_over_holds_nobody(self):
        self.assign()
        self.accounts[9]._set_tier(self.tiers[0], "Until yesterday", lock_until=TODAY - timedelta(days=1))
        self.assertEqual(self.get_assistant().get_borders()['locked_count'], 0)
        self.assertEqual(self.get_effect()['Tier 3']['down'], 1)
        self.get_assistant().apply_borders({})
        self.assertTiers(self.accounts[9], "Tier 3")

    def test_locked_accounts_of_an_archived_tier_are_shown(self):
        self.assign()
        self.accounts[0]._set_tier(self.tiers[1], "By hand")
        self.tiers[1].active = False
        effect = self.get_effect()
        self.assertEqual(effect['Tier 2']['accounts'], 1)
        self.assertEqual(sum(row['accounts'] for row in effect.values()), 10)

    # ------------------------------------------------------------
    # Applying
    # ------------------------------------------------------------

    def test_apply_does_what_the_effect_says(self):
        self.assign()
        for shares in ((60, 70), (10, 95), (96, 99), (5, 20)):
            expected = list(self.get_effect(*shares).values())
            before = self.get_changes(self.accounts)
            borders = self.get_assistant().apply_borders(self.as_borders(*shares))
            changes = self.get_changes(self.accounts) - before
            self.assertEqual(tuple(self.tiers.mapped('pareto_share')[:2]), shares)
            self.assertEqual(self.count_by_tier(), [row['accounts'] for row in expected[:3]])
            for tier, row in zip(self.tiers, expected):
                self.assertEqual(
                    len(changes.filtered(lambda change, tier=tier: change.tier_to_id == tier)),
                    sum(row[move] for move in MOVES))
            self.assertFalse([row for row in borders['effect'] if any(row[move] for move in MOVES)], "nothing is left to do")

    def test_apply_waits_for_neither_grace_nor_approval(self):
        self.assign()
        self.tiers.grace_runs = 30
        self.company.key_account_assignment = 'proposed'
        self.get_assistant().apply_borders(self.as_borders(10, 20))
        self.assertEqual(self.count_by_tier(), [1, 0, 9])
        self.assertFalse(self.get_changes(self.accounts, state='proposed'))

    def test_apply_withdraws_proposals_whose_cause_is_gone(self):
        self.assign()
        self.company.key_account_assignment = 'proposed'
        self.tiers[0].pareto_share = 60
        self.assign()
        proposal = self.get_changes(self.accounts, state='proposed')
        self.assertEqual(len(proposal), 1)
        self.get_assistant().apply_borders(self.as_borders(40))
        self.assertEqual(proposal.state, 'withdrawn')

    def test_apply_while_a_refresh_is_at_work(self):
        self.patch(type(self.env['key.account']), '_try_lock', lambda account, company: False)
        with self.assertRaises(UserError):
            self.get_assistant().apply_borders(self.as_borders(50))
        self.assertEqual(self.tiers[0].pareto_share, 40)

    # ------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------

    def test_only_managers(self):
        for user in (self.salesperson, self.employee, self.portal_user):
            tiers = self.get_assistant(user)
            for call in (tiers.get_borders, lambda tiers=tiers: tiers.get_border_effect({}),
                         lambda tiers=tiers: tiers.apply_borders({})):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call()

    def assertRefused(self, field, *values, tier=0):
        for value in values:
            borders = {str(self.tiers[tier].id): {field: value}}
            for call in (self.get_assistant().get_border_effect, self.get_assistant().apply_borders):
                with self.subTest(value=value), self.assertRaises(ValidationError):
                    call(borders)

    def test_share_out_of_range(self):
        self.assertRefused('pareto_share', 0, -5, 100.01, 0.001, float('nan'), float('inf'), None, "many", [])
        self.assertEqual(self.tiers[0].pareto_share, 40)

    def test_count_out_of_range(self):
        self.tiers[0].write({'rule': 'top', 'top_count': 2})
        self.assertRefused('top_count', 0, 0.5, -1, 10 ** 12, False)

    def test_negative_amount(self):
        self.tiers[0].write({'rule': 'amount', 'amount_min': 20})
        self.assertRefused('amount_min', -1)

    def test_amount_of_zero_leaves_nothing_for_the_tiers_below(self):
        self.tiers[0].write({'rule': 'amount', 'amount_min': 20})
        self.assertRefused('amount_min', 0)

    def test_lower_tier_must_be_wider(self):
        self.assertRefused('pareto_share', 80, 90)
        self.assertRefused('pareto_share', 40, 10, tier=1)

    def test_message_names_both_tiers(self):
        with self.assertRaisesRegex(ValidationError, "Tier “Tier 2” can never get an account: tier “Tier 1”"):
            self.get_effect(90)


@tagged('-at_install', 'post_install')
class TestTierBordersTour(TierBordersCommon, TourCommon):
    """A manager moves a border in a browser, sees the effect and applies it."""

    def test_tour(self):
        self.assign()
        self.start_tour('/odoo/key-account-borders', 'key_account_care_tier_borders', login=self.manager.login)
        self.assertEqual(self.tiers[0].pareto_share, 60)
        self.assertEqual(self.count_by_tier(), [3, 2, 5])
