import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_feedback", {
    steps: () => [
        { content: "No answer is no feedback", trigger: "form[action^='/feedback/'] button[type=submit]", run: "click", expectUnloadPage: true },
        { content: "The page says so", trigger: ".alert-danger:contains(answer at least one question)" },
        { content: "A score with the thumb", trigger: "label[for=score_04]", run: "click" },
        { content: "Chosen", trigger: "input:checked + label[for=score_04]" },
        { content: "Less than expected", trigger: "label[for=expectation_less]", run: "click" },
        { content: "Their words", trigger: "textarea[name=text]", run: "edit <b>Too late</b>" },
        { content: "Send", trigger: "form[action^='/feedback/'] button[type=submit]", run: "click", expectUnloadPage: true },
        { content: "Thanks", trigger: "h2:contains(Thank you!)" },
    ],
});
