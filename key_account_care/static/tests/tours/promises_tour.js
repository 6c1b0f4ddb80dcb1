import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_promises", {
    steps: () => [
        { content: "The account", trigger: ".o_form_view button[name=action_new_promise]:contains(New Promise)", run: "click" },
        { content: "What", trigger: "[name=name] textarea, [name=name] input", run: "edit Send the new drawings" },
        { content: "Until when", trigger: "[name=date_due] button, [name=date_due] input", run: "click" },
        { content: "Today", trigger: ".o_date_item_cell.o_today", run: "click" },
        { content: "To whom", trigger: "[name=contact_id] input", run: "edit Ada" },
        { content: "Her", trigger: ".o-autocomplete--dropdown-item:contains(Ada)", run: "click" },
        { content: "Save", trigger: ".o_form_button_save", run: "click" },
        { content: "Somebody did it", trigger: "button[name=action_keep]", run: "click" },
        { content: "It is kept", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Kept)" },
        { content: "Back to the account", trigger: ".breadcrumb-item a:contains(Harbor Works)", run: "click" },
        { content: "What was kept?", trigger: "button[name=action_open_promises]:contains(100%)", run: "click" },
        { content: "That one", trigger: ".o_list_view .o_data_row:contains(Send the new drawings)" },
        { content: "Back to the account", trigger: ".breadcrumb-item a:contains(Harbor Works)", run: "click" },
        { content: "From the chatter, too", trigger: ".o-mail-Chatter .o_key_account_new_promise", run: "click" },
        { content: "For this account", trigger: ".o_form_view [name=account_id]:contains(Harbor Works), .o_form_view [name=account_id] input:value(Harbor Works)" },
        { content: "Not now", trigger: ".o_form_button_cancel", run: "click" },
    ],
});
