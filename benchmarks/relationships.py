"""The nightly count of relationships on a history of mails, against the bare SQL that finds the last exchange of each pair."""

import statistics
import time
from datetime import timedelta

from odoo.tools import SQL

from . import exchange, screens
from .databases import environment

STEP = "_refresh_relationships"
OTHERS = ("_refresh_responses", "_refresh_people", "_refresh_departures", "_refresh_attention")
WARM = 1


def forget_all(database):
    """Make it as if there had been no run before."""
    with environment(database) as env:
        env.cr.execute(
            "DELETE FROM key_account_relationship; DELETE FROM key_account_response;"
            "UPDATE res_company SET key_account_relationship_day = NULL, key_account_response_day = NULL")


def run_steps(database, today):
    """Run the steps of relationships as the nightly run does; return a dict of seconds by step."""
    with environment(database) as env:
        company = env.ref("base.main_company")
        accounts = env["key.account"].with_company(company)
        steps = [step for step in accounts._get_refresh_steps() if step.__name__ in (STEP, *OTHERS)]
        return {step.__name__: _timed(lambda step=step: accounts._run_step(step, company, today, True)) for step in steps}


def time_yardstick(database, today):
    """Seconds of the least that anybody has to ask the database who wants to know when which two had contact last."""
    with environment(database) as env:
        env.cr.execute(yardstick_sql(today))  # fills the caches
        return _timed(lambda: env.cr.execute(yardstick_sql(today)))


def yardstick_sql(today):
    """The last exchange of each pair, by the rules that say what is one; only the number of pairs comes back.

    Nothing is weighed, faded, summed up or written.
    """
    return SQL(
        """
        SELECT COUNT(last) FROM (
            SELECT interaction.user_id, interaction.partner_id, account.id, MAX(interaction.date)
              FROM (
                SELECT ours.id AS user_id, message.author_id AS partner_id, message.date
                  FROM mail_message message
                  JOIN mail_message_res_partner_rel rel ON rel.mail_message_id = message.id
                  JOIN res_users ours ON ours.partner_id = rel.res_partner_id AND ours.share IS FALSE
                 WHERE message.message_type IN ('email', 'comment') AND message.is_internal IS NOT TRUE
                 UNION ALL
                SELECT ours.id, message.author_id, message.date
                  FROM mail_message message
                  JOIN mail_message answered ON answered.id = message.parent_id
                  JOIN res_users ours ON ours.partner_id = answered.author_id AND ours.share IS FALSE
                 WHERE message.message_type IN ('email', 'comment') AND message.is_internal IS NOT TRUE
                 UNION ALL
                SELECT ours.id, sent.partner_id, message.date
                  FROM mail_message message
                  JOIN res_users ours ON ours.partner_id = message.author_id AND ours.share IS FALSE
                  JOIN (SELECT mail_message_id, res_partner_id AS partner_id FROM mail_notification
                         WHERE notification_type = 'email'
                           AND notification_status NOT IN ('bounce', 'exception', 'canceled')
                         UNION
                        SELECT rel.mail_message_id, rel.res_partner_id FROM mail_message_res_partner_rel rel
                         WHERE NOT EXISTS (SELECT FROM mail_notification failed
                                            WHERE failed.mail_message_id = rel.mail_message_id
                                              AND failed.res_partner_id = rel.res_partner_id
                                              AND failed.notification_status IN ('bounce', 'exception', 'canceled'))
                       ) sent ON sent.mail_message_id = message.id
                 WHERE message.message_type = 'comment' AND message.is_internal IS NOT TRUE
                 UNION ALL
                SELECT ours.id, theirs.partner_id, event.start
                  FROM calendar_event event
                  JOIN calendar_attendee us ON us.event_id = event.id AND us.state <> 'declined'
                  JOIN res_users ours ON ours.partner_id = us.partner_id AND ours.share IS FALSE
                  JOIN calendar_attendee theirs ON theirs.event_id = event.id AND theirs.state <> 'declined'
                 WHERE event.active AND event.stop < %(end)s
              ) interaction
              JOIN res_partner contact ON contact.id = interaction.partner_id AND contact.is_company IS NOT TRUE
              JOIN key_account account ON account.partner_id = contact.commercial_partner_id
              JOIN res_company_users_rel allowed ON allowed.user_id = interaction.user_id AND allowed.cid = account.company_id
             WHERE interaction.date < %(end)s
          GROUP BY interaction.user_id, interaction.partner_id, account.id) last
        """, end=today + timedelta(days=1))


def count(database):
    """:return: dict of how many relationships and responses there are, and of how many pairs the large map is"""
    with environment(database) as env:
        return {
            "relationships": env["key.account.relationship"].search_count([]),
            "responses": env["key.account.response"].search_count([]),
            "pairs": len(_map_account(env).relationship_ids)}  # fmt: skip


def open_map(database, repeats):
    """Open the large map and Odoo's form of its customer, in turn; return their usual milliseconds."""
    spent = {"map": [], "partner": []}
    with environment(database) as env:
        user = screens._make_manager(env)
    for turn in range(repeats + WARM):
        for name in spent:
            with environment(database) as env:
                account = _map_account(env).with_user(user).with_context(lang="en_US", bin_size=True)
                partner = account.partner_id
                env.invalidate_all()
                start = time.perf_counter()
                account.get_relationship_map() if name == "map" else screens._open_form(partner)
                if turn >= WARM:
                    spent[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(values) for name, values in spent.items()}


def _map_account(env):
    return env["key.account"].search([("partner_id.name", "=", exchange.MAP_CUSTOMER)], limit=1)


def _timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
