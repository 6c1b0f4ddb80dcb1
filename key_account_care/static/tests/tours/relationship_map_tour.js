import { registry } from "@web/core/registry";

const CELL = ".o_relationship_map td button";

/** Press a key where the focus is. */
function press(key) {
    return ({ anchor }) => {
        anchor.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    };
}

function checkFocus({ anchor }) {
    if (document.activeElement !== anchor) {
        throw new Error(`The focus is on ${document.activeElement.outerHTML}`);
    }
}

registry.category("web_tour.tours").add("key_account_care_relationship_map", {
    steps: () => [
        { content: "Who knows whom?", trigger: ".o_form_view .nav-link[name=people]", run: "click" },
        { content: "Olga knows Ada", trigger: `${CELL}[data-place='1,0'][aria-label*=Olga][aria-label*=Ada]`, run: ({ anchor }) => { anchor.focus(); anchor.click(); } },
        { content: "How well, and why", trigger: ".o_relationship_panel:has(.o_explanation:not(:empty))", run: press("Escape") },
        { content: "To the next person", trigger: `${CELL}[data-place='1,0']`, run: press("ArrowRight") },
        { content: "Up to Otto", trigger: `${CELL}[data-place='1,1']`, run: press("ArrowUp") },
        { content: "And back", trigger: `${CELL}[data-place='0,1'][tabindex='0']`, run: press("ArrowLeft") },
        { content: "There it is", trigger: `${CELL}[data-place='0,0'][aria-label*=Otto]`, run: (helpers) => { checkFocus(helpers); helpers.anchor.click(); } },
        { content: "They do not know each other", trigger: ".o_relationship_panel:contains(No exchange)" },
        { content: "But should", trigger: ".o_relationship_panel .btn-group button:last", run: (helpers) => { helpers.anchor.focus(); helpers.anchor.click(); } },
        { content: "The goal is set, the focus still there", trigger: ".o_relationship_panel .btn-group button:last[aria-pressed=true]", run: checkFocus },
        { content: "The map shows it", trigger: `${CELL}[data-place='0,0'].o_gap` },
        { content: "Who introduces them?", trigger: ".o_relationship_panel button:contains(Introduce)", run: "click" },
        { content: "Olga does, and is asked by mail", trigger: ".modal:has([name=introducer_id]:contains(Olga), [name=introducer_id] input) button[name=action_plan_and_write]", run: "click" },
        { content: "The mail is there", trigger: ".modal .o_mail_composer_form_view:contains(Ada), .modal:has(.o_form_view [name=subject]) .o_form_view:contains(Ada)" },
        { content: "Send it", trigger: ".modal button[name=action_send_mail]", run: "click" },
        { content: "It is planned", trigger: `${CELL}[data-place='0,0']:has(.fa-handshake-o)` },
        { content: "Back to the cell", trigger: ".o_relationship_panel", run: press("Escape") },
        { content: "On the cell", trigger: `.o_relationship_map:not(:has(.o_relationship_panel)) td button[data-place='0,0']`, run: checkFocus },
        { content: "The activity is on the account", trigger: ".o-mail-Activity:contains(Introduce Otto to Ada)" },
    ],
});
