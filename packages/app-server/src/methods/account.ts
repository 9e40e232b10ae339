import { CodedError } from "@quire/protocol";
import type { Broadcast } from "../broadcast.ts";
import type { Engine } from "../engine.ts";
import type { PlanLimitsView } from "../wire/plan-limits.ts";
import type { Handlers } from "./handlers.ts";

/** Whether there is a key for models; keeping one, and forgetting it; what is known of its plan. */
export function accountMethods(
  engine: Pick<Engine, "account" | "login" | "logout">,
  planLimits: PlanLimitsView,
  broadcast: Broadcast,
): Handlers<"account/read" | "account/rateLimits/read" | "account/login/start" | "account/logout"> {
  const updated = (authMode: "apikey" | null) =>
    broadcast({ method: "account/updated", params: { authMode, planType: null } });
  return {
    "account/read": () => engine.account(),
    "account/rateLimits/read": () => ({
      ordinaryUsageAllowed: null,
      rateLimits: planLimits.current,
      rateLimitsByLimitId: null,
      rateLimitResetCredits: null,
      accountId: null,
      rateLimitUpsell: null,
    }),
    async "account/login/start"({ type, apiKey }, call) {
      if (type !== "apiKey") {
        throw new CodedError("usage_invalid", `there is no login of the type ${JSON.stringify(type)} here`, {
          nextStep: 'There are only API keys: send {"type":"apiKey","apiKey":"…"}.',
        });
      }
      await engine.login(apiKey ?? "");
      call.afterwards(() => {
        broadcast({
          method: "account/login/completed",
          params: { loginId: null, success: true, error: null },
        });
        updated("apikey");
      });
      return { type };
    },
    async "account/logout"(_params, call) {
      await engine.logout();
      call.afterwards(() => updated(null));
      return {};
    },
  };
}
