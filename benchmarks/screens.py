"""Opening the list, kanban and form by the calls of the web client, in one process and as a sales manager.

Each opening starts with nothing in the cache of records. What the web client asks for follows from the views, as it
does in ``getFieldsSpec`` of Odoo's relational model.
"""

import statistics
import time

from lxml import etree
from odoo.fields import Command

from .databases import environment

ACTIVITY_FIELDS = (
    "activity_exception_decoration", "activity_exception_icon", "activity_state", "activity_summary",
    "activity_type_icon", "activity_type_id",
)  # fmt: skip
VIEWS = "list kanban form search"
PAGE = {"list": 80, "kanban": 20}
INNER_PAGE = 40
FIRST = 100  # forms are opened from here on in the order of the list: neither the largest records nor empty ones


def open_all(database, repeats):
    """Open each screen some times, ours and Odoo's in turn.

    :return: dict of the usual milliseconds by screen: ``account list``, ``partner list`` ...
    """
    with environment(database) as env:
        user = _make_manager(env)
    spent = {}
    for turn in range(repeats + 1):  # the first turn warms what stays warm between two visits
        for model in ("key.account", "res.partner"):
            for screen, function in (("list", _open_list), ("form", _open_form), ("kanban", _open_kanban)):
                if screen != "kanban" or model == "key.account":
                    seconds = _timed(database, user, model, function, turn)
                    spent.setdefault(f"{model} {screen}", []).append(seconds * 1000)
    return {screen: statistics.median(values[1:]) for screen, values in spent.items()}


def _make_manager(env):
    groups = [env.ref(name).id for name in ("base.group_user", "sales_team.group_sale_manager")]
    user = env["res.users"].with_context(no_reset_password=True, tracking_disable=True).create({
        "name": "Manager", "login": "bench-manager", "group_ids": [Command.set(groups)],
        "company_id": env.ref("base.main_company").id, "company_ids": [Command.set(env.ref("base.main_company").ids)],
    })  # fmt: skip
    return user.id


def _timed(database, user, model, function, turn):
    with environment(database) as env:
        records = env[model].with_user(user).with_context(lang="en_US", bin_size=True)
        opened = records.search([], offset=FIRST + turn, limit=1) if function is _open_form else records
        env.invalidate_all()
        start = time.perf_counter()
        function(opened)
        return time.perf_counter() - start


# ------------------------------------------------------------
# The calls
# ------------------------------------------------------------


def _open_list(records):
    views = _get_views(records)
    _fill_search_panel(records, views["search"])
    records.web_search_read(
        [], _specification(records, views["list"]), limit=PAGE["list"], order=views["list"].get("default_order"),
        count_limit=10001)  # fmt: skip


def _open_kanban(records):
    views = _get_views(records)
    kanban = views["kanban"]
    _fill_search_panel(records, views["search"])
    group = kanban.get("default_group_by")
    bar = kanban.find(".//progressbar")
    records.with_context(read_group_expand=True).web_read_group(
        [], [group], [f"{bar.get('sum_field')}:sum"], auto_unfold=True,
        unfold_read_specification=_specification(records, kanban), unfold_read_default_limit=PAGE["kanban"])  # fmt: skip
    records.read_progress_bar([], group, {"field": bar.get("field"), "colors": dict.fromkeys(
        value for value, _name in records._fields[bar.get("field")].selection)})  # fmt: skip


def _open_form(record):
    views = _get_views(record)
    record.web_read(_specification(record, views["form"]))


def _get_views(records):
    """The views as the web client gets them, parsed."""
    answer = records.get_views([(False, view) for view in VIEWS.split()], {"toolbar": True, "load_filters": True})
    return {name: etree.fromstring(view["arch"]) for name, view in answer["views"].items()}


def _fill_search_panel(records, search):
    for field in search.iterfind(".//searchpanel/field"):
        records.search_panel_select_multi_range(
            field.get("name"), category_domain=[], comodel_domain=[], filter_domain=[], search_domain=[],
            enable_counters=field.get("enable_counters") == "1", expand=False, group_by=False, group_domain=[],
            limit=200)  # fmt: skip


# ------------------------------------------------------------
# What to read
# ------------------------------------------------------------


def _specification(records, view):
    """What the web client reads for a view: all its fields, with those of the views inside it."""
    specification = {}
    for node in _fields(view):
        field = records._fields[node.get("name")]
        specification[field.name] = _field_specification(records, field, node)
        if node.get("widget") in ("list_activity", "kanban_activity"):
            for name in ACTIVITY_FIELDS:
                specification.setdefault(name, _field_specification(records, records._fields[name], node))
    return specification


def _fields(node):
    """The field nodes of a view, without those of the views inside its fields."""
    for child in node.iterchildren(etree.Element):
        if child.tag == "field":
            yield child
        else:
            yield from _fields(child)


def _field_specification(records, field, node):
    if node.get("invisible") in ("1", "True") or not field.relational or field.type == "properties":
        return {"fields": {}} if field.type == "many2one" else {}
    comodel = records.env[field.comodel_name]
    inner = next((view for view in node if view.tag in PAGE), None) if field.name == node.get("name") else None
    if field.type == "many2one" or inner is None:
        color = ["color"] if "color_field" in (node.get("options") or "") and "color" in comodel._fields else []
        return {"fields": dict.fromkeys(["display_name", *color], {})}
    return {"fields": _specification(comodel, inner), "limit": INNER_PAGE}
