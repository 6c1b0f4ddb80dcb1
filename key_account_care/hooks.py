"""What Odoo does not clean up by itself when the addon is uninstalled."""


def uninstall_hook(env):
    """Delete what people made for our models in Odoo's own tables, so that nothing of ours is left.

    :param env: environment of the superuser
    """
    env['mail.activity.plan'].with_context(active_test=False).search([('res_model', 'like', 'key.account%')]).unlink()
    env['ir.filters'].with_context(active_test=False).search([('model_id', 'like', 'key.account%')]).unlink()
