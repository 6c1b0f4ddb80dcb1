from unittest.mock import patch

from odoo.service.model import execute_cr
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL, mute_logger


@tagged('post_install', '-at_install')
class TestFeedbackRaces(TransactionCase):
    """Two at once, each in a transaction of its own as two requests are; what is committed for it is deleted after it."""

    @classmethod
    def commit(cls, function):
        """:return: what a function returns that works in a transaction of its own"""
        with cls.registry.cursor() as cursor:
            cursor.execute(SQL("SET LOCAL lock_timeout = '20s'"))  # a test that waits for itself fails
            return function(cls.env(cr=cursor, context={'tracking_disable': True}))

    def create_world(self, env):
        customer = env['res.partner'].create({'name': "Race Harbor", 'is_company': True})
        account = env['key.account'].create({'partner_id': customer.id, 'company_id': env.company.id})
        return account.id, env['key.account.area'].create({'name': "Race Ropes"}).id

    def delete_world(self, env):
        account = env['key.account'].browse(self.account_id)
        account.feedback_ids.unlink()
        customer = account.partner_id
        account.unlink()
        customer.unlink()
        env['key.account.area'].browse(self.area_id).unlink()

    def test_two_complaints_at_once(self):
        """Of two about the same area the second one sees the first one, although it began before it."""
        self.account_id, self.area_id = self.commit(self.create_world)
        self.addCleanup(self.commit, self.delete_world)
        vals = {'kind': 'complaint', 'account_id': self.account_id, 'area_id': self.area_id}
        late = self.registry.cursor()
        self.addCleanup(late.close)
        late.execute(SQL("SELECT 1"))
        self.commit(lambda env: env['key.account.feedback'].create(vals))
        with patch('odoo.service.model.time.sleep') as sleep, mute_logger('odoo.sql_db'):
            execute_cr(late, self.env.uid, 'key.account.feedback', 'create', [[vals]], {})
        self.assertTrue(sleep.called)
        self.assertEqual(
            self.commit(lambda env: env['key.account'].browse(self.account_id).feedback_ids.sorted('id').mapped('severity')),
            ['1', '2'])
