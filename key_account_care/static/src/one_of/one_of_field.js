import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { Field } from "@web/views/fields/field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getFormattedValue } from "@web/views/utils";

/**
 * One column for several fields of which another field tells which one counts, e.g. variant, product or category.
 *
 * Options: `by` names the field that chooses, `fields` maps its values to fields, `suffix` maps them to a unit.
 * The fields must be in the view.
 */
export class OneOfField extends Component {
    static template = "key_account_care.OneOf";
    static components = { Field };
    static props = {
        ...standardFieldProps,
        by: { type: String },
        fields: { type: Object },
        suffix: { type: Object, optional: true },
    };

    get choice() {
        return this.props.record.data[this.props.by];
    }

    get name() {
        return this.props.fields[this.choice];
    }

    get suffix() {
        return this.props.suffix?.[this.choice];
    }

    /** What is chosen when it needs no field, in its own words */
    get label() {
        const { selection } = this.props.record.fields[this.props.by];
        return selection.find(([value]) => value === this.choice)?.[1];
    }

    get text() {
        return getFormattedValue(this.props.record, this.name);
    }

    get fieldProps() {
        const isMany2one = this.props.record.fields[this.name].type === "many2one";
        return isMany2one ? { canCreate: false, canCreateEdit: false, canQuickCreate: false } : {};
    }
}

registry.category("fields").add("key_account_one_of", {
    component: OneOfField,
    supportedTypes: ["many2one", "float"],
    listViewWidth: ({ type }) => (type === "many2one" ? [170] : 75),
    extractProps: ({ options }) => ({ by: options.by, fields: options.fields, suffix: options.suffix }),
});
