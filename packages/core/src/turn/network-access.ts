import { networkPlace, type ToolOutputBody } from "@quire/protocol";
import { askAllowed } from "../approvals/ask-allowed.ts";
import type { AskPerson, NetworkAccess, NetworkTurn } from "../approvals/network-desk.ts";
import { ask } from "./ask.ts";
import type { TurnContext } from "./turn-context.ts";

/** What a turn does for the network desk: it asks its person, if its approval policy lets it. */
export function networkTurn(turn: TurnContext): NetworkTurn {
  const canAsk = turn.parts.approver !== null && askAllowed(turn.settings.approvalPolicy, "escalation");
  return { ask: canAsk ? askPerson(turn) : null, signal: turn.signal };
}

function askPerson(turn: TurnContext): AskPerson {
  return async ({ host, port, protocol, itemId }, signal) => {
    const outcome = await ask(
      turn,
      { id: itemId },
      {
        effect: { kind: "network", host, port, protocol },
        reason: `The command wants to reach ${host}:${port}, which no network rule names.`,
        decidedBy: "network rules",
        amendment: null,
        hidesText: false,
        permit: { sandbox: "session" },
      },
      signal,
    );
    if (outcome.granted) return { verdict: "allow", rule: "the user allowed it", lasting: "command" };
    const forGood = turn.parts.policy.memory.hostVerdict(host, port) === "deny";
    return { verdict: "deny", rule: "the user did not allow it", lasting: forGood ? "known" : "turn" };
  };
}

/**
 * Writes down what the proxy decided for a command whose call is over, and for commands that run beside. Returns the
 * refusals of this command.
 */
export function logNetworkAccess(turn: TurnContext, itemId: string): NetworkAccess[] {
  const { network, record } = turn.parts;
  if (network === undefined) return [];
  const accesses = network.take((of) => of === itemId || !turn.inForeground.has(of ?? ""));
  for (const access of accesses) {
    record.itemCompleted(turn.turnId, { type: "networkAccess", id: turn.parts.newId(), ...access });
  }
  return accesses.filter((access) => access.verdict === "deny");
}

/** Tells the model which hosts were refused and what would allow them. */
export function withRefusedHosts(output: ToolOutputBody, refused: readonly NetworkAccess[]): ToolOutputBody {
  if (refused.length === 0) return output;
  const text = refused.map(refusalText).join("\n");
  return typeof output === "string"
    ? `${output.endsWith("\n") ? output : `${output}\n`}${text}`
    : [...output, { type: "input_text", text }];
}

const SHOWN_HOST = /^[\w.:-]{1,253}$/;

function refusalText({ host, ports, rule }: NetworkAccess): string {
  const place = `${host}${ports.length === 0 ? "" : ` (port ${ports.join(", ")})`}`;
  const said = `Network: ${place} was not contacted: ${rule}.`;
  if (!rule.startsWith("no rule allows") || !SHOWN_HOST.test(host)) return said;
  const [pattern = host] = ports.map((port) => networkPlace(host, port)).sort((a, b) => b.length - a.length);
  return `${said} The user can allow it with this line under [network.domains] in config.toml: "${pattern}" = "allow"`;
}
