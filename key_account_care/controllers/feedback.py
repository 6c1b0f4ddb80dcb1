from odoo import SUPERUSER_ID, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import UserError
from odoo.http import request

from ..models.key_account_feedback import SCORES
from ..models.key_account_feedback_portal import LONGEST, TELL_US

SHOWN = 20


class FeedbackPortal(CustomerPortal):
    """The page of an invitation, and *Tell us* for those who log in: what customers say about us."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'key_account_feedback_count' in counters:
            # not how often they wrote: the entry is there for every customer, also for the first time
            values['key_account_feedback_count'] = len(self._get_own_accounts())
        return values

    # ------------------------------------------------------------
    # The link of an invitation
    # ------------------------------------------------------------

    @http.route('/feedback/<int:invitation_id>', type='http', auth='public', website=True, sitemap=False)
    def feedback_invitation(self, invitation_id, access_token=None, **form):
        """Show the questions; on submit note the answers. The link works once."""
        invitation = self._find_invitation(invitation_id)
        problem = invitation._get_problem(request.env.user, access_token)
        if problem != 'wrong':
            invitation = self._speak_to(invitation)
        if problem:
            return self._show_problem(invitation, problem)
        questions, error = invitation._get_questions(), None
        if request.httprequest.method == 'POST':
            try:
                if invitation._answer(request.env['key.account.feedback']._read_form(form, questions)):
                    return self._render('key_account_care.portal_feedback_thanks', invitation.company_id)
                return self._show_problem(invitation, 'used')
            except UserError as wrong:
                error = str(wrong)
        return self._render('key_account_care.portal_feedback_invitation', invitation.company_id, {
            'invitation': invitation, 'token': access_token, **self._prepare_form_values(questions, form, error)})

    def _find_invitation(self, invitation_id):
        """:return: the invitation as superuser, empty when there is none"""
        # superuser: customers have no rights on invitations; the token in the link is the right to answer this one
        invitation = request.env['key.account.feedback.invitation'].with_user(SUPERUSER_ID).browse(invitation_id).exists()
        return invitation.with_company(invitation.company_id)

    def _speak_to(self, invitation):
        """:return: the invitation in the language of whom it is for, as is everything from now on"""
        lang = invitation.partner_id.lang
        if not lang or not request.env.user._is_public():
            return invitation
        request.update_context(lang=lang)
        return invitation.with_context(lang=lang)

    def _show_problem(self, invitation, problem):
        """Say why the link does not work. Who guesses links learns nothing about those that do."""
        company = request.env.company if problem == 'wrong' else invitation.company_id
        response = self._render('key_account_care.portal_feedback_problem', company, {'problem': problem})
        response.status_code = {'wrong': 404, 'other': 403}.get(problem, 200)
        return response

    # ------------------------------------------------------------
    # Tell us
    # ------------------------------------------------------------

    @http.route('/my/feedback', type='http', auth='user', website=True)
    def portal_my_feedback(self, kind=None, account_id=None, message=None, **form):
        """Show the form and what the person told us before; on submit note it."""
        accounts, error = self._get_own_accounts(), None
        account = self._choose_account(accounts, account_id)
        # superuser: customers have no rights on feedback; the domain tells what is theirs
        Feedback = request.env['key.account.feedback'].with_user(SUPERUSER_ID)
        questions = request.env['key.account.question']._get_questions(account.company_id)
        if request.httprequest.method == 'POST' and account:
            try:
                self._tell(Feedback.with_company(account.company_id), account, kind, Feedback._read_form(form, questions))
                return request.redirect('/my/feedback?message=thanks')
            except UserError as wrong:
                error = str(wrong)
        told = Feedback.search(Feedback._get_portal_domain(request.env.user.partner_id), limit=SHOWN)
        return request.render('key_account_care.portal_my_feedback', {
            **self._prepare_portal_layout_values(), **self._prepare_form_values(questions, form, error),
            'accounts': accounts, 'account': account, 'kind': kind, 'told': told, 'message': message,
            'kinds': self._get_kinds(), 'page_name': 'key_account_feedback',
        })

    def _get_own_accounts(self):
        return request.env['key.account.feedback']._get_portal_accounts(request.env.user.partner_id)

    def _choose_account(self, accounts, account_id):
        """:return: the account that was chosen among those of the customer, else the one of the current company"""
        chosen = accounts.filtered(lambda account: str(account.id) == account_id)
        return chosen or accounts.filtered(lambda account: account.company_id == request.env.company) or accounts[:1]

    def _get_kinds(self):
        """:return: list of what customers can tell us, as key and text; the interview is what the others are not"""
        texts = dict(request.env['key.account.feedback']._fields['kind']._description_selection(request.env))
        return [*((kind, texts[kind]) for kind in TELL_US), ('interview', request.env._("How satisfied you are"))]

    def _tell(self, Feedback, account, kind, vals):
        if kind not in dict(self._get_kinds()):
            raise UserError(request.env._("Choose what it is about."))
        Feedback.create({
            **vals, 'kind': kind, 'channel': 'web', 'account_id': account.id, 'user_id': False,
            'partner_id': request.env.user.partner_id.id})

    # ------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------

    def _prepare_form_values(self, questions, form, error):
        """:return: values of the questions; what was filled in is there again after a mistake"""
        fields = request.env['key.account.feedback']._fields
        return {
            'questions': questions, 'form': form, 'error': error, 'longest': LONGEST,
            'scores': SCORES,
            'expectations': fields['expectation']._description_selection(request.env),
        }

    def _render(self, template, company, values=None):
        company = company.sudo()  # sudo: the page has the name, logo and colors of the company that asks
        return request.render(template, {
            **(values or {}), 'res_company': company, 'no_breadcrumbs': True, 'title': company.name,
            'html_data': {'lang': (request.env.lang or 'en_US').replace('_', '-')},
        })
