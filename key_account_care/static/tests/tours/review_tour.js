import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_review", {
    steps: () => [
        { content: "It is due", trigger: ".o_data_row:contains(North Harbor) .o_data_cell[name=type_id]", run: "click" },
        { content: "When are we free?", trigger: ".o_form_view button[name=action_plan]:contains(Plan Meeting)", run: "click" },
        { content: "The second proposal", trigger: ".modal [name=slot_id] .o_radio_item:eq(1) input", run: "click" },
        { content: "It is chosen", trigger: ".modal [name=slot_id] .o_radio_item:eq(1) input:checked" },
        { content: "Plan", trigger: ".modal footer button[name=action_plan]", run: "click" },
        { content: "It is planned", trigger: ".o_form_view .o_arrow_button_current:contains(Planned)" },
        { content: "With an agenda", trigger: ".o_form_view [name=topic_ids] .o_data_row:contains(Deliveries)" },
    ],
});
