import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import {
    figureAtRank,
    getAreaPath,
    getDrawnPoints,
    getLastRank,
    getLinePath,
    getNearestPoint,
    getScale,
    getTicks,
    isStretched,
    spreadLabels,
} from "./pareto_geometry";

const MARGIN = { left: 46, top: 30, right: 16, bottom: 40 };
const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
const LABEL_HEIGHT = 17;
const TICK_WIDTH = 48;
const KEY_STEPS = {
    ArrowRight: 1,
    ArrowUp: 1,
    ArrowLeft: -1,
    ArrowDown: -1,
    PageUp: 10,
    PageDown: -10,
    Home: -Infinity,
    End: Infinity,
};

/** Cumulative share of revenue over the accounts, the largest first, with borders that can be moved. */
export class ParetoChart extends Component {
    static template = "key_account_care.ParetoChart";
    static props = {
        curve: Array,
        currencyId: Number,
        borders: Array,
        onMove: Function,
        onStep: Function,
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ width: 0, rank: null });
        this.grip = null;
        const observer = new ResizeObserver(([entry]) => {
            this.state.width = Math.round(entry.contentRect.width);
        });
        onMounted(() => observer.observe(this.root.el));
        onWillUnmount(() => observer.disconnect());
    }

    // ---------------------------------------------------------------------------------------------
    // Drawing
    // ---------------------------------------------------------------------------------------------

    get height() {
        return Math.round(Math.min(Math.max(this.state.width * 0.82, 290), 520));
    }

    get box() {
        return {
            left: MARGIN.left,
            top: MARGIN.top,
            width: Math.max(this.state.width - MARGIN.left - MARGIN.right, 1),
            height: this.height - MARGIN.top - MARGIN.bottom,
        };
    }

    get scale() {
        return getScale(this.props.curve, this.box);
    }

    get curvePath() {
        return getLinePath(getDrawnPoints(this.props.curve, this.scale));
    }

    /** The accounts of a tier are those between the line above and its own. */
    get areas() {
        const { borders, curve } = this.props;
        const areas = [];
        let from = 0;
        for (const border of borders.filter((border) => border.hasLine || border.takesAll)) {
            const to = border.takesAll ? getLastRank(curve) : border.rank;
            if (to > from) {
                areas.push({ border, path: getAreaPath(curve, this.scale, from, to) });
                from = to;
            }
        }
        return areas;
    }

    get lines() {
        const { scale, box } = this;
        return this.props.borders
            .filter((border) => border.hasLine)
            .map((border) => {
                const [x, y] = [scale.toX(border.rank), scale.toY(border.share)];
                return { border, x, y, floor: scale.toY(0), level: border.tier.rule === "pareto" ? box.left : x };
            });
    }

    /** Right of the handle, below the curve; left of it and above the curve where there is no room. */
    get labels() {
        const { left, width } = this.box;
        const length = Math.max(Math.floor(width / 24), 10);
        const labels = this.lines.map(({ border, x, y }) => {
            const name = border.tier.name;
            const atEnd = x > left + width * 0.6;
            return {
                border,
                text: `${name.length > length ? name.slice(0, length - 1) + "…" : name} ${border.text}`,
                anchor: atEnd ? "end" : "start",
                x: atEnd ? x - 14 : x + 14,
                y: atEnd ? y - 8 : y + 5,
            };
        });
        return spreadLabels(labels, LABEL_HEIGHT);
    }

    get shares() {
        return SHARES.map((share) => ({ y: this.scale.toY(share), text: formatPercentage(share) }));
    }

    get rankTitle() {
        return isStretched(this.props.curve)
            ? _t("Accounts, the largest first (stretched at the left)")
            : _t("Accounts, the largest first");
    }

    get ranks() {
        const { curve } = this.props;
        return getTicks(curve, this.scale, TICK_WIDTH).map((rank) => ({
            x: this.scale.toX(rank),
            text: formatInteger(rank),
        }));
    }

    // ---------------------------------------------------------------------------------------------
    // Reading
    // ---------------------------------------------------------------------------------------------

    get guide() {
        const { rank } = this.state;
        return rank && { x: this.scale.toX(rank), y: this.scale.toY(figureAtRank(this.props.curve, rank, "share")) };
    }

    get caption() {
        const { rank } = this.state;
        const { curve, currencyId } = this.props;
        if (!rank) {
            return _t("Move a line, or type a number in the table.");
        }
        return _t("Accounts 1 to %(rank)s (%(part)s of all) bring %(share)s of revenue, %(amount)s or more each.", {
            rank: formatInteger(rank),
            part: formatPercentage(rank / getLastRank(curve), { digits: [16, 1] }),
            share: formatPercentage(figureAtRank(curve, rank, "share"), { digits: [16, 1] }),
            amount: formatMonetary(figureAtRank(curve, rank, "revenue"), { currencyId, digits: [16, 0] }),
        });
    }

    getSlider(border) {
        const limits = border.getLimits(this.props.borders);
        const isAmount = border.tier.rule === "amount";
        return {
            // a lower amount lets more accounts in: to the right is more on every slider, therefore count accounts
            "aria-valuemin": isAmount ? 0 : limits.min,
            "aria-valuemax": isAmount ? getLastRank(this.props.curve) : limits.max,
            "aria-valuenow": isAmount ? border.rank : border.value,
            "aria-valuetext": _t("%(border)s, the %(count)s largest accounts", {
                border: border.text,
                count: formatInteger(border.rank),
            }),
            "aria-label": _t("Border of %(tier)s", { tier: border.tier.name }),
        };
    }

    // ---------------------------------------------------------------------------------------------
    // Moving
    // ---------------------------------------------------------------------------------------------

    getPosition(ev) {
        const { left, top } = this.root.el.getBoundingClientRect();
        return { x: ev.clientX - left, y: ev.clientY - top };
    }

    /** The line keeps the distance at which it was gripped. */
    onGrip(ev, line) {
        if (ev.button) {
            return;
        }
        ev.preventDefault();
        ev.currentTarget.focus({ preventScroll: true });
        ev.currentTarget.setPointerCapture(ev.pointerId);
        const { x, y } = this.getPosition(ev);
        this.grip = { x: line.x - x, y: line.y - y };
        this.state.rank = null;
    }

    onDrag(ev, line) {
        if (!this.grip) {
            return;
        }
        const { scale, grip } = this;
        const { x, y } = this.getPosition(ev);
        const place = getNearestPoint(getDrawnPoints(this.props.curve, scale), x + grip.x, y + grip.y);
        this.props.onMove(line.border, { rank: scale.toRank(place.x), share: scale.toShare(place.y) });
    }

    onRelease() {
        this.grip = null;
    }

    onKeydown(ev, line) {
        const steps = KEY_STEPS[ev.key];
        if (steps) {
            ev.preventDefault();
            this.props.onStep(line.border, steps);
        }
    }

    onHover(ev) {
        const { x } = this.getPosition(ev);
        if (!this.grip && x >= this.box.left) {
            this.state.rank = Math.max(Math.round(this.scale.toRank(x)), 1);
        }
    }

    onLeave() {
        this.state.rank = null;
    }
}
