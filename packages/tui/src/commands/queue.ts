import { pickDialog } from "../dialogs/pick.ts";
import { lineOf } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

export const QUEUE: SlashCommand = {
  name: "queue",
  help: "messages that wait for the end of the turn: change one, or take it out",
  whileRunning: true,
  async run(_argument, { ask, queue, say, setText }) {
    if (queue.all.length === 0) {
      say([lineOf("Nothing waits. Tab queues a message while the agent works.", { ink: "muted" })]);
      return;
    }
    const choices = queue.all.map((written) => ({
      label: written.text.replaceAll("\n", " "),
      hint: "",
      value: written,
    }));
    const written = await ask(pickDialog({ title: "Which message?", choices }));
    if (written === null) return;
    const what = await ask(
      pickDialog<"edit" | "delete">({
        title: "What with it?",
        choices: [
          { key: "e", label: "change it", hint: "it comes back to where you write", value: "edit" },
          { key: "d", label: "take it out", hint: "it is not sent", value: "delete" },
        ],
      }),
    );
    // By now it may have been sent.
    const at = queue.all.indexOf(written);
    if (what === null || at === -1) return;
    queue.take(at);
    if (what === "edit") setText(written.text);
    else say([lineOf("Taken out; it is not sent.", { ink: "muted" })]);
  },
};
