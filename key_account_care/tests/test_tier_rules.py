import random

from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .tier_common import TierCommon

EVERYONE = {'rule': 'amount', 'amount_min': 0}


class TestTierRules(TierCommon):
    """Which tier the rules give an account."""

    def test_pareto_takes_the_account_that_crosses_the_border(self):
        self.set_tiers({'rule': 'pareto', 'pareto_share': 60}, {'rule': 'pareto', 'pareto_share': 90}, EVERYONE)
        accounts = self.create_accounts(40, 30, 20, 10)
        self.assign()
        self.assertTiers(accounts, "Tier 1", "Tier 1", "Tier 2", "Tier 3")

    def test_pareto_stops_where_the_share_is_reached_exactly(self):
        """Sums of floating point numbers differ in the last digit; 0.1 + 0.2 of 1 is 30 %."""
        self.set_tiers({'rule': 'pareto', 'pareto_share': 30}, EVERYONE)
        accounts = self.create_accounts(*[10] * 10)
        self.assign()
        self.assertTiers(accounts, *["Tier 1"] * 3, *["Tier 2"] * 7)

    def test_pareto_of_one_hundred_percent_takes_all_with_revenue(self):
        self.set_tiers({'rule': 'pareto', 'pareto_share': 100}, EVERYONE)
        accounts = self.create_accounts(40, 30, 0, -5)
        self.assign()
        self.assertTiers(accounts, "Tier 1", "Tier 1", "Tier 2", "Tier 2")

    def test_top_counts_the_tiers_above(self):
        self.set_tiers({'rule': 'top', 'top_count': 1}, {'rule': 'top', 'top_count': 3}, EVERYONE)
        accounts = self.create_accounts(10, 40, 30, 20)
        self.assign()
        self.assertTiers(accounts, "Tier 3", "Tier 1", "Tier 2", "Tier 2")

    def test_top_needs_revenue(self):
        self.set_tiers({'rule': 'top', 'top_count': 3})
        accounts = self.create_accounts(10, 0, -1)
        self.assign()
        self.assertTiers(accounts, "Tier 1", None, None)

    def test_amount_is_reached_at_the_amount(self):
        self.set_tiers(
            {'rule': 'amount', 'amount_min': 100},
            {'rule': 'amount', 'amount_min': 20, 'amount_figure': 'margin'}, EVERYONE)
        accounts = self.create_accounts(100, 99.99, 40, 39.98, 0, -7)
        self.assign()
        self.assertTiers(accounts, "Tier 1", "Tier 2", "Tier 2", "Tier 3", "Tier 3", "Tier 3")

    def test_amount_in_another_currency_is_converted(self):
        """100 dollars are 50 euros in this world."""
        self.set_tiers({'rule': 'amount', 'amount_min': 100, 'currency_id': self.dollar.id})
        accounts = self.create_accounts(50, 49.99)
        self.assign()
        self.assertTiers(accounts, "Tier 1", None)

    def test_amount_is_converted_at_the_rate_of_the_day(self):
        self.env['res.currency.rate'].create({
            'currency_id': self.dollar.id, 'company_id': self.company.id, 'name': self.today, 'rate': 4.0})
        self.set_tiers({'rule': 'amount', 'amount_min': 100, 'currency_id': self.dollar.id})
        accounts = self.create_accounts(25, 24.99)
        self.assign()
        self.assertTiers(accounts, "Tier 1", None)

    def test_nobody_gets_in_by_hand_only(self):
        self.set_tiers({'rule': 'manual'}, EVERYONE)
        accounts = self.create_accounts(10)
        self.assign()
        self.assertTiers(accounts, "Tier 2")

    def test_no_rule_no_tier(self):
        self.set_tiers({'rule': 'manual'})
        accounts = self.create_accounts(10)
        self.assign()
        self.assertTiers(accounts, None)
        self.assertFalse(self.get_changes(accounts))

    def test_no_tiers_at_all(self):
        self.set_tiers()
        accounts = self.create_accounts(10)
        self.assign()
        self.assertTiers(accounts, None)

    def test_filter_on_any_rule(self):
        belgian = {'filter_domain': "[('partner_id.country_id.code', '=', 'BE')]"}
        self.set_tiers(
            {'rule': 'top', 'top_count': 2, **belgian}, {'rule': 'pareto', 'pareto_share': 50, **belgian},
            {'rule': 'amount', 'amount_min': 10, **belgian}, EVERYONE)
        accounts = self.create_accounts(40, 30, 20, 10, 9)
        (accounts - accounts[0]).partner_id.country_id = self.env.ref('base.be')
        self.assign()
        self.assertTiers(accounts, "Tier 4", "Tier 1", "Tier 3", "Tier 3", "Tier 4")

    def test_filter_with_relative_date(self):
        self.set_tiers({**EVERYONE, 'filter_domain': "[('last_order_date', '>=', 'today -30d')]"})
        accounts = self.create_accounts(10, 20)
        self.env.cr.execute("UPDATE key_account SET last_order_date = %s WHERE id = %s", [self.today, accounts[0].id])
        self.assign()
        self.assertTiers(accounts, "Tier 1", None)

    def test_first_tier_in_order_wins(self):
        tiers = self.set_tiers({'rule': 'amount', 'amount_min': 50}, {'rule': 'top', 'top_count': 10})
        accounts = self.create_accounts(60, 40)
        self.assign()
        self.assertTiers(accounts, "Tier 1", "Tier 2")
        tiers[0].sequence = 3
        self.set_revenues(accounts, 40, 60)
        self.assign()
        self.assertTiers(accounts, "Tier 2", "Tier 2")

    def test_same_sequence_keeps_the_order_of_creation(self):
        self.set_tiers({'rule': 'amount', 'amount_min': 50, 'sequence': 1}, {**EVERYONE, 'sequence': 1})
        accounts = self.create_accounts(60, 40)
        self.assign()
        self.assertTiers(accounts, "Tier 1", "Tier 2")

    def test_archived_tier_takes_nobody(self):
        tiers = self.set_tiers({'rule': 'top', 'top_count': 1}, EVERYONE)
        tiers[0].active = False
        accounts = self.create_accounts(10)
        self.env['key.account.tier'].with_context(active_test=False)._refresh_tiers(
            self.company, self.today, self.env['key.account'])
        self.assertTiers(accounts, "Tier 2")

    def test_tier_of_one_company(self):
        other = self.create_company("Other", self.company.currency_id)
        self.set_tiers(
            {'rule': 'top', 'top_count': 1, 'company_id': other.id}, {**EVERYONE, 'company_id': False})
        ours, theirs = self.create_accounts(10), self.create_accounts(20, company=other)
        for company in self.company, other:
            self.env['key.account.tier']._refresh_tiers(company, self.today, self.env['key.account'])
        self.assertTiers(ours, "Tier 2")
        self.assertTiers(theirs, "Tier 1")

    def test_archived_account_keeps_its_tier(self):
        self.set_tiers({'rule': 'top', 'top_count': 1}, EVERYONE)
        account = self.create_accounts(10)
        account.partner_id.active = False
        self.assign()
        self.assertTiers(account, None)

    def test_many_random_worlds(self):
        """The tiers found by SQL are those of a recount, account by account, in whole numbers."""
        accounts = self.create_accounts(*range(12))
        for seed in range(25):
            chance = random.Random(seed)
            rules = [
                {'rule': 'amount', 'amount_figure': 'margin', 'amount_min': chance.randint(5, 60)},
                {'rule': 'top', 'top_count': chance.randint(2, 8)},
                {'rule': 'pareto', 'pareto_share': chance.randint(1, 99)}]
            chance.shuffle(rules)
            self.set_tiers(*rules, EVERYONE)
            revenues = [chance.choice([0, -10, 5, 50, chance.randint(-20, 100)]) for _account in accounts]
            self.set_revenues(accounts, *revenues)
            self.assign(immediate=True)
            with self.subTest(seed=seed, rules=rules, revenues=revenues):
                self.assertEqual(
                    [account.tier_id.sequence for account in accounts],
                    self._recount(rules, dict(zip(accounts.ids, revenues))))

    def _recount(self, rules, revenues):
        """:return: list of the places of the tiers, in the order of ``revenues``, a dict by account"""
        total, before, places = sum(max(revenue, 0) for revenue in revenues.values()), 0, {}
        for rank, account in enumerate(sorted(revenues, key=lambda key: (-revenues[key], key)), start=1):
            revenue = revenues[account]
            meets = {
                'amount': [revenue >= 2 * vals.get('amount_min', 0) for vals in rules],
                'top': [revenue > 0 and rank <= vals.get('top_count', 0) for vals in rules],
                'pareto': [revenue > 0 and before * 100 < vals.get('pareto_share', 0) * total for vals in rules],
            }
            inside = [meets[vals['rule']][place] for place, vals in enumerate(rules)]
            places[account] = [*inside, True].index(True) + 1
            before += max(revenue, 0)
        return [places[account] for account in revenues]


