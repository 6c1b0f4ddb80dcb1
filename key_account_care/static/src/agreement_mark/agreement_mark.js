import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A small mark on an order line: sold at the agreed price, or covered by the agreement but at another price. */
export class AgreementMark extends Component {
    static template = "key_account_care.AgreementMark";
    static props = { ...standardFieldProps };

    get mark() {
        return this.props.record.data[this.props.name];
    }

    get hint() {
        return this.props.record.data.key_account_agreement_hint || "";
    }

    get icon() {
        return this.mark === "agreed" ? "fa-handshake-o text-success" : "fa-exclamation-triangle text-warning";
    }
}

registry.category("fields").add("key_account_agreement_mark", {
    component: AgreementMark,
    supportedTypes: ["selection"],
    fieldDependencies: [{ name: "key_account_agreement_hint", type: "char" }],
});
