import { wordsOf } from "../app/thread-queue.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { lineOf } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

type What = "edit" | "delete" | "begin";

export const QUEUE: SlashCommand = {
  name: "queue",
  help: "messages that wait for the end of the turn: change one, take it out, or begin with it",
  whileRunning: true,
  async run(_argument, { ask, queue, say, setText, thread }) {
    if (queue.all.length === 0) {
      say([lineOf("Nothing waits. Tab queues a message while the agent works.", { ink: "muted" })]);
      return;
    }
    const choices = queue.all.map((waiting) => ({
      label: wordsOf(waiting.written),
      hint: "",
      value: waiting,
    }));
    const waiting = await ask(pickDialog({ title: "Which message?", choices }));
    if (waiting === null) return;
    const what = await ask(
      pickDialog<What>({
        title: "What with it?",
        choices: [
          ...(waiting.id !== null && !thread.isBusy
            ? [{ key: "b", label: "begin with it", hint: "the others follow", value: "begin" as const }]
            : []),
          ...(waiting.isWhole
            ? [
                {
                  key: "e",
                  label: "change it",
                  hint: "it comes back to where you write",
                  value: "edit" as const,
                },
              ]
            : []),
          { key: "d", label: "take it out", hint: "it is not sent", value: "delete" },
        ],
      }),
    );
    if (what === null) return;
    if (what === "begin") {
      await thread.applyChanges();
      await queue.begin(waiting);
    } else if (!(await queue.take(waiting))) {
      say([lineOf("It has begun by now, or was taken out elsewhere.", { ink: "muted" })]);
    } else if (what === "edit") setText(waiting.written.text, waiting.written.images);
    else say([lineOf("Taken out; it is not sent.", { ink: "muted" })]);
  },
};