class TestBadRules(TierCommon):
    """A rule that cannot work is refused with a sentence that says so."""

    def assertRefused(self, constraint, vals):
        with (self.subTest(vals=vals), mute_logger('odoo.sql_db'),
              self.assertRaises(IntegrityError) as caught, self.env.cr.savepoint()):
            self.set_tiers(vals)
        message = self.env['key.account.tier']._sql_error_to_message(caught.exception)
        self.assertIn(constraint, message)

    def test_numbers_out_of_range(self):
        share = "The share of revenue must be above 0 % and at most 100 %."
        self.assertRefused(share, {'rule': 'pareto', 'pareto_share': 0})
        self.assertRefused(share, {'rule': 'pareto', 'pareto_share': -1})
        self.assertRefused(share, {'rule': 'pareto', 'pareto_share': 100.01})
        count = "The number of accounts must be at least 1."
        self.assertRefused(count, {'rule': 'top', 'top_count': 0})
        self.assertRefused(count, {'rule': 'top', 'top_count': -3})
        self.assertRefused("The amount must not be negative.", {'rule': 'amount', 'amount_min': -0.01})

    def test_negative_care_policy(self):
        for name in ('grace_runs', 'review_months', 'contact_days', 'answer_hours', 'satisfaction_months',
                     'data_check_months', 'min_their_contacts', 'min_our_contacts'):
            self.assertRefused("The numbers of a care policy must not be negative.", {name: -1})

    def test_numbers_of_another_rule_do_not_matter(self):
        tier = self.set_tiers({'rule': 'manual', 'pareto_share': 0, 'top_count': 0})
        self.assertEqual(tier.rule_summary, "By hand only")

    def test_filter_that_cannot_be_used(self):
        for text in (
            "[('no_such_field', '=', 1)]",
            "[('partner_id.no_such_field', '=', 1)]",
            "[('partner_id', '=', 1)",  # syntax
            "rubbish",
            "'a text'",
            "42",
            "[1, 2]",
            "[('revenue', 'is bigger than', 1)]",
            "[('revenue', '>', 'a lot')]",  # only the database notices
            "[('margin_rate', '>', 0.5)]",  # neither stored nor searchable
            "[('user_id', '=', uid)]",  # at night there is no user
            "__import__('os').getcwd()",
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, "The filter of tier “Tier 1” cannot be used"):
                self.set_tiers({**EVERYONE, 'filter_domain': text})

    def test_filters_that_can_be_used(self):
        for text in (False, "", "[]", " [] ", "[('revenue', '>', 5)]", "['|', ('user_id', '=', False), ('rank', '<', 9)]"):
            with self.subTest(text=text):
                self.assertTrue(self.set_tiers({**EVERYONE, 'filter_domain': text}))

    def test_tier_that_can_never_get_an_account(self):
        for upper, lower in (
            (EVERYONE, {'rule': 'top', 'top_count': 5}),
            (EVERYONE, {'rule': 'amount', 'amount_min': 5, 'filter_domain': "[('rank', '<', 9)]"}),
            ({'rule': 'pareto', 'pareto_share': 80}, {'rule': 'pareto', 'pareto_share': 60}),
            ({'rule': 'pareto', 'pareto_share': 80}, {'rule': 'pareto', 'pareto_share': 80}),
            ({'rule': 'pareto', 'pareto_share': 5}, {'rule': 'top', 'top_count': 1}),
            ({'rule': 'pareto', 'pareto_share': 100}, {'rule': 'top', 'top_count': 50}),
            ({'rule': 'pareto', 'pareto_share': 100}, {'rule': 'amount', 'amount_min': 1}),
            ({'rule': 'top', 'top_count': 10}, {'rule': 'top', 'top_count': 10}),
            ({'rule': 'amount', 'amount_min': 10}, {'rule': 'amount', 'amount_min': 11}),
        ):
            with (self.subTest(upper=upper, lower=lower), self.env.cr.savepoint(),
                  self.assertRaisesRegex(ValidationError, "Tier “Tier 2” can never get an account: tier “Tier 1” above it")):
                self.set_tiers(upper, lower)

    def test_tiers_that_overlap_but_can_get_accounts(self):
        belgian = {'filter_domain': "[('partner_id.country_id.code', '=', 'BE')]"}
        for upper, lower in (
            ({'rule': 'pareto', 'pareto_share': 60}, {'rule': 'pareto', 'pareto_share': 60.01}),
            ({'rule': 'pareto', 'pareto_share': 60}, {'rule': 'top', 'top_count': 2}),
            ({'rule': 'pareto', 'pareto_share': 100}, {'rule': 'amount', 'amount_min': 1, 'amount_figure': 'margin'}),
            ({'rule': 'top', 'top_count': 9}, {'rule': 'pareto', 'pareto_share': 1}),
            ({'rule': 'amount', 'amount_min': 9}, {'rule': 'amount', 'amount_min': 10, 'amount_figure': 'margin'}),
            ({'rule': 'amount', 'amount_min': 9}, {'rule': 'amount', 'amount_min': 10, 'currency_id': self.dollar.id}),
            ({**EVERYONE, **belgian}, {'rule': 'top', 'top_count': 2}),
            ({**EVERYONE, 'company_id': self.company.id}, {'rule': 'top', 'top_count': 2, 'company_id': False}),
            (EVERYONE, {'rule': 'manual'}),
        ):
            with self.subTest(upper=upper, lower=lower), self.env.cr.savepoint():
                self.assertEqual(len(self.set_tiers(upper, lower)), 2)

    def test_contradiction_by_a_change(self):
        """Also the order, an archived tier that comes back and a lower tier of one company are checked."""
        upper, lower = self.set_tiers({'rule': 'top', 'top_count': 5}, {**EVERYONE, 'company_id': False})
        with self.assertRaisesRegex(ValidationError, "Tier “Tier 1” can never get an account"):
            upper.sequence = 9
        lower.active = False
        upper.sequence = 9
        with self.assertRaisesRegex(ValidationError, "Tier “Tier 1” can never get an account"):
            lower.active = True

    def test_tier_in_use_cannot_be_deleted(self):
        tiers = self.set_tiers({'rule': 'top', 'top_count': 1}, EVERYONE)
        accounts = self.create_accounts(20, 10)
        self.assign()
        with self.assertRaisesRegex(UserError, "Tier “Tier 1” cannot be deleted: 1 accounts are in it"):
            tiers[0].unlink()
        self.set_revenues(accounts, 0, 0)
        self.assign()
        self.assertTiers(accounts, "Tier 2", "Tier 2")
        with self.assertRaisesRegex(UserError, "cannot be deleted: 0 accounts are in it or it is part of their history"):
            tiers[0].with_user(self.manager).unlink()

    def test_tier_of_archived_account_cannot_be_deleted(self):
        tier = self.set_tiers(EVERYONE)
        account = self.create_accounts(20)
        self.assign()
        account.partner_id.active = False
        account.change_ids.unlink()
        with self.assertRaisesRegex(UserError, "1 accounts are in it"):
            tier.unlink()

    def test_unused_tier_can_be_deleted(self):
        tier = self.set_tiers({'rule': 'manual'})
        tier.with_user(self.manager).unlink()
        self.assertFalse(tier.exists())

    def test_accounts_of_an_archived_tier_move_by_the_other_rules(self):
        """At once, whatever its grace: there is nothing left to wait for."""
        tiers = self.set_tiers({'rule': 'top', 'top_count': 1, 'grace_runs': 7}, EVERYONE)
        accounts = self.create_accounts(20, 10)
        self.assign()
        tiers[0].active = False
        self.assign()
        self.assertTiers(accounts, "Tier 2", "Tier 2")
        self.assertEqual(self.get_changes(accounts[0]).tier_from_id, tiers[0])

    def test_copy_of_a_tier_takes_nobody(self):
        tier = self.set_tiers(EVERYONE)
        copy = tier.copy()
        self.assertEqual((copy.name, copy.rule), ("Tier 1 (copy)", 'manual'))

    def test_rule_in_words(self):
        tiers = self.set_tiers(
            {'rule': 'pareto', 'pareto_share': 33.5}, {'rule': 'top', 'top_count': 7},
            {'rule': 'amount', 'amount_min': 50, 'amount_figure': 'margin'}, {'rule': 'amount', 'amount_min': 20},
            {**EVERYONE, 'filter_domain': "[('rank', '>', 3)]"}, {'rule': 'manual'})
        self.assertEqual([text.replace('\N{NO-BREAK SPACE}', ' ') for text in tiers.mapped('rule_summary')], [
            "Largest accounts with 33.5 % of revenue", "The 7 largest accounts", "Margin of at least 50.00 €",
            "Revenue of at least 20.00 €", "Every account, filtered", "By hand only"])
