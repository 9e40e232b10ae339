import type { RulesPolicy } from "@quire/execpolicy";
import type { ApprovalMemory } from "./judge-rules.ts";

/** Where rules live outside this process. */
export interface SavedRules {
  read(): RulesPolicy;
  /** Appends an allow rule and makes `read` return it. Fails when it cannot be written. */
  saveAllow(tokens: readonly string[]): void;
  /** Appends a network rule and makes `read` return it. Fails when it cannot be written. */
  saveHost(host: string, verdict: "allow" | "deny"): void;
}

/** The memory of one thread over rules that outlive it. A session permission is for one text in one folder. */
export function createApprovalMemory(saved: SavedRules): ApprovalMemory {
  const session = new Set<string>();
  const hosts = new Set<string>();
  const key = (command: string, cwd: string) => JSON.stringify([cwd, command]);
  return {
    rules: () => saved.read(),
    allowsForSession: (command, cwd) => session.has(key(command, cwd)),
    rememberForSession: (command, cwd) => {
      session.add(key(command, cwd));
    },
    rememberPrefix: (tokens) => saved.saveAllow(tokens),
    hostVerdict(host) {
      const rules = saved.read().networkRules.filter((rule) => rule.host.toLowerCase() === host);
      if (rules.some(({ decision }) => decision === "forbidden")) return "deny";
      return hosts.has(host) || rules.some(({ decision }) => decision === "allow") ? "allow" : null;
    },
    rememberHostForSession: (host) => {
      hosts.add(host);
    },
    rememberHost: (host, verdict) => saved.saveHost(host, verdict),
  };
}
