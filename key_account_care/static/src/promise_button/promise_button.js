import { onWillStart } from "@odoo/owl";
import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { user } from "@web/core/user";

// the records of customers from whose chatter something can be promised
const PLACES = new Set([
    "crm.lead",
    "key.account",
    "key.account.agreement",
    "key.account.feedback",
    "key.account.review",
    "key.account.risk",
    "res.partner",
    "sale.order",
]);

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.mayPromise = false;
        onWillStart(async () => {
            this.mayPromise = await user.hasGroup("key_account_care.group_user");
        });
    },

    get showNewPromise() {
        return this.mayPromise && Boolean(this.props.threadId) && PLACES.has(this.props.threadModel);
    },

    async newPromise() {
        const { threadModel, threadId } = this.props;
        const action = await this.env.services.orm.call("key.account.promise", "get_new_action", [threadModel, threadId]);
        await this.env.services.action.doAction(action);
    },
});
