import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_agreement", {
    steps: () => [
        { content: "What did they buy?", trigger: ".o_form_view button[name=action_propose_agreement]", run: "click" },
        { content: "At the usual price", trigger: ".modal .o_data_row:contains(Rope) [name=price_unit]:contains(90.00)", run: "click" },
        { content: "We offer a better one", trigger: ".modal .o_selected_row [name=price_unit] input", run: "edit 80 && press Tab" },
        { content: "The margin follows", trigger: ".modal .o_data_row [name=margin]:contains(25%)" },
        { content: "Make the draft", trigger: ".modal button[name=action_create_agreement]", run: "click" },
        { content: "The line", trigger: ".o_form_view [name=line_ids] .o_data_row:contains(Rope):contains(80.00)" },
        { content: "Open it", trigger: ".o_form_view [name=line_ids] .o_list_record_open_form_view button", run: "click" },
        { content: "Add a step", trigger: ".o_form_view [name=step_ids] .o_field_x2many_list_row_add a", run: "click" },
        { content: "From 50", trigger: ".o_form_view [name=step_ids] .o_selected_row [name=min_quantity] input", run: "edit 50" },
        { content: "At 75", trigger: ".o_form_view [name=step_ids] .o_selected_row [name=price_unit] input", run: "edit 75" },
        { content: "Back", trigger: ".breadcrumb-item a:contains(North Harbor):last", run: "click" },
        { content: "They have signed", trigger: ".o_form_view button[name=action_sign]", run: "click" },
        { content: "It is in force", trigger: ".o_form_view .o_arrow_button_current:contains(Signed)" },
        { content: "Nothing to send any more", trigger: ".o_form_view:not(:has(button[name=action_send])) button[name=action_revise]" },
    ],
});

registry.category("web_tour.tours").add("key_account_care_agreement_order", {
    steps: () => [
        { content: "For this customer", trigger: ".o_form_view [name=partner_id] input", run: "edit North Harbor" },
        { content: "That one", trigger: ".o-autocomplete--dropdown-item:contains(North Harbor)", run: "click" },
        { content: "It has an agreement", trigger: ".o_form_view [name=key_account_agreement_id]:contains(North Harbor)" },
        { content: "Add a product", trigger: ".o_field_x2many_list_row_add a:contains(product)", run: "click" },
        { content: "Rope", trigger: ".o_selected_row [name^=product] input", run: "edit Rope" },
        { content: "That rope", trigger: ".o-autocomplete--dropdown-item:contains(Rope)", run: "click" },
        { content: "At the agreed price, with the mark", trigger: ".o_data_row:has([name=price_unit]:contains(80.00)):has(.fa-handshake-o), .o_selected_row:has(.fa-handshake-o)" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "Saved at the agreed price", trigger: ".o_data_row:has(.fa-handshake-o) [name=price_unit]:contains(80.00)" },
        { content: "Confirm", trigger: ".o_form_view button[name=action_confirm]:not(.d-none)", run: "click" },
        { content: "It is a call-off", trigger: ".o_arrow_button_current:contains(Sales Order)" },
    ],
});
