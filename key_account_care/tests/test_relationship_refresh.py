import random
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon

REFRESH = 'odoo.addons.key_account_care.models.key_account_relationship_refresh'


@tagged('post_install', '-at_install')
class TestRelationshipRefresh(RelationshipCommon):
    """A night counts only what is new, and ends with what a full recount would give."""

    @patch(f'{REFRESH}.LATE_MESSAGES', 0)
    def test_nights_equal_a_recount(self):
        chance = random.Random(4)
        people, users = [self.ada, self.bea, self.cid], [self.ours, self.other]
        mails = []
        for night in range(0, 500, 25):
            day = TODAY + timedelta(days=night)
            for _number in range(chance.randrange(4)):
                ends = [chance.choice(people), chance.choice(users)]
                chance.shuffle(ends)
                mails.append(self.mail(*ends, day=day - timedelta(days=chance.randrange(300))))
            if chance.random() < 0.4:
                self.meet(chance.choice(users), *chance.sample(people, 2), day=day + timedelta(days=chance.randrange(-20, 40)))
            if mails and chance.random() < 0.3:
                mails.pop(chance.randrange(len(mails))).unlink()
            if chance.random() < 0.2:
                chance.choice(people).key_account_seniority = chance.choice('12345')
            self.refresh(day)
            by_night = self.read_all()
            self.Relationship._recount_relationships(self.env.company, day)
            self.env.invalidate_all()
            self.assertEqual(by_night, self.read_all(), day)
        self.assertTrue(by_night)

    def test_unchanged_night_writes_nothing(self):
        self.mail(self.ours, self.ada)
        self.refresh()
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM key_account_relationship ORDER BY id")
        before = self.env.cr.fetchall()
        self.refresh()
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM key_account_relationship ORDER BY id")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_changed_weights_count_anew(self):
        self.mail(self.ours, self.ada)
        self.refresh()
        before = self.find(self.ours, self.ada).strength
        self.env.company.key_account_weight_mail = 5
        self.refresh()
        self.assertGreater(self.find(self.ours, self.ada).strength, before)
