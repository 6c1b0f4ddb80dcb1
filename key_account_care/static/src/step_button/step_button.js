import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { ViewButton } from "@web/views/view_button/view_button";

/** A button of a list whose text differs from row to row: that of the field. It calls `action_fix` of the record. */
export class StepButtonField extends Component {
    static template = "key_account_care.StepButton";
    static components = { ViewButton };
    static props = { ...standardFieldProps };

    clickParams = { name: "action_fix", type: "object" };
}

registry.category("fields").add("key_account_step", {
    component: StepButtonField,
    supportedTypes: ["char"],
    isEmpty: () => false,
});
