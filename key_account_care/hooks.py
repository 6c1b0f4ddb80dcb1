"""What Odoo does not clean up by itself when the addon is uninstalled."""


def uninstall_hook(env):
    """Delete what stands in the way, and what would be left in Odoo's own tables.

    :param env: environment of the superuser
    """
    _end_agreements(env)
    _keep_meetings(env)
    env.cr.execute("DELETE FROM mail_activity WHERE key_account_rest_company_id IS NOT NULL")
    # Accounts hold on to tiers, and tiers to plans; there may be too many accounts to unlink them one by one
    env.cr.execute("DELETE FROM key_account")
    env.invalidate_all()
    everything = env(context={**env.context, 'active_test': False})
    everything['key.account.tier'].search([]).unlink()
    everything['mail.activity.plan'].search([('res_model', 'like', 'key.account%')]).unlink()
    everything['ir.filters'].search([('model_id', 'like', 'key.account%')]).unlink()
    everything['ir.exports'].search([('resource', 'like', 'key.account%')]).unlink()
    everything['mail.compose.message'].search([('model', 'like', 'key.account%')]).unlink()
    _delete_notes_of_odoo(env)


def _end_agreements(env):
    """Orders keep their prices and name their pricelist; without its rules it is an archived name and prices nothing."""
    pricelists = env['product.pricelist'].with_context(active_test=False).search([('key_account_agreement_id', '!=', False)])
    used = env['sale.order'].search([('pricelist_id', 'in', pricelists.ids)]).pricelist_id
    used.item_ids.unlink()
    used.write({'active': False, 'key_account_agreement_id': False})
    (pricelists - used).unlink()
    env.flush_all()
    env.cr.execute("UPDATE sale_order_line SET key_account_agreement_line_id = NULL"
                   " WHERE key_account_agreement_line_id IS NOT NULL")
    env.cr.execute("DELETE FROM key_account_agreement")
    env.invalidate_all()


def _keep_meetings(env):
    """Meetings of reviews stay in the calendars: Odoo deletes what belongs to a model that goes."""
    env.flush_all()
    env.cr.execute("UPDATE calendar_event SET res_model = NULL, res_model_id = NULL, res_id = NULL"
                   " WHERE res_model LIKE 'key.account%'")
    env.invalidate_all()


def _delete_notes_of_odoo(env):
    """Odoo keeps its notes on our foreign keys, and on what its own addons have put into our models."""
    env['ir.model.constraint'].search([('module.name', '=', 'key_account_care'), ('type', '=', 'f')]).unlink()
    env['ir.model.data'].search([
        ('module', '!=', 'key_account_care'),
        ('model', 'in', ('ir.model.inherit', 'ir.model.fields.selection')),
        ('name', '=like', r'%\_\_key\_account%'),
    ]).unlink()
