import { resolveHome } from "@quire/config";
import { runQueueAction } from "../queue/queue-actions.ts";
import { readQueueArguments } from "../queue/queue-arguments.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp } from "../words.ts";

const HELP = `Messages that wait for a thread. Each begins a turn of its own when the thread has nothing to do.

Usage: quire queue list [THREAD] [--json]      what waits for a thread; without one, for every thread
       quire queue add THREAD MESSAGE          the message from stdin where it is - or missing
       quire queue remove THREAD WHICH…        by its place in the list, or its id
       quire queue clear THREAD
       quire queue run THREAD                  work on them here, until none waits or a turn fails

THREAD is an id, the beginning of one, or a name.

Options:
      --last             the thread that was used last in this folder, in place of THREAD
      --all              with --last: of every folder
      --thread THREAD    the same as THREAD; with --message also without a word in front of it
      --message TEXT     the same as MESSAGE
  -i, --image FILE       a picture that goes with the message (repeatable)
      --resume           with add: work on the queue here and now
      --json             print JSON

In a thread that is open and idle a message begins at once. In one that is open nowhere it waits until the thread is
resumed. After a turn that was interrupted or failed messages wait until one has completed.
`;

/** `quire queue`. */
export async function runQueue(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("queue", argv, {
    last: { type: "boolean" },
    all: { type: "boolean" },
    thread: { type: "string" },
    message: { type: "string" },
    image: { type: "string", short: "i", multiple: true },
    resume: { type: "boolean" },
    json: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const request = readQueueArguments(positionals, values);
  const home = await resolveHome(system.env, system.homeDir);
  return runQueueAction(request, {
    system,
    home,
    overrides: values.config ?? [],
    json: values.json ?? false,
  });
}
