import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { BorderInput } from "./border_input";
import { getMoves } from "./tier_moves";

/** What the borders do, a row per tier. */
export class TierBordersTable extends Component {
    static template = "key_account_care.TierBordersTable";
    static components = { BorderInput };
    static props = {
        borders: Array,
        effect: Array,
        error: { type: [Object, { value: null }] },
        onChange: Function,
        onInvalid: Function,
    };

    get rows() {
        return this.props.effect
            .map((row) => ({
                ...row,
                border: this.props.borders.find((border) => border.id === row.tier_id),
                moves: getMoves(row),
                error: this.props.error?.tierId === row.tier_id && this.props.error.message,
            }))
            .filter((row) => row.border || row.accounts);
    }

    /** Tiers that owe no meetings need no column for them. */
    get figures() {
        const formatShare = (value) => formatPercentage(value, { digits: [16, 1], trailingZeros: true });
        const formatCount = (value) => formatInteger(value);
        return [
            { name: "accounts", label: _t("Accounts"), format: formatCount, stays: true },
            { name: "share", label: _t("Revenue"), format: formatShare, stays: true },
            {
                name: "reviews",
                label: _t("Reviews a Year"),
                help: _t("Review meetings that the care policy owes"),
                format: formatCount,
            },
            {
                name: "contacts",
                label: _t("Contacts a Year"),
                help: _t("Contacts that the care policy owes"),
                format: formatCount,
            },
        ]
            .map((figure) => ({ ...figure, total: this.getTotal(figure.name) }))
            .filter((figure) => figure.stays || figure.total);
    }

    getTotal(name) {
        return this.props.effect.reduce((total, row) => total + row[name], 0);
    }
}
