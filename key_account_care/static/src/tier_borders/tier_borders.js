import { Component, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ParetoChart } from "./pareto_chart";
import { TierBorder } from "./tier_border";
import { TierBordersTable } from "./tier_borders_table";
import { getMoves } from "./tier_moves";

const MODEL = "key.account.tier";
const EXPECTED_ERRORS = ["odoo.exceptions.UserError", "odoo.exceptions.ValidationError"];
const EFFECT_DELAY = 150;

/** Who are our key customers? Move the borders of tiers over the company's own customers, see the effect, apply it. */
export class TierBorders extends Component {
    static template = "key_account_care.TierBorders";
    static components = { Layout, ParetoChart, TierBordersTable };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.isAdministrator = user.isSystem;
        this.state = useState({ data: null, values: {}, effect: [], error: null });
        this.lastEffect = new KeepLast();
        this.loadEffectSoon = useDebounced(this.loadEffect, EFFECT_DELAY);
        onWillStart(async () => this.open(await this.orm.call(MODEL, "get_borders")));
    }

    /** @param {Object} data what the server has stored */
    open(data) {
        const [first] = data.curve;
        this.curve = [{ rank: 0, share: 0, revenue: first?.revenue || 0 }, ...data.curve];
        this.state.data = data;
        this.onReset();
    }

    // ---------------------------------------------------------------------------------------------
    // What is shown
    // ---------------------------------------------------------------------------------------------

    get borders() {
        const { data, values } = this.state;
        return data.tiers.map((tier) => new TierBorder(tier, values[tier.id], this.curve));
    }

    get changedBorders() {
        return this.borders.filter((border) => border.isChanged);
    }

    get moves() {
        return this.state.effect.flatMap(getMoves);
    }

    get canApply() {
        return !this.state.error && (this.changedBorders.length > 0 || this.moves.length > 0);
    }

    get canReset() {
        return this.changedBorders.length > 0 || Boolean(this.state.error);
    }

    get headline() {
        const { data, effect } = this.state;
        const keys = new Set(data.tiers.filter((tier) => tier.is_key).map((tier) => tier.id));
        const rows = effect.filter((row) => keys.has(row.tier_id));
        const sum = (name) => rows.reduce((total, row) => total + row[name], 0);
        return _t("%(count)s of %(total)s customers are key accounts. They bring %(share)s of revenue.", {
            count: formatInteger(sum("accounts")),
            total: formatInteger(data.account_count),
            share: formatPercentage(sum("share"), { digits: [16, 1] }),
        });
    }

    /** @returns {string} everything that applying changes, a line each */
    get consequences() {
        const { data } = this.state;
        const lines = this.changedBorders.map((border) =>
            _t("Border of %(tier)s: %(before)s → %(after)s", {
                tier: border.tier.name,
                before: new TierBorder(border.tier, TierBorder.getStoredValue(border.tier), this.curve).text,
                after: border.text,
            })
        );
        if (lines.length) {
            lines.push("");
        }
        lines.push(...this.moveSentences, "");
        if (this.moves.length) {
            lines.push(_t("This takes effect at once, without grace and without proposals."));
        }
        if (data.locked_count) {
            lines.push(_t("Locked tiers stay as they are: %(count)s.", { count: formatInteger(data.locked_count) }));
        }
        if (data.other_companies && this.changedBorders.some((border) => border.tier.shared)) {
            lines.push(_t("Other companies use these tiers as well; their accounts follow with the next nightly run."));
        }
        return lines.join("\n").trim();
    }

    get moveSentences() {
        const sentences = this.moves.map((move) => move.sentence);
        return sentences.length ? sentences : [_t("No account changes its tier").toString()];
    }

    // ---------------------------------------------------------------------------------------------
    // Moving borders
    // ---------------------------------------------------------------------------------------------

    onMove(border, place) {
        this.setValue(border, border.clamp(border.getValueAt(place), this.borders));
    }

    onStep(border, steps) {
        this.setValue(border, border.clamp(border.getStep(steps), this.borders));
    }

    onChange(border, value) {
        this.setValue(border, value);
    }

    onInvalid(border) {
        this.loadEffectSoon.cancel();
        this.state.error = { tierId: border.id, message: _t("This is not a number.").toString() };
    }

    setValue(border, value) {
        if (this.state.values[border.id] !== value || this.state.error) {
            this.state.values[border.id] = value;
            this.editedId = border.id;
            this.loadEffectSoon();
        }
    }

    onReset() {
        const { tiers, effect } = this.state.data;
        this.loadEffectSoon.cancel();
        this.lastEffect.add(Promise.resolve()); // an answer that is still on its way is about other borders
        this.state.values = Object.fromEntries(tiers.map((tier) => [tier.id, TierBorder.getStoredValue(tier)]));
        this.state.effect = effect;
        this.state.error = null;
    }

    get changedValues() {
        return Object.fromEntries(
            this.changedBorders.map((border) => [border.id, { [border.field]: border.value }])
        );
    }

    async loadEffect() {
        const call = this.orm.silent.call(MODEL, "get_border_effect", [this.changedValues]);
        try {
            this.state.effect = await this.lastEffect.add(call);
            this.state.error = null;
        } catch (error) {
            this.state.error = { tierId: this.editedId, message: this.getMessage(error) };
        }
    }

    /** @returns {string} the server's sentence about input that it cannot use; other errors go on */
    getMessage(error) {
        if (error instanceof RPCError && EXPECTED_ERRORS.includes(error.exceptionName)) {
            return error.data.message;
        }
        throw error;
    }

    // ---------------------------------------------------------------------------------------------
    // Applying
    // ---------------------------------------------------------------------------------------------

    async onApply() {
        this.loadEffectSoon.cancel();
        await this.loadEffect();
        if (!this.state.error) {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Apply the borders?"),
                body: this.consequences,
                confirmLabel: _t("Apply"),
                confirm: () => this.apply(),
                cancel: () => {},
            });
        }
    }

    async apply() {
        const sentences = this.moveSentences;
        try {
            this.open(await this.orm.call(MODEL, "apply_borders", [this.changedValues]));
        } catch (error) {
            this.notification.add(this.getMessage(error), { type: "danger" });
            return;
        }
        this.notification.add(sentences.join(", ") + ".", {
            title: _t("The borders are applied"),
            type: "success",
            buttons: [{ name: _t("Open Accounts"), primary: true, onClick: () => this.openAccounts() }],
        });
    }

    openAccounts() {
        return this.action.doAction("key_account_care.action_key_account");
    }

    openTiers() {
        return this.action.doAction("key_account_care.action_key_account_tier");
    }

    openSettings() {
        return this.action.doAction("key_account_care.action_res_config_settings");
    }
}

registry.category("actions").add("key_account_care.tier_borders", TierBorders);
