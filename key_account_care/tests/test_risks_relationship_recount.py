from collections import Counter
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from statistics import median, median_low
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tools import SQL

from .common import TODAY
from .hypothesis_common import needs_hypothesis, run_examples, strategies
from .risk_common import RiskCommon

PEOPLE = ('single_thread', 'role_missing', 'sponsor_missing', 'contact_left')
LIMITS = (50, 60, 67, 80)  # of more rules about threads
CONTACT = ('customer_silent', 'touch_overdue', 'mail_unanswered')
OTHER = 8  # the place of the account of the first customer at another company, after those of all customers


def pick(*values):
    return strategies.sampled_from(values)


def rows(size, **columns):
    """:return: strategy of lists of so many dicts"""
    return strategies.lists(strategies.fixed_dictionaries(columns), min_size=size, max_size=size)


def ago(days):
    return None if days is None else TODAY - timedelta(days=days)


def rounded(number, digits='0.01'):
    number = Fraction(number)
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(Decimal(digits), ROUND_HALF_UP)


@needs_hypothesis
class TestRisksRelationshipRecount(RiskCommon):
    """What the rules about people, contact and products find in random data equals a recount in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiers = cls.set_tiers({'rule': 'manual'}, {'rule': 'manual'})
        cls.users = cls.salesperson + cls.salesperson_2 + cls.manager
        cls.roles = cls.env['key.account.buying.role'].search([], limit=3)
        cls.roles[2].active = False
        cls.customers = cls.customer + cls.env['res.partner'].union(*(
            cls.create_customer(contacts=["Ada"]) for __ in range(OTHER - 1)))
        cls.env['res.partner'].create([{'name': "Bea", 'parent_id': customer.id} for customer in cls.customers])
        cls.people = [customer.child_ids.sorted('name') for customer in (*cls.customers, cls.customer)]
        other = cls.create_company("Other", cls.company.currency_id)
        cls.accounts = cls.account.union(
            *(cls.create_account(customer) for customer in cls.customers[1:]),
            cls.create_account(cls.customer, company_id=other.id, user_id=False))

    # ------------------------------------------------------------
    # Drawn and found
    # ------------------------------------------------------------

    @staticmethod
    def set_columns(record, **values):
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items())
        record.env.cr.execute(SQL("UPDATE %s SET %s WHERE id = %s", SQL.identifier(record._table), columns, record.id))

    def run_recounts(self, check, *drawn, max_examples):
        """Call a method with examples, and forget after each what it has written."""
        def play(values):
            with self.env.cr.savepoint() as world:
                check(*values)
                world.rollback()
            self.env.invalidate_all()

        self.seen = Counter()
        run_examples(play, strategies.tuples(*drawn), max_examples=max_examples, shrink=False)
        for kind, count in self.seen.items():  # else the examples tell nothing
            self.assertGreater(count, 5, kind)

    def set_rules(self, tiers, **limits):
        """Each rule has its limit, and is about these tiers, or all accounts."""
        self.rules = {kind: self.use_rule(kind, threshold=limit) for kind, limit in limits.items()}
        self.Rule.union(*self.rules.values()).tier_ids = self.tiers[:tiers]

    def set_accounts(self, accounts):
        for account, row in zip(self.accounts, accounts):
            self.set_columns(account, **{
                'tier_id': None if row['tier'] is None else self.tiers[row['tier']].id,
                'sponsor_id': None if row.get('sponsor') is None else self.users[row['sponsor']].id,
                **{name: row[name] for name in ('revenue', 'active', 'order_count') if name in row},
                **{name: ago(row[name]) for name in ('last_order_date', 'tier_since') if name in row}})

    def set_pairs(self, pairs):
        """Who of ours knows whom at which account; the last of the same three counts.

        :return: list of the rows that are there
        """
        pairs = list({(row['account'], row['user'], row['person']): row for row in pairs}.values())
        self.env['key.account.relationship'].create([{
            'account_id': self.accounts[row['account']].id, 'user_id': self.users[row['user']].id,
            'partner_id': self.people[row['account']][row['person']].id, 'strength': row.get('strength', 50),
            **{name: ago(row.get(name)) for name in ('last_in', 'last_out', 'last_meeting')}} for row in pairs])
        return pairs

    def looked_at(self, accounts, tiers):
        """:return: list of (place, row, money) of the accounts that the rules are about"""
        return [
            (place, row, max(Fraction(str(row['revenue'])), 0)) for place, row in enumerate(accounts)
            if place != OTHER and row['active'] and (not tiers or row['tier'] in range(tiers))]

    def assertRecount(self, expected):
        """Each rule has found for each account and record as much money, and these facts.

        :param dict expected: by kind dict by (place of the account, record) of the money and a dict
        """
        self.env['key.account']._refresh_people(self.company, TODAY, self.env['key.account'])
        self.detect()
        places = {account: place for place, account in enumerate(self.accounts)}
        for kind, rule in self.rules.items():
            self.seen[kind] += len(expected[kind])
            found = {
                (places[risk.account_id], self.env[risk.res_model].browse(risk.res_id)):
                (Decimal(str(risk.amount)).quantize(Decimal('0.01')), risk.facts) for risk in self.get_risks(rule)}
            self.assertEqual(found, {
                cause: (rounded(amount), facts) for cause, (amount, facts) in expected[kind].items()}, kind)

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def test_people(self):
        account = rows(OTHER + 1, tier=pick(0, 1, 0, None), revenue=pick(1200, 999.99, -100, 0), sponsor=pick(0, 1, 2, None),
                       active=pick(True, True, True, False))
        person = rows(2 * OTHER, active=pick(True, True, True, False), left=pick(None, None, -1, 0, 1, 90, 91),
                      sign=pick(None, 400), successor=pick(False, False, True), roles=pick((), (0,), (1,), (0, 1)))
        pair = rows(24, account=strategies.integers(0, OTHER), user=pick(0, 1, 2), person=pick(0, 1),
                    strength=pick(0, 9, 10, 11, 20, 40, 80))
        tier = rows(2, sponsor_required=pick(True, True, False), roles=pick((0, 1, 2), (0, 1), (1, 2), (0,), ()))
        self.run_recounts(
            self.check_people, account, person, pair, tier,
            strategies.lists(pick(True, True, False), min_size=3, max_size=3), pick(0, 0, 1),
            pick(90, 1, 0), max_examples=12)

    def check_people(self, accounts, people, pairs, policy, works, tiers, days):
        self.set_accounts(accounts)
        for tier, row in zip(self.tiers, policy):
            tier.write({'sponsor_required': row['sponsor_required'], 'required_role_ids': [
                Command.set([self.roles[role].id for role in row['roles']])]})
        self.set_people(people)
        pairs = self.set_pairs(pairs)
        for user, active in zip(self.users, works):
            self.set_columns(user, active=active)
        self.set_rules(tiers, single_thread=100, role_missing=0, sponsor_missing=0, contact_left=days)
        self.rules.update({limit: self.rules['single_thread'].copy({'threshold': limit}) for limit in LIMITS})
        expected = {kind: {} for kind in (*PEOPLE, *LIMITS)}
        for place, account, revenue in self.looked_at(accounts, tiers):
            theirs = people[2 * place:2 * place + 2]
            known = [row for row in pairs if row['account'] == place]
            there = [row for row in known if self.is_there(theirs[row['person']])]
            required = policy[account['tier']] if account['tier'] is not None else {'roles': (), 'sponsor_required': False}
            share = self.count_share(there, works)
            for kind, limit in (('single_thread', 100), *zip(LIMITS, LIMITS)):
                if share is not None and share * 100 >= limit:
                    expected[kind][place, self.accounts[place]] = revenue * Fraction(share), {'held_share': float(share)}
            missing = self.count_missing(required['roles'], there, theirs, works)
            for role in missing:
                expected['role_missing'][place, self.roles[role]] = revenue / len(missing), {}
            if required['sponsor_required'] and (account['sponsor'] is None or not works[account['sponsor']]):
                expected['sponsor_missing'][place, self.accounts[place]] = revenue / 12, {}
            for number, held, since in self.count_left(theirs, known, days):
                expected['contact_left'][place, self.people[place][number]] = revenue * held, {'left_date': str(since)}
        self.assertRecount(expected)

    def set_people(self, people):
        """The first customer's are the first two, and so on; the other one of the two is the successor."""
        for number, row in enumerate(people):
            pair = self.people[number // 2]
            pair[number % 2].key_account_role_ids = self.roles.browse(self.roles[role].id for role in row['roles'])
            pair.flush_recordset()
            self.set_columns(
                pair[number % 2], active=row['active'], key_account_left_on=ago(row['left']),
                key_account_left_sign='bounce' if row['sign'] else None, key_account_left_sign_on=ago(row['sign']),
                key_account_successor_id=pair[1 - number % 2].id if row['successor'] else None)
        self.env.invalidate_all()

    @staticmethod
    def is_there(person):
        return person['active'] and (person['left'] is None or person['left'] < 0)

    @staticmethod
    def count_share(pairs, works):
        """:return: what the strongest holds, in whole percent; None when nobody is in contact"""
        if not any(row['strength'] >= 10 for row in pairs):
            return None
        ours, theirs = Counter(), Counter()
        for row in pairs:
            if works[row['user']]:
                ours[row['user']] += row['strength']
                theirs[row['person']] += row['strength']
        if not sum(ours.values()):
            return rounded(1)  # while nobody else is here, it hangs on those who left
        return rounded(max(Fraction(max(side.values()), sum(side.values())) for side in (ours, theirs)))

    @staticmethod
    def count_missing(required, pairs, theirs, works):
        """:return: set of the roles that nobody has with whom one who works here is in contact; archived ones are none"""
        reached = {row['person'] for row in pairs if row['strength'] >= 10 and works[row['user']]}
        return set(required) - {2} - {role for number in reached for role in theirs[number]['roles']}

    @staticmethod
    def count_left(theirs, pairs, days):
        """:return: list of (number, share of all strength, day) of those who left, or seem to have, and meant something"""
        strength = Counter()
        for row in pairs:
            strength[row['person']] += row['strength']
        left = []
        for number, person in enumerate(theirs):
            is_gone = person['left'] is not None and 0 <= person['left'] <= days or person['left'] is None and person['sign']
            if is_gone and person['active'] and not person['successor'] and (strength[number] or person['roles']):
                held = Fraction(strength[number], sum(strength.values())) if strength[number] else 0
                left.append((number, held, ago(person['sign'] if person['left'] is None else person['left'])))
        return left

    # ------------------------------------------------------------
    # Contact
    # ------------------------------------------------------------

    def test_contact(self):
        day = pick(None, None, 29, 30, 31, 35, 36, 60, 61, 400)
        account = rows(OTHER + 1, tier=pick(0, 1, 0, None), revenue=pick(1200, 999.99, -100, 0), order_count=pick(4, 1, 0),
                       last_order_date=day, tier_since=pick(0, 30, 31, 35, 36, 500), active=pick(True, True, True, False))
        pair = rows(14, account=strategies.integers(0, OTHER), user=pick(0, 1), person=pick(0, 1), last_in=day, last_out=day,
                    last_meeting=day)
        moment = strategies.builds(
            lambda days, hours, seconds: datetime(2025, 6, 30) + timedelta(days=-days, hours=hours, seconds=seconds),
            pick(0, 1, 2, 3, 4, 363, 368), pick(-2, 0, 4, 12), pick(-1, 0, 1))
        mail = rows(16, account=strategies.integers(0, OTHER), person=pick(0, 1), asked=moment,
                    due=strategies.one_of(strategies.none(), moment), state=pick('open', 'open', 'open', 'answered', 'dismissed'))
        self.run_recounts(
            self.check_contact, account, pair, mail,
            strategies.lists(pick(30, 31, 0), min_size=2, max_size=2), pick('UTC', 'Europe/Brussels', 'America/New_York'),
            pick(0, 0, 1), strategies.tuples(pick(30, 35, 60), pick(0, 1, 4), pick(0, 1, 3)), max_examples=12)

    def check_contact(self, accounts, pairs, mails, policy, zone, tiers, limits):
        self.set_accounts(accounts)
        for tier, days in zip(self.tiers, policy):
            tier.contact_days = days
        self.company.partner_id.tz = zone
        pairs, waits = self.set_pairs(pairs), self.set_mails(mails)
        self.set_rules(tiers, **dict(zip(CONTACT, limits)))
        silent, touch, patience = limits
        expected = {kind: {} for kind in CONTACT}
        for place, account, revenue in self.looked_at(accounts, tiers):
            known = [row for row in pairs if row['account'] == place]
            heard = self.last(known, 'last_in', 'last_meeting', beside=account['last_order_date'])
            if heard is not None and heard > silent:
                expected['customer_silent'][place, self.accounts[place]] = revenue, {'last_date': str(ago(heard))}
            owed = 0 if account['tier'] is None else policy[account['tier']]
            spoken = self.last(known, 'last_out', 'last_meeting')
            late = (account['tier_since'] if spoken is None else spoken) - owed
            if owed and late > 0 and late >= touch:
                expected['touch_overdue'][place, self.accounts[place]] = revenue * min(Fraction(owed, 365), 1), {
                    'last_date': spoken if spoken is None else str(ago(spoken)), 'due_date': str(ago(late)), 'policy': owed}
            for mail, wait in zip(mails, waits):
                if mail['account'] == place and self.is_late(mail, zone, patience):
                    expected['mail_unanswered'][place, wait] = revenue / max(account['order_count'], 1), {
                        'asked_date': str(self.local_day(mail['asked'], zone)), 'person': ("Ada", "Bea")[mail['person']]}
        self.assertRecount(expected)

    def set_mails(self, mails):
        """:return: list of key.account.response"""
        messages = self.env['mail.message'].create([{'message_type': 'email', 'date': mail['asked']} for mail in mails])
        return list(self.env['key.account.response'].create([{
            'account_id': self.accounts[mail['account']].id, 'company_id': self.accounts[mail['account']].company_id.id,
            'partner_id': self.people[mail['account']][mail['person']].id, 'message_id': message.id,
            'asked_on': mail['asked'], 'due_on': mail['due'], 'state': mail['state']}
            for mail, message in zip(mails, messages)]))

    @staticmethod
    def last(pairs, *names, beside=None):
        """:return: days since the last of these; None when there was none"""
        days = [row[name] for row in pairs for name in names] + [beside]
        return min((number for number in days if number is not None), default=None)

    @staticmethod
    def local_day(moment, zone):
        return moment.replace(tzinfo=ZoneInfo('UTC')).astimezone(ZoneInfo(zone)).date()

    def is_late(self, mail, zone, patience):
        """Whether it was open beyond the promise when yesterday ended, or without one beyond the days."""
        if mail['state'] != 'open' or mail['asked'] < datetime(2024, 6, 30):
            return False
        if mail['due']:
            return self.local_day(mail['due'], zone) < TODAY
        return self.local_day(mail['asked'], zone) < TODAY - timedelta(days=patience)

    # ------------------------------------------------------------
    # Products
    # ------------------------------------------------------------

    def test_product_overdue(self):
        """Orders that come again and again, some of them not quite on time; the last is as late as the borders are."""
        self.company.key_account_revenue_source = 'order'
        self.products = self.product + self.create_product(name="Knot") + self.create_product(name="Old", sale_ok=False)
        self.dollars = self.env['product.pricelist'].create({
            'name': "Dollars", 'currency_id': self.dollar.id, 'company_id': False})
        series = rows(12, account=strategies.integers(0, OTHER), product=pick(0, 1, 0, 1, 2), usual=pick(7, 30),
                      shifts=pick([0, 0], [0, 0, 0], [1], [0, 1], [-4, 1, 0], [0, -4, 4, 0, 1], [4, 0, 0, -4, -1]),
                      late=pick(0, 3, 4, 5, 6, 14, 15, 60, 61), amounts=strategies.lists(
                          strategies.integers(1, 99), min_size=6, max_size=6),
                      state=pick('sale', 'sale', 'sale', 'sale', 'draft', 'cancel'), dollars=pick(False, False, True))
        self.run_recounts(
            self.check_products, series, pick(0, 3, 5), pick(50, 75, 76, 80), max_examples=15)

    def check_products(self, series, tolerance, limit):
        self.company.key_account_rhythm_tolerance = tolerance
        series = list({(row['account'], row['product']): row for row in series}.values())
        self.set_rules(0, product_overdue=limit)
        expected, orders = {}, []
        for row in series:
            days = [row['usual'] + row['late']]
            for shift in row['shifts']:
                days.append(days[-1] + row['usual'] + shift)
            orders += self.prepare_orders(row, days)
            if row['account'] != OTHER and row['state'] == 'sale' and row['product'] != 2:
                expected.update(self.count_overdue(row, days, tolerance, limit))
        self.set_orders(orders)
        self.env['key.account.rhythm'].sudo()._refresh_rhythm(self.company, TODAY, self.env['key.account'])
        self.assertRecount({'product_overdue': expected})

    def prepare_orders(self, row, days):
        """:return: list of (state, values)"""
        account, product = self.accounts[row['account']], self.products[row['product']]
        return [(row['state'], {
            'partner_id': account.partner_id.id, 'company_id': account.company_id.id,
            **({'pricelist_id': self.dollars.id} if row['dollars'] else {}),
            'date_order': datetime.combine(ago(day), datetime.min.time()), 'order_line': [Command.create({
                'product_id': product.id, 'price_unit': amount, 'tax_ids': False})],
        }) for day, amount in zip(days, row['amounts'])]

    def set_orders(self, prepared):
        orders = self.env['sale.order'].create([vals for __, vals in prepared])
        for state in ('sale', 'cancel'):
            orders.browse(order.id for order, (to_be, __) in zip(orders, prepared) if to_be == state).state = state
        self.env.flush_all()

    def count_overdue(self, row, days, tolerance, limit):
        """:return: dict of what is expected of one product, if anything"""
        gaps = [before - after for after, before in zip(days, days[1:])]
        if len(gaps) < 2:
            return {}
        usual = rounded(median(map(Fraction, gaps)), '0.1')
        spread = rounded(Fraction('1.4826') * median(abs(gap - median(map(Fraction, gaps))) for gap in gaps), '0.1')
        sure = rounded(100 * Fraction(len(days), len(days) + 1) * max(0, 1 - Fraction(spread) / Fraction(usual)), '1')
        late = days[0] - int(rounded(Fraction(usual), '1'))
        lapse = ceil(2 * usual)
        if not min(lapse, max(tolerance, ceil(spread))) < late <= lapse or sure < limit:
            return {}
        amount = Fraction(median_low(row['amounts'][:len(days)]), 2 if row['dollars'] else 1)
        return {(row['account'], self.products[row['product']]): (amount, {
            'expected_date': str(ago(late)), 'last_date': str(ago(days[0])), 'interval': float(usual)})}
