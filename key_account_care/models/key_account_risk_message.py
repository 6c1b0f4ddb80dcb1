import re

from odoo import models
from odoo.fields import Date
from odoo.tools.misc import format_date, formatLang

PLACE = re.compile(r'\{(\w+)\}')


class KeyAccountRiskRule(models.Model):
    """The sentence that says why: the message of the rule with the facts in it, in the reader's language.

    How a fact is shown follows from the end of its name: ``amount`` and ``price`` are money in the currency of the company,
    ``share`` is a percentage (0.5 for 50 %), ``date`` a day. Other numbers and texts stay as they are.
    """
    _inherit = 'key.account.risk.rule'

    def _explain(self, risk):
        """:param key.account.risk risk: one warning of this rule
        :return: str
        """
        self.ensure_one()
        # of what is gone, or not for this reader, it is told what it is
        source = risk.source or self.env['ir.model']._get(risk.res_model).name
        facts = {'source': source, **(risk.facts or {})}
        return PLACE.sub(
            lambda place: self._format_fact(place[1], facts.get(place[1]), risk.currency_id), self.message or self.name)

    def _format_fact(self, name, value, currency):
        if value is None or value is False:
            return "…"
        kind = name.rpartition('_')[2]
        if kind in ('amount', 'price'):
            return currency.format(value)
        if kind == 'share':
            return self.env._("%(number)s %%", number=formatLang(self.env, value * 100, digits=0))
        if kind == 'date':
            return format_date(self.env, Date.to_date(value))
        if isinstance(value, float) and not value.is_integer():
            return formatLang(self.env, value, digits=1)
        return str(int(value)) if isinstance(value, float) else str(value)
