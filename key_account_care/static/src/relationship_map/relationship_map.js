import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ARROWS = { up: "fa-arrow-up", down: "fa-arrow-down" };
const MANY = 8; // columns from which on the names stand upright, so that 30 of them fit
const DIRECTIONS = { in: "fa-long-arrow-left", out: "fa-long-arrow-right", both: "fa-exchange" };

/** Who knows whom: our people as rows, theirs as columns, each cell as strong as the relationship. */
export class RelationshipMap extends Component {
    static template = "key_account_care.RelationshipMap";
    static props = { ...standardWidgetProps, close: { type: Function, optional: true } };

    setup() {
        this.dialog = useService("dialog");
        this.panel = useRef("panel");
        this.table = useRef("table");
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ map: null, selected: null });
        this.focus = useState({ place: "0,0" });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps(({ record }) => record.resId !== this.accountId && this.load(record.resId));
        useEffect(
            (panel) => {
                panel?.scrollIntoView({ block: "nearest" });
            },
            () => [this.panel.el]
        );
    }

    async load(accountId) {
        if (accountId !== this.accountId) {
            this.state.selected = null;
            this.focus.place = "0,0";
        }
        this.accountId = accountId;
        if (!accountId) {
            this.state.map = null;
            return;
        }
        const map = await this.orm.call("key.account", "get_relationship_map", [accountId]);
        map.byPair = Object.fromEntries(map.cells.map((cell) => [`${cell.user_id}-${cell.partner_id}`, cell]));
        this.state.map = map;
    }

    /** The areas above the columns, each with the number of columns that follow one another under it. */
    get areas() {
        const areas = [];
        for (const { area } of this.state.map.theirs) {
            if (areas.length && areas.at(-1).name === area) {
                areas.at(-1).span += 1;
            } else {
                areas.push({ name: area, span: 1 });
            }
        }
        return areas;
    }

    /** What a cell is and what somebody thinks it is, by the same words. */
    getLevels(cell) {
        const names = Object.fromEntries(this.state.map.levels);
        return [
            cell.level && _t("Computed: %s", names[cell.level]),
            cell.assessment && _t("Own assessment: %s", names[cell.assessment]),
        ].filter(Boolean);
    }

    getCell(user, person) {
        return this.state.map.byPair[`${user.id}-${person.id}`];
    }

    getClass(user, person) {
        const cell = this.getCell(user, person);
        const level = cell ? Math.min(Math.ceil(cell.strength / 20), 5) : 0;
        const { selected } = this.state;
        const isSelected = selected && selected.user.id === user.id && selected.person.id === person.id;
        return `o_strength_${level}${cell?.is_gap ? " o_gap" : ""}${isSelected ? " o_selected" : ""}`;
    }

    getTitle(person) {
        const { name, function: job, seniority, stance_name, roles } = person;
        return [name, job, seniority, stance_name, ...roles].filter(Boolean).join(" · ");
    }

    getIcons(cell) {
        return [DIRECTIONS[cell.direction], ARROWS[cell.trend]].filter(Boolean);
    }

    getLabel(user, person) {
        const cell = this.getCell(user, person);
        return cell?.strength
            ? _t("%(ours)s and %(theirs)s: strength %(strength)s of 100", {
                  ours: user.name,
                  theirs: person.name,
                  strength: cell.strength,
              })
            : _t("%(ours)s and %(theirs)s: no exchange", { ours: user.name, theirs: person.name });
    }

    get isCompact() {
        const { theirs, missing_roles } = this.state.map;
        return theirs.length + missing_roles.length > MANY;
    }

    /** The whole map is one stop of the Tab key; arrow keys move within it. */
    getTabIndex(row, column) {
        return this.focus.place === `${row},${column}` ? 0 : -1;
    }

    async onSelect(user, person) {
        this.state.selected = { user, person, explanation: "" };
        const cell = this.getCell(user, person);
        if (cell) {
            // one at a time: words for all pairs would take as long as the rest of the map
            const [{ explanation }] = await this.orm.read("key.account.relationship", [cell.id], ["explanation"]);
            const { selected } = this.state; // perhaps another one by now
            if (selected?.user.id === user.id && selected.person.id === person.id) {
                selected.explanation = explanation;
            }
        }
    }

    onFocusin(ev) {
        this.focus.place = ev.target.dataset.place || this.focus.place;
    }

    /** Arrow keys move from cell to cell, and up to the people above them; Home and End to the ends of a row. */
    onKeydown(ev) {
        const [row, column] = ev.currentTarget.dataset.place.split(",").map(Number);
        const places = {
            ArrowLeft: [row, column - 1],
            ArrowRight: [row, column + 1],
            ArrowUp: [row - 1, column],
            ArrowDown: [row + 1, column],
            Home: [row, 0],
            End: [row, this.state.map.theirs.length - 1],
        };
        if (ev.key in places) {
            ev.preventDefault();
            this.focusPlace(places[ev.key].join(","));
        }
    }

    focusPlace(place) {
        this.table.el.querySelector(`[data-place="${place}"]`)?.focus();
    }

    /** Escape goes back from what is said about a cell to the cell. */
    onPanelKeydown(ev) {
        if (ev.key === "Escape") {
            ev.preventDefault();
            ev.stopPropagation();
            this.state.selected = null;
            this.focusPlace(this.focus.place);
        }
    }

    onEnlarge() {
        this.dialog.add(
            RelationshipMapDialog,
            { record: this.props.record },
            { onClose: () => this.load(this.accountId) }
        );
    }

    async onDesired(value) {
        const { user, person } = this.state.selected;
        const cell = this.getCell(user, person);
        const desired = cell?.desired === value ? false : value;
        await this.orm.call("key.account", "set_desired_level", [[this.accountId], user.id, person.id, desired]);
        await this.load(this.accountId);
        await this.onSelect(user, person);
    }

    async onIntroduce() {
        const { user, person } = this.state.selected;
        const action = await this.orm.call("key.account", "action_plan_introduction", [
            [this.accountId],
            user.id,
            person.id,
        ]);
        this.action.doAction(action, {
            onClose: async () => {
                await this.props.record.load();
                await this.load(this.accountId);
            },
        });
    }

    onOpenInteractions() {
        this.props.close?.();
        const { user, person } = this.state.selected;
        this.action.doAction("key_account_care.action_key_account_interaction", {
            additionalContext: {},
            props: {
                domain: [
                    ["user_id", "=", user.id],
                    ["partner_id", "=", person.id],
                ],
            },
        });
    }

    onOpenPerson(person) {
        this.props.close?.();
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: person.id,
            views: [[false, "form"]],
        });
    }
}

/** The map over the whole screen. */
class RelationshipMapDialog extends Component {
    static template = "key_account_care.RelationshipMapDialog";
    static components = { Dialog, RelationshipMap };
    static props = { record: Object, close: Function };
}

registry.category("view_widgets").add("key_account_relationship_map", {
    component: RelationshipMap,
});
