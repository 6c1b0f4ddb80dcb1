from hashlib import sha256

from odoo import models
from odoo.tools import format_amount


class KeyAccountAgreement(models.Model):
    """What the customer reads of an agreement, in the portal and on paper: words, no cost and no margin."""
    _inherit = 'key.account.agreement'

    def _get_document_lines(self, day=None, with_left=False, prices_only=False):
        """:return: list of dicts of texts, one per line; see :meth:`KeyAccountAgreementLine._get_document_line`

        :param date day: the day whose prices are told; by default those that were signed
        :param bool with_left: also tell what was called off, which is only for the customer itself
        :param bool prices_only: leave out what the customer committed to, for the companies that are covered
        """
        self.ensure_one()
        lines = []
        for line in self.line_ids:
            vals = line._get_document_line(day)
            if prices_only:
                vals['commitment'] = ''
            if with_left and line.commitment != 'none':
                vals.update(done=line._format_committed(line._get_committed_part()), percent=round(line.progress * 100),
                            left=line._format_committed(max(line.remaining, 0.0)))
            lines.append(vals)
        return lines

    def _get_conditions(self):
        """:return: list of sentences with everything that was agreed beside the lines"""
        self.ensure_one()
        return [text for text in (
            self._get_commitment_text(), self._get_beyond_text(), self._get_price_policy_text(), self._get_bonus_text(),
            self._get_payment_text(), self._get_renewal_text(), self._get_notice_text(), self._get_covered_text()) if text]

    def _get_commitment_text(self):
        if not self.commitment or not (self.commit_min or self.commit_max):
            return False
        return self.env._("All purchases together: %(bounds)s.", bounds=self._get_bounds_text(
            *(amount and format_amount(self.env, amount, self.currency_id) for amount in (self.commit_min, self.commit_max))))

    def _get_bounds_text(self, least, most):
        """:return: str, the commitment between two texts, either of which may be missing"""
        if least and most:
            return self.env._("at least %(least)s, at most %(most)s", least=least, most=most)
        return self.env._("at least %(least)s", least=least) if least else self.env._("at most %(most)s", most=most)

    def _get_beyond_text(self):
        if not any((self.commitment and self.commit_max, *(line._has_maximum() for line in self.line_ids))):
            return False
        if self.beyond_limit == 'split':
            return self.env._("What is ordered beyond a maximum costs the normal price.")
        if self.beyond_limit == 'block':
            return self.env._("More than a maximum cannot be ordered under this agreement.")
        return False

    def _get_price_policy_text(self):
        if self.price_policy == 'notice':
            return self.env._(
                "Prices may be revised. New prices are announced %(days)s days before they hold.",
                days=self.price_notice_days)
        if self.price_policy == 'index':
            return self.env._(
                "Prices follow %(index)s. New prices are announced %(days)s days before they hold.",
                index=self.price_index or self.env._("an index"), days=self.price_notice_days)
        return self.env._("Prices are firm until the last day.")

    def _get_bonus_text(self):
        if not self.bonus_ids:
            return False
        return self.env._(
            "Bonus: %(steps)s of all that is invoiced without taxes in a period (%(period)s, from the first day on). "
            "A credit note gives it back when the period is over.",
            steps=self._get_term_text('bonus_ids'), period=self._get_term_text('period_months'))

    def _get_payment_text(self):
        return self.payment_term_id and self.env._("Payment: %(terms)s.", terms=self.payment_term_id.name)

    def _get_renewal_text(self):
        if self.renewal == 'renew':
            return self.env._(
                "The agreement renews itself for %(months)s months each time, unless one side says no.",
                months=self.renewal_months)
        if self.renewal == 'renegotiate':
            return self.env._("Both sides talk about the time after the last day before it comes.")
        return self.env._("The agreement ends on its last day.")

    def _get_notice_text(self):
        return self.notice_days and self.env._("Notice period: %(days)s days before the last day.", days=self.notice_days)

    def _get_covered_text(self):
        return self.covered_partner_ids and self.env._(
            "These companies may order under the agreement, too: %(companies)s.",
            companies=", ".join(self.covered_partner_ids.mapped('name')))

    def _get_terms_digest(self):
        """:return: str that is another one as soon as the customer would sign something else"""
        self.ensure_one()
        agreement = self.with_context(lang='en_US')
        content = (
            agreement.name, agreement.revision, agreement.date_start, agreement.date_end, agreement.currency_id.name,
            str(agreement.terms or ''), agreement._get_conditions(), agreement._get_document_lines())
        return sha256(repr(content).encode()).hexdigest()
