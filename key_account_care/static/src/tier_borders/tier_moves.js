import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

/** One sentence per way to get into a tier, for one account and for more of them. */
const SENTENCES = {
    entering: (count, tier) =>
        count === 1
            ? _t("1 account enters %(tier)s", { tier })
            : _t("%(count)s accounts enter %(tier)s", { count: formatInteger(count), tier }),
    up: (count, tier) =>
        count === 1
            ? _t("1 account moves up to %(tier)s", { tier })
            : _t("%(count)s accounts move up to %(tier)s", { count: formatInteger(count), tier }),
    down: (count, tier) =>
        count === 1
            ? _t("1 account moves down to %(tier)s", { tier })
            : _t("%(count)s accounts move down to %(tier)s", { count: formatInteger(count), tier }),
    leaving: (count) =>
        count === 1
            ? _t("1 account is in no tier any more")
            : _t("%(count)s accounts are in no tier any more", { count: formatInteger(count) }),
};

const ICONS = { entering: "fa-sign-in", up: "fa-arrow-up", down: "fa-arrow-down", leaving: "fa-sign-out" };

/**
 * @param {Object} row effect of the borders on one tier
 * @returns {{kind: string, text: string, icon: string, sentence: string}[]} who gets into the tier, and how
 */
export function getMoves(row) {
    const counts = row.tier_id
        ? { entering: row.entering, up: row.up, down: row.down }
        : { leaving: row.down };
    return Object.entries(counts)
        .filter(([, count]) => count)
        .map(([kind, count]) => ({
            kind,
            text: formatInteger(count),
            icon: ICONS[kind],
            sentence: SENTENCES[kind](count, row.name).toString(),
        }));
}
