from datetime import datetime, time

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .key_account_people import IN_CONTACT


class KeyAccount(models.Model):
    """Who of ours is on leave or has left: an account that hangs on them hangs on one thread."""
    _inherit = 'key.account'

    away_note = fields.Char(
        string="Away", compute='_compute_away_note', help="Who of our people in contact is on leave or has left.")

    @api.depends('relationship_ids.strength')
    def _compute_away_note(self):
        absent = self._get_people_away()
        for account in self:
            account.away_note = " ".join(account._get_away_sentences(absent.get(account.id, ())))

    def get_relationship_map(self):
        """Tell who of ours is away, too."""
        result = super().get_relationship_map()
        days = self._get_users_away()
        for user in result['ours']:
            if user['id'] in days:
                day = days[user['id']]
                away = self.env._("Away until %(date)s", date=format_date(self.env, day)) if day else self.env._("Away")
                user['part'] = ", ".join(filter(None, (user['part'], away)))
        return result

    def _get_introducers(self, user, person):
        """:return: res.users, those who are here first"""
        found = super()._get_introducers(user, person)
        days = self._get_users_away()
        return found.sorted(lambda colleague: colleague.id in days)

    def _get_users_away(self):
        """:return: dict of the last day or None, by the id of each of our users who is away today"""
        return dict(self.env.execute_query(self._away_sql(fields.Date.context_today(self))))

    def _get_people_away(self):
        """:return: dict of lists of tuples by id of the account: name, whether the person left, last day away or None"""
        self.env['key.account.relationship'].flush_model(['account_id', 'user_id', 'strength'])
        # colleagues see the same beside the name in Odoo's chatter: that somebody is away, and until when
        rows = self.env.execute_query(SQL(
            """
            SELECT relationship.account_id, person.name, NOT employee.active, away.until
              FROM key_account_relationship relationship
              JOIN res_users employee ON employee.id = relationship.user_id
              JOIN res_partner person ON person.id = employee.partner_id
         LEFT JOIN (%s) away ON away.user_id = employee.id
             WHERE relationship.account_id = ANY(%s) AND relationship.strength >= %s
               AND (away.user_id IS NOT NULL OR NOT employee.active)
          GROUP BY relationship.account_id, employee.id, person.name, away.until
          ORDER BY MAX(relationship.strength) DESC, person.name
            """, self._away_sql(fields.Date.context_today(self)), self.ids, IN_CONTACT))
        found = {}
        for account_id, *absence in rows:
            found.setdefault(account_id, []).append(absence)
        return found

    def _get_away_sentences(self, absences):
        """:return: list of sentences"""
        sentences = []
        for name, has_left, until in absences:
            if has_left:
                sentences.append(self.env._("%(name)s has left.", name=name))
            elif until:
                sentences.append(self.env._("%(name)s is away until %(date)s.", name=name, date=format_date(self.env, until)))
            else:
                sentences.append(self.env._("%(name)s is away.", name=name))
        return sentences

    @api.model
    def _away_sql(self, today):
        """SQL of our users who are away on a day, with the last day where there is one.

        Odoo knows it from the vacation responder and from the leaves of a resource, which time off makes when it is
        approved. It has to cover the noon of the user: half a day is no leave.
        """
        return SQL(
            """
            SELECT absence.user_id,
                   CASE WHEN MAX(absence.stop) < 'infinity' THEN MAX(absence.stop)::date END AS until
              FROM (SELECT id AS user_id, out_of_office_from AS start, COALESCE(out_of_office_to, 'infinity') AS stop
                      FROM res_users WHERE out_of_office_from IS NOT NULL
                     UNION ALL
                    SELECT resource.user_id, leave.date_from, leave.date_to
                      FROM resource_calendar_leaves leave
                      JOIN resource_resource resource ON resource.id = leave.resource_id
                     WHERE leave.time_type = 'leave' AND resource.user_id IS NOT NULL) absence
              JOIN res_users employee ON employee.id = absence.user_id
              JOIN res_partner person ON person.id = employee.partner_id
        CROSS JOIN LATERAL (SELECT %(noon)s::timestamp AT TIME ZONE COALESCE(person.tz, 'UTC') AT TIME ZONE 'UTC' AS noon) day
             WHERE absence.start < day.noon AND absence.stop > day.noon
          GROUP BY absence.user_id
            """, noon=datetime.combine(today, time(12)))
