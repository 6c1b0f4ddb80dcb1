import { Component, useState } from "@odoo/owl";
import { useNumpadDecimal } from "@web/views/fields/numpad_decimal_hook";
import { InvalidNumberError, parseFloat, parseInteger } from "@web/views/fields/parsers";
import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";

/** The border of one tier as a number with its unit; what is typed is left alone until it is done. */
export class BorderInput extends Component {
    static template = "key_account_care.BorderInput";
    static props = {
        border: Object,
        invalid: Boolean,
        onChange: Function,
        onInvalid: Function,
    };

    setup() {
        this.state = useState({ typed: null, isFocused: false });
        useNumpadDecimal();
    }

    get label() {
        return _t("Border of %(tier)s", { tier: this.props.border.tier.name });
    }

    get unit() {
        const { rule, currency_id } = this.props.border.tier;
        switch (rule) {
            case "pareto":
                return "%";
            case "top":
                return _t("accounts");
            default:
                return getCurrency(currency_id)?.symbol;
        }
    }

    get text() {
        const { typed, isFocused } = this.state;
        const { border, invalid } = this.props;
        return typed !== null && (isFocused || invalid) ? typed : border.number;
    }

    onInput(ev) {
        this.state.typed = ev.target.value;
        try {
            const parse = this.props.border.tier.rule === "top" ? parseInteger : parseFloat;
            this.props.onChange(this.props.border, parse(ev.target.value));
        } catch (error) {
            if (!(error instanceof InvalidNumberError)) {
                throw error;
            }
            this.props.onInvalid(this.props.border);
        }
    }

    onFocus() {
        this.state.isFocused = true;
        if (!this.props.invalid) {
            this.state.typed = null;
        }
    }

    onBlur() {
        this.state.isFocused = false;
    }
}
