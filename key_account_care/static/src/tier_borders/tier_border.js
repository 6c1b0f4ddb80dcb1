import { formatFloat, formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { figureAtRank, getLastRank, rankAtAmount, rankAtShare } from "./pareto_geometry";

const FIELDS = { pareto: "pareto_share", top: "top_count", amount: "amount_min" };

/** The border of a tier at some value: where it is on the curve, how far it can go, how it reads. */
export class TierBorder {
    /**
     * @param {Object} tier as the server sends it
     * @param {number} value
     * @param {Object[]} curve see pareto_geometry
     */
    constructor(tier, value, curve) {
        Object.assign(this, { tier, value, curve });
    }

    /** @returns {number|undefined} the border that the server has stored; undefined for tiers by hand */
    static getStoredValue(tier) {
        return tier[FIELDS[tier.rule]];
    }

    get id() {
        return this.tier.id;
    }

    get field() {
        return FIELDS[this.tier.rule];
    }

    get isChanged() {
        return this.value !== TierBorder.getStoredValue(this.tier);
    }

    /** Tiers by hand, and the one that takes everybody else, have nothing to move. */
    get isMovable() {
        return Boolean(this.field) && (this.tier.rule !== "amount" || this.tier.amount_min > 0);
    }

    /** The curve is about revenue: a margin has no place on it. */
    get hasLine() {
        const { rule, amount_figure } = this.tier;
        return this.isMovable && this.value > 0 && (rule !== "amount" || amount_figure === "revenue");
    }

    get takesAll() {
        return this.tier.rule === "amount" && !this.value;
    }

    // ---------------------------------------------------------------------------------------------
    // Place on the curve
    // ---------------------------------------------------------------------------------------------

    /** How many of the largest accounts are inside. */
    get rank() {
        switch (this.tier.rule) {
            case "pareto":
                return rankAtShare(this.curve, this.value / 100);
            case "top":
                return Math.min(this.value, getLastRank(this.curve));
            default:
                return rankAtAmount(this.curve, this.value * this.tier.rate);
        }
    }

    get share() {
        if (this.tier.rule === "pareto") {
            return Math.min(this.value / 100, 1);
        }
        return figureAtRank(this.curve, this.rank, "share");
    }

    /**
     * @param {{rank: number, share: number}} place on the curve
     * @returns {number} the round value of this border that is nearest to the place
     */
    getValueAt({ rank, share }) {
        switch (this.tier.rule) {
            case "pareto":
                return Math.round(share * 100);
            case "top":
                return Math.round(rank);
            default:
                return roundAmount(figureAtRank(this.curve, Math.max(rank, 1), "revenue") / this.tier.rate);
        }
    }

    // ---------------------------------------------------------------------------------------------
    // Moving
    // ---------------------------------------------------------------------------------------------

    /** @returns {number} the value that lets `steps` units more in (fewer if negative) */
    getStep(steps) {
        if (this.tier.rule === "amount") {
            return roundAmount(this.value - steps * getAmountUnit(this.value));
        }
        return Math.round(this.value) + steps;
    }

    /**
     * The values between the neighbors with the same kind of border, where no tier takes all accounts of another.
     *
     * @param {TierBorder[]} borders of all tiers, in their order
     * @returns {{min: number, max: number}}
     */
    getLimits(borders) {
        const position = borders.findIndex((border) => border.id === this.id);
        const isPeer = (border) => border.isMovable && border.kind === this.kind;
        const above = borders.slice(0, position).filter((border) => isPeer(border) && !border.tier.filtered);
        const below = this.tier.filtered ? [] : borders.slice(position + 1).filter(isPeer);
        const [narrow, wide] = [above, below].map((peers) => peers.map((border) => border.value));
        if (this.tier.rule === "amount") {
            const largest = Math.ceil(this.curve[0].revenue / this.tier.rate);
            const unit = getAmountUnit(this.value);
            return { min: Math.max(0, ...wide) + unit, max: Math.min(largest + unit, ...narrow) - unit };
        }
        const all = this.tier.rule === "pareto" ? 100 : getLastRank(this.curve);
        return { min: Math.max(0, ...narrow) + 1, max: Math.min(all + 1, ...wide) - 1 };
    }

    /** @returns {number} the value nearest to `value` that the neighbors leave room for */
    clamp(value, borders) {
        const { min, max } = this.getLimits(borders);
        return min > max ? this.value : Math.min(Math.max(value, min), max);
    }

    /** Borders of one kind can be compared. */
    get kind() {
        const { rule, amount_figure, currency_id } = this.tier;
        return rule === "amount" ? `${rule},${amount_figure},${currency_id}` : rule;
    }

    // ---------------------------------------------------------------------------------------------
    // Text
    // ---------------------------------------------------------------------------------------------

    /** @returns {string} the bare number, as it is typed */
    get number() {
        return this.tier.rule === "top"
            ? formatInteger(this.value)
            : formatFloat(this.value, { digits: [16, 2], trailingZeros: false });
    }

    /** @returns {string} the number with its unit */
    get text() {
        switch (this.tier.rule) {
            case "pareto":
                return formatPercentage(this.value / 100);
            case "top":
                return formatInteger(this.value);
            default:
                return formatMonetary(this.value, { currencyId: this.tier.currency_id, trailingZeros: false });
        }
    }
}

/** @returns {number} the unit of an amount with two digits that count: 10 for 1,234 */
function getAmountUnit(amount) {
    return amount >= 10 ? 10 ** (Math.floor(Math.log10(amount)) - 1) : 1;
}

function roundAmount(amount) {
    const unit = getAmountUnit(amount);
    return Math.round(amount / unit) * unit;
}
