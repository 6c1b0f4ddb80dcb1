from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, models

from ..models.key_account_promise_answer import CALL
from .review_history import DELIVERY_DATES, OBJECTIVES, PROMISES


class KeyAccountDemo(models.AbstractModel):
    """Makes promises of both sides, delivery dates and objectives, from the tables in ``review_history``."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_promises(self, today):
        """Promises in all states that there are.

        :param date today: day from which all days count back
        """
        promises = self.env['key.account.promise'].create([self._prepare_promise(promise, today) for promise in PROMISES])
        for promise, record in zip(PROMISES, promises):
            if promise.replaces:
                promises.filtered(lambda each, promise=promise: (each.name, each.state) == (promise.replaces, 'renegotiated')
                                  ).replaced_by_id = record
        late = promises.filtered(lambda promise: (promise.forecast, promise.state, promise.told_on) == ('late', 'open', False))
        for promise in late.with_context(mail_activity_quick_update=True):
            promise.activity_schedule(CALL, **promise._prepare_call())
        self._make_delivery_dates()
        self.env['key.account.objective'].create([self._prepare_objective(objective, today) for objective in OBJECTIVES])

    @api.model
    def _prepare_promise(self, promise, today):
        def day(age):
            return age is not None and today - timedelta(days=age)

        person = self._get_contact(promise.contact)
        account = self._get_account_of(person)
        source = {'order': self._get_orders(account)[:1], 'agreement': account.agreement_id}.get(promise.source)
        return {
            'account_id': account.id, 'contact_id': person.id, 'direction': promise.direction, 'name': promise.name,
            'user_id': self._get_colleague(promise.user).id, 'date_due': day(promise.due), 'amount': promise.amount,
            'state': promise.state, 'done_on': day(promise.done), 'forecast': promise.forecast,
            'expected_on': day(promise.expected), 'told_on': day(promise.told),
            'source_ref': source and f'{source._name},{source.id}',
            'create_date': datetime.combine(day(promise.made), time(9))}

    @api.model
    def _get_orders(self, account):
        """:return: sale.order of an account, the newest first"""
        return self.env['sale.order'].search(
            [('partner_id', 'child_of', account.partner_id.id), ('state', '=', 'sale')], order='date_order desc')

    @api.model
    def _make_delivery_dates(self):
        """Some orders were promised for a day, most of them were delivered."""
        for customer, place, days, delivered in DELIVERY_DATES:
            order = self._get_orders(self._get_accounts(customer))[place]
            order.commitment_date = order.date_order + timedelta(days=days)
            for line in order.order_line.filtered(lambda line: line.qty_delivered_method == 'manual'):
                line.qty_delivered = line.product_uom_qty if delivered else 0.0

    @api.model
    def _prepare_objective(self, objective, today):
        start = today - relativedelta(months=9, day=1)
        return {
            'account_id': self._get_accounts(objective.customer).id, 'name': objective.name, 'measure': objective.measure,
            'category_id': objective.category and self.env.ref(f'key_account_care.{objective.category}').id,
            'start_value': objective.start, 'target_value': objective.target, 'value_by_hand': objective.by_hand,
            'unit': objective.unit, 'is_shared': objective.is_shared, 'year': today.year, 'date_start': start,
            'date_due': start + relativedelta(years=1, days=-1)}
