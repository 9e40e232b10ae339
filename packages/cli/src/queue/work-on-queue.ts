import { asCodedError, openLocalDoor } from "../engine/local-door.ts";
import { announce } from "../exec/announce.ts";
import { conclude } from "../exec/conclude.ts";
import { parseExecArguments } from "../exec/exec-arguments.ts";
import { engineBase, threadOverrides } from "../exec/exec-base.ts";
import type { Run } from "../exec/run-exec.ts";
import { runToEnd } from "../exec/run-to-end.ts";
import { EXIT } from "../exit-code.ts";
import { styleFor } from "../terminal/style.ts";
import { VERSION } from "../version.ts";
import type { QueueSurroundings } from "./queue-actions.ts";

/**
 * Goes on with a thread in this process, headless as `quire exec resume` does, one turn for each message that waits. Ends
 * with the first turn that does not complete; what waits behind it goes on waiting.
 */
export async function workOnQueue(threadId: string, around: QueueSurroundings): Promise<number> {
  const { system, home, overrides, json } = around;
  const words = ["resume", threadId, ...overrides.flatMap((override) => ["-c", override])];
  const args = parseExecArguments(json ? ["--json", ...words] : words);
  const door = await openLocalDoor(engineBase(args, system, home), {
    clientInfo: { name: "quire", version: VERSION },
    capabilities: {
      optOutNotificationMethods: ["item/agentMessage/delta", "item/commandExecution/outputDelta"],
    },
  });
  const { client } = door;
  const run: Run = { args, system, style: styleFor(system, args.color), client };
  try {
    const opened = await client.request("thread/resume", {
      ...threadOverrides(args),
      threadId,
      excludeTurns: true,
      excludeHistory: true,
    });
    announce(run, opened);
    let code: number = EXIT.done;
    while (code === EXIT.done && (await hasMore(run, threadId))) {
      const ended = await runToEnd(run, opened, () => client.request("thread/queue/start", { threadId }));
      code = await conclude(run, opened, ended);
    }
    return code;
  } catch (thrown) {
    throw asCodedError(thrown);
  } finally {
    await door.close();
  }
}

async function hasMore({ client }: Run, threadId: string): Promise<boolean> {
  const { data } = await client.request("thread/queue/list", { threadId, limit: 1 });
  return data.length > 0;
}
