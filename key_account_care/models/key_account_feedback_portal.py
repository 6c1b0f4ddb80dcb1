from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

LONGEST = 10000  # letters of one answer
TELL_US = ('complaint', 'praise', 'wish')


class KeyAccountFeedback(models.Model):
    """What customers write themselves, on the page of an invitation or in the portal."""
    _inherit = 'key.account.feedback'

    @api.model
    def _read_form(self, form, questions):
        """Make values of what somebody filled in.

        :param dict form: what the browser sent; everything in it may be made up
        :param key.account.question questions: those on the page
        :return: dict of values of a feedback
        :raise UserError: when nothing was answered, or at too great length
        """
        answers = []
        for question in questions:
            value = self._read_answer(question.kind, form.get(f'question_{question.id}'))
            if value:
                answers.append(Command.create({'question_id': question.id, question.kind: value}))
        given = {kind: self._read_answer(kind, form.get(kind)) for kind in ('score', 'expectation', 'text')}
        if not answers and not any(given.values()):
            raise UserError(self.env._("Please answer at least one question."))
        return {**given, 'answer_ids': answers}

    @api.model
    def _read_answer(self, kind, value):
        """:return: str, the value of a field of an answer; False when there is none that makes sense"""
        value = value if isinstance(value, str) else ''
        if kind != 'text':
            return value in dict(self._fields[kind].selection) and value
        # browsers count a line break as one letter and send two; the database takes no zero bytes
        text = value.replace('\r\n', '\n').replace('\x00', '').strip()
        if len(text) > LONGEST:
            raise UserError(self.env._("Please shorten your text to %(count)s letters.", count=LONGEST))
        return text or False

    @api.model
    def _get_portal_accounts(self, partner):
        """:return: the accounts that a customer has with our companies

        :param res.partner partner: one of the customer's people
        """
        # sudo: customers have no rights on accounts; they only choose whom they write to
        return self.env['key.account'].sudo().search(
            [('partner_id', '=', partner.commercial_partner_id.id)], order='company_id')

    @api.model
    def _get_portal_domain(self, partner):
        """:return: domain of what this person has told us, nobody else's"""
        return Domain('partner_id', '=', partner.id) & Domain('channel', '=', 'web')

    def _get_portal_state(self):
        """:return: str, what the person who told us reads about what came of it"""
        self.ensure_one()
        if self.told_on:
            return self.env._("Answered")
        return self.env._("We work on it") if self.state in ('new', 'in_work') else self.env._("Received, thank you")
