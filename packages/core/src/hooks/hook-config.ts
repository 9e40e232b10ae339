import { visibleLine } from "@quire/protocol";
import * as z from "zod/mini";
import { type HookEvent, hookTimeLimit, isHookEvent } from "./hook-event.ts";

/** Whose hook it is. One of a project runs in the sandbox; the others run as the user. */
export interface HookOrigin {
  readonly kind: "user" | "project" | "plugin";
  readonly file: string;
  readonly pluginId: string | null;
  /** The folder of the plugin, for the hook's environment. */
  readonly pluginRoot: string | null;
}

export interface HookDefinition {
  readonly event: HookEvent;
  /** Which of its file it is: the group of the event, and the handler in it. */
  readonly place: { readonly group: number; readonly handler: number };
  /** As it was written; null matches everything. */
  readonly matcher: string | null;
  readonly matches: (subject: string) => boolean;
  /** Shell text. */
  readonly command: string;
  readonly timeoutMs: number;
  readonly statusMessage: string | null;
  readonly origin: HookOrigin;
}

export interface ParsedHooks {
  readonly hooks: readonly HookDefinition[];
  /** Sentences that name the place. */
  readonly problems: readonly string[];
}

const MOST_HOOKS = 200;
const LONGEST_MATCHER = 500;

const HandlerSchema = z.object({
  type: z.string(),
  command: z.optional(z.string()),
  timeout: z.optional(z.number()),
  statusMessage: z.optional(z.string()),
});
const GroupSchema = z.object({
  matcher: z.optional(z.nullable(z.string())),
  hooks: z.array(HandlerSchema),
});

/**
 * Reads the value of `hooks`: groups of handlers by event, in the shape that hooks.json has in Codex and Claude Code. What
 * is wrong is passed over and said.
 */
export function parseHooks(value: unknown, origin: HookOrigin): ParsedHooks {
  const hooks: HookDefinition[] = [];
  const problems: string[] = [];
  const say = (what: string) => problems.push(`${visibleLine(origin.file)}: ${visibleLine(what)}`);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    say("hooks is not a table of events");
    return { hooks, problems };
  }
  for (const [event, groups] of Object.entries(value)) {
    if (event === "state") continue;
    if (!isHookEvent(event)) {
      say(`there is no event ${event}`);
      continue;
    }
    const parsed = z.safeParse(z.array(GroupSchema), groups);
    if (!parsed.success) {
      say(`${event} is not a list of { matcher, hooks: [{ type, command }] }`);
      continue;
    }
    for (const [group, { matcher = null, hooks: handlers }] of parsed.data.entries()) {
      const matches = matcherOf(matcher);
      if (matches === null) {
        say(`${event}: the matcher ${matcher} is no regular expression`);
        continue;
      }
      for (const [at, handler] of handlers.entries()) {
        if (handler.type !== "command" || handler.command === undefined || handler.command.trim() === "") {
          say(`${event}: only handlers of type command, with a command, are run (found ${handler.type})`);
        } else if (hooks.length >= MOST_HOOKS) {
          say(`only the first ${MOST_HOOKS} hooks are used`);
          return { hooks, problems };
        } else {
          hooks.push({
            event,
            place: { group, handler: at },
            matcher,
            matches,
            command: handler.command,
            timeoutMs: hookTimeLimit(event, handler.timeout),
            statusMessage: handler.statusMessage ?? null,
            origin,
          });
        }
      }
    }
  }
  return { hooks, problems };
}

/** Tools whose names other agents' hooks know them by as well. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = { apply_patch: ["Edit", "Write"] };

function matcherOf(matcher: string | null): ((subject: string) => boolean) | null {
  if (matcher === null || matcher === "" || matcher === "*") return () => true;
  if (matcher.length > LONGEST_MATCHER) return null;
  try {
    const expression = new RegExp(`^(?:${matcher})$`);
    return (subject) => [subject, ...(OTHER_NAMES[subject] ?? [])].some((name) => expression.test(name));
  } catch {
    // Said by the caller.
    return null;
  }
}
