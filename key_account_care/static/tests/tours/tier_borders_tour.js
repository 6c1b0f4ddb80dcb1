import { registry } from "@web/core/registry";
import { checkGeometry } from "./pareto_geometry_check";

const ROW = ".o_tier_borders_table tr[data-tier='Tier 1']";

registry.category("web_tour.tours").add("key_account_care_tier_borders", {
    steps: () => [
        { content: "The geometry of curves holds", trigger: ".o_pareto_chart", run: checkGeometry },
        { content: "The curve has a line per border", trigger: ".o_pareto_border[data-tier='Tier 2'][aria-valuenow='80']" },
        { content: "Nothing to apply yet", trigger: ".o_control_panel button:contains(Apply):disabled" },
        { content: "A share of 0 is refused", trigger: `${ROW} input`, run: "edit 0" },
        { content: "In one sentence", trigger: ".o_tier_borders_error:contains(must be above 0 %)" },
        { content: "Choose another share", trigger: `${ROW} input`, run: "edit 60" },
        { content: "The line follows", trigger: ".o_pareto_border[data-tier='Tier 1'][aria-valuenow='60']" },
        { content: "One account more is in", trigger: `${ROW} [data-figure=accounts]:contains(3)` },
        { content: "It moves up", trigger: `${ROW} [data-move=up]:contains(1)` },
        {
            content: "Try the neighbor by keyboard",
            trigger: ".o_pareto_border[data-tier='Tier 2']",
            run: ({ anchor }) => anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })),
        },
        { content: "Its number follows", trigger: ".o_tier_borders_table tr[data-tier='Tier 2'] input:value(81)" },
        { content: "Start again", trigger: ".o_control_panel button:contains(Reset)", run: "click" },
        { content: "As stored", trigger: `${ROW} input:value(40)` },
        { content: "Choose the share again", trigger: `${ROW} input`, run: "edit 60" },
        { content: "Its effect is there", trigger: `${ROW} [data-move=up]` },
        { content: "Apply", trigger: ".o_control_panel button:contains(Apply):enabled", run: "click" },
        { content: "What it will do", trigger: ".modal-body:contains(1 account moves up to Tier 1)" },
        { content: "Confirm", trigger: ".modal-footer .btn-primary", run: "click" },
        { content: "What it did", trigger: ".o_notification:contains(1 account moves up to Tier 1)" },
        { content: "Nothing is left to do", trigger: `${ROW}:not(:has([data-move])) input:value(60)` },
        { content: "See the accounts", trigger: ".o_notification button:contains(Open Accounts)", run: "click" },
        { content: "There they are", trigger: ".o_kanban_view, .o_list_view" },
    ],
});
