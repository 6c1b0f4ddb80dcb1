import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The pack of a review as it will be printed, ours or the customer's. Only a saved review has one. */
export class ReviewPack extends Component {
    static template = "key_account_care.ReviewPack";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.state = useState({ version: "internal" });
    }

    get url() {
        const { resId, data } = this.props.record;
        // what the page shows follows from these: after a change it is loaded again
        const seen = [data.pack_date, data.period_start, data.period_end].map((value) => value && value.ts).join("-");
        return `/report/html/key_account_care.report_review_${this.state.version}/${resId}?seen=${seen}`;
    }

    show(version) {
        this.state.version = version;
    }

    async print() {
        await this.props.record.save();
        const { resModel, resId } = this.props.record;
        await this.action.doActionButton({
            type: "object",
            name: "action_print_pack",
            resModel,
            resId,
            context: { version: this.state.version },
        });
    }
}

registry.category("view_widgets").add("key_account_review_pack", {
    component: ReviewPack,
    fieldDependencies: [
        { name: "pack_date", type: "datetime" },
        { name: "period_start", type: "date" },
        { name: "period_end", type: "date" },
    ],
});
