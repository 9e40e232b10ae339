import type { RulesPolicy } from "@quire/execpolicy";
import { networkPlace } from "@quire/protocol";
import type { ApprovalMemory } from "./judge-rules.ts";

const WEB_PORT = 443;

/** Where rules live outside this process. */
export interface SavedRules {
  read(): RulesPolicy;
  /** Appends an allow rule and makes `read` return it. Fails when it cannot be written. */
  saveAllow(tokens: readonly string[]): void;
  /** Appends a network rule and makes `read` return it. Fails when it cannot be written. */
  saveHost(place: string, verdict: "allow" | "deny"): void;
}

/** The memory of one thread over rules that outlive it. A session permission is for one text in one folder. */
export function createApprovalMemory(saved: SavedRules): ApprovalMemory {
  const session = new Set<string>();
  const places = new Set<string>();
  const key = (command: string, cwd: string) => JSON.stringify([cwd, command]);
  return {
    rules: () => saved.read(),
    allowsForSession: (command, cwd) => session.has(key(command, cwd)),
    rememberForSession: (command, cwd) => {
      session.add(key(command, cwd));
    },
    rememberPrefix: (tokens) => saved.saveAllow(tokens),
    hostVerdict(host, port) {
      const place = networkPlace(host, port);
      // What refuses a host without a port refuses every port of it.
      const whole = networkPlace(host, WEB_PORT);
      const rulesFor = (subject: string, wanted: string) =>
        saved
          .read()
          .networkRules.some((rule) => rule.host.toLowerCase() === subject && rule.decision === wanted);
      if (rulesFor(place, "forbidden") || rulesFor(whole, "forbidden")) return "deny";
      return places.has(place) || rulesFor(place, "allow") ? "allow" : null;
    },
    rememberHostForSession: (place) => {
      places.add(place);
    },
    rememberHost: (place, verdict) => saved.saveHost(place, verdict),
  };
}
