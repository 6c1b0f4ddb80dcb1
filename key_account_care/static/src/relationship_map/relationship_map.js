import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const ARROWS = { up: "fa-arrow-up", down: "fa-arrow-down" };
const DIRECTIONS = { in: "fa-long-arrow-left", out: "fa-long-arrow-right", both: "fa-exchange" };

/** Who knows whom: our people as rows, theirs as columns, each cell as strong as the relationship. */
export class RelationshipMap extends Component {
    static template = "key_account_care.RelationshipMap";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ map: null, selected: null });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps(({ record }) => record.resId !== this.accountId && this.load(record.resId));
    }

    async load(accountId) {
        this.accountId = accountId;
        this.state.selected = null;
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

    onSelect(user, person) {
        this.state.selected = { user, person };
    }

    /** Arrow keys move from cell to cell. */
    onKeydown(ev) {
        const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
        const step = steps[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const [row, column] = ev.currentTarget.dataset.place.split(",").map(Number);
        const place = `${row + step[0]},${column + step[1]}`;
        ev.currentTarget.closest("table").querySelector(`[data-place="${place}"]`)?.focus();
    }

    async onDesired(value) {
        const { user, person } = this.state.selected;
        const cell = this.getCell(user, person);
        const desired = cell?.desired === value ? false : value;
        await this.orm.call("key.account", "set_desired_level", [[this.accountId], user.id, person.id, desired]);
        await this.load(this.accountId);
        this.onSelect(user, person);
    }

    async onIntroduce() {
        const { user, person } = this.state.selected;
        const action = await this.orm.call("key.account", "action_plan_introduction", [
            [this.accountId],
            user.id,
            person.id,
        ]);
        this.action.doAction(action, { onClose: () => this.props.record.load() });
    }

    onOpenInteractions() {
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
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: person.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("key_account_relationship_map", {
    component: RelationshipMap,
});
