import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_accounts", {
    steps: () => [
        { content: "A column per tier, in their order", trigger: ".o_kanban_group:first .o_column_title:contains(Tier 1)" },
        { content: "Open the best account", trigger: ".o_kanban_record:contains(North Harbor)", run: "click" },
        { content: "Its tier", trigger: ".o_form_view [name=tier_id]:contains(Tier 1)" },
        { content: "Its trend is drawn", trigger: ".o_form_view .o_key_account_trend canvas" },
        { content: "What is behind the revenue?", trigger: "button[name=action_open_figure]:contains(Revenue)", run: "click" },
        { content: "The lines, with their sum", trigger: ".o_list_footer:contains(900.00)" },
        { content: "Back to the account", trigger: ".o_list_view .breadcrumb-item a:contains(North Harbor)", run: "click" },
        { content: "Refresh", trigger: ".o_form_view button[name=action_refresh]", run: "click" },
        { content: "Propose a tier", trigger: ".o_form_view button[name=action_set_tier]", run: "click" },
        { content: "Which one", trigger: ".modal [name=tier_id] input", run: "edit Tier 2" },
        { content: "That one", trigger: ".o-autocomplete--dropdown-item:contains(Tier 2)", run: "click" },
        { content: "Why", trigger: ".modal [name=reason] textarea", run: "edit They close their second shop" },
        { content: "Propose", trigger: ".modal button:contains(Propose Tier)", run: "click" },
        { content: "It waits for a decision", trigger: ".o_form_view .alert:contains(proposes Tier 2: They close)" },
    ],
});
