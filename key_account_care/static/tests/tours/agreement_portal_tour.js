import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("key_account_care_agreement_portal", {
    steps: () => [
        { content: "Read the prices", trigger: "#prices:contains(80.00)" },
        { content: "Sign", trigger: "#agreement_content a[data-bs-target='#modalaccept']", run: "click" },
        { content: "The name is known", trigger: ".modal.show input.o_web_sign_name_input:value(Ann)" },
        { content: "So is how it looks", trigger: ".modal.show canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        { content: "Accept", trigger: ".modal.show .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Thanks", trigger: "#agreement_content .alert-success:contains(Thank you)" },
        { content: "The signature is on the page", trigger: "#agreement_content img[alt=Signature]" },
    ],
});
