import type { NetworkConfig } from "@quire/config";
import type { NetworkDesk } from "@quire/core";
import type { RulesPolicy } from "@quire/execpolicy/rules";
import { CodedError, type SandboxMode } from "@quire/protocol";
import { compileRules, type NetworkHooks, type ProxyDecision, type ProxyRules } from "@quire/sandbox";
import type { System } from "../../system.ts";
import { type NetworkCredential, readNetworkCredentials } from "./network-credentials.ts";
import type { NetworkAudit } from "./network-log.ts";

/** What the commands of a thread may reach under one set of settings. */
export interface ThreadRules {
  readonly rules: ProxyRules;
  /** To be hidden wherever they turn up. */
  readonly secrets: readonly { name: string; value: string }[];
}

/**
 * The rules of the configuration with what the user allowed or refused "always" in this workspace. Null where commands
 * have no network of this kind. Fails with `config_invalid`, so that nothing runs under rules that cannot be kept.
 */
export async function threadRules(
  config: NetworkConfig,
  mode: SandboxMode,
  saved: Pick<RulesPolicy, "networkRules">,
  system: Pick<System, "env">,
): Promise<ThreadRules | null> {
  if (!config.enabled || mode !== "workspace-write") return null;
  const hostsThat = (decision: string) =>
    saved.networkRules.filter((rule) => rule.decision === decision).map(({ host }) => host);
  const credentials = await readNetworkCredentials(config.credentials, system);
  const rules: ProxyRules = {
    allow: [...config.allow, ...hostsThat("allow")],
    deny: [...config.deny, ...hostsThat("forbidden")],
    credentials: credentials.map(hostCredential),
  };
  const compiled = compileRules(rules);
  if (compiled.kind === "invalid") {
    throw new CodedError("config_invalid", compiled.problems.join("; "), {
      nextStep: "Correct [network] in config.toml, or the network_rule in the rules file.",
    });
  }
  return {
    rules,
    secrets: credentials.map(({ host, value }) => ({ name: `NETWORK_CREDENTIAL_${host}`, value })),
  };
}

function hostCredential({ host, port, header, prefix, value }: NetworkCredential) {
  return { host, port, headers: { [header]: prefix + value } };
}

export interface HookParts {
  readonly threadId: string;
  readonly desk: NetworkDesk;
  readonly audit: NetworkAudit;
}

/** How the proxy of the thread's commands asks and reports. */
export function commandHooks({ threadId, desk, audit }: HookParts, config: NetworkConfig): NetworkHooks {
  const hooks: NetworkHooks = {
    onDecision(decision, itemId) {
      audit.write(decision, { thread: threadId, item: itemId });
      desk.decided({ ...decision, itemId });
    },
  };
  if (!config.askAboutOthers) return hooks;
  return {
    ...hooks,
    ask: ({ host, port, method, origin: itemId }, options) =>
      desk.ask({ host, port, protocol: PROTOCOL[method], itemId }, options),
  };
}

/** The same for programs that are not commands, such as MCP servers: nobody is asked for them. */
export function serverHooks({ threadId, desk, audit }: HookParts): NetworkHooks {
  return {
    onDecision(decision) {
      audit.write(decision, { thread: threadId, item: null });
      desk.decided({ ...decision, itemId: null });
    },
  };
}

const PROTOCOL = {
  connect: "https",
  credential: "https",
  http: "http",
  socks5: "socks5Tcp",
} as const satisfies Record<ProxyDecision["method"], string>;
