import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_risks", {
    steps: () => [
        { content: "The first thing to do", trigger: ".o_list_view .o_data_row:contains(Harbor Works) td[name=what]", run: "click" },
        { content: "Not now", trigger: ".o_form_view button[name=action_decide]:contains(Snooze)", run: "click" },
        { content: "Why", trigger: ".modal [name=reason] textarea, .modal [name=reason] input", run: "edit They decide after the fair" },
        { content: "Until when", trigger: ".modal [name=until] button, .modal [name=until] input", run: "click" },
        { content: "A month from now", trigger: ".o_datetime_picker .o_next", run: "click" },
        { content: "On some day of it", trigger: ".o_date_item_cell:not(.o_out_of_range):contains(15)", run: "click" },
        { content: "So be it", trigger: ".modal button[name=action_apply]", run: "click" },
        { content: "It is quiet", trigger: ".o_form_view .alert-info:contains(They decide after the fair)" },
        { content: "Back to the day", trigger: ".breadcrumb-item a:contains(My Day)", run: "click" },
        { content: "Nothing to do", trigger: ".o_view_nocontent:contains(Nothing is waiting for you)" },
    ],
});

registry.category("web_tour.tours").add("key_account_care_risks_again", {
    steps: () => [
        { content: "It is watched again", trigger: ".o_form_view button[name=action_reopen]", run: "click" },
        { content: "And open", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Open)" },
        { content: "What to do about it", trigger: "button[name=action_fix]", run: "click" },
        { content: "The account, with its health", trigger: ".o_form_view:contains(Harbor Works) [name=health]" },
    ],
});
