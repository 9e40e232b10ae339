import type { WireThread, WireTurn } from "@quire/protocol/app-server";
import type { Attention } from "../app/window-thread.ts";
import { type Choice, pickDialog } from "../dialogs/pick.ts";
import { durationText } from "../text/amounts.ts";
import { lineOf } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

/** Threads that the picker offers; a search reaches further back. */
const OFFERED = 200;

/** A thread is worth going on with wherever it began; without this only those of front ends with people are listed. */
const SOURCES = ["cli", "vscode", "exec", "appServer", "unknown"];

export const NEW: SlashCommand = {
  name: "new",
  help: "begin a new thread; one that works goes on in the background",
  whileRunning: true,
  run: (_argument, { open }) => open({ kind: "new" }),
};

export const RESUME: SlashCommand = {
  name: "resume",
  help: "go on with an earlier thread of this folder",
  argument: "[all]",
  whileRunning: true,
  async run(argument, context) {
    const threadId = await pickThread(context, argument === "all" ? null : context.thread.settings.cwd);
    if (threadId !== null) await context.open({ kind: "resume", threadId });
  },
};

/** A thread to go on with, newest first; null when none was chosen. `cwd` null offers those of every folder. */
export async function pickThread(
  { client, ask, say, now, threads }: Pick<CommandContext, "client" | "ask" | "say" | "now" | "threads">,
  cwd: string | null,
): Promise<string | null> {
  const { data } = await client.request("thread/list", {
    limit: OFFERED,
    sortKey: "updated_at",
    excludedThreadIds: threads.all.map(({ id }) => id),
    sourceKinds: SOURCES,
    ...(cwd === null ? {} : { cwd }),
  });
  if (data.length === 0) {
    say([
      lineOf("There is no earlier thread here. /resume all shows those of other folders.", { ink: "muted" }),
    ]);
    return null;
  }
  const choices = data.map((thread) => threadChoice(thread, now()));
  return ask(pickDialog({ title: "Go on with which thread?", choices, isSearchable: true }));
}

function threadChoice(thread: WireThread, now: number): Choice<string> {
  const age = durationText(Math.max(0, now - thread.updatedAt * 1000));
  const branch = thread.gitInfo?.branch ? ` · ${thread.gitInfo.branch}` : "";
  return {
    label: thread.name ?? (thread.preview || thread.id),
    hint: `${age} ago${branch} · ${thread.model ?? thread.modelProvider}`,
    value: thread.id,
  };
}

const STANDS: Readonly<Record<Attention, string>> = {
  asks: "asks you something",
  ended: "has ended",
  works: "works",
  rests: "nothing runs",
};

export const THREADS: SlashCommand = {
  name: "threads",
  help: "threads of this window: look at another one",
  whileRunning: true,
  async run(_argument, { ask, switchTo, threads }) {
    if (threads.others.length === 0) {
      switchTo(null);
      return;
    }
    const choices = threads.all.map((thread) => ({
      label: thread.title.replaceAll("\n", " "),
      hint: `${STANDS[thread.attention]}${thread === threads.shown ? " · this one" : ""}`,
      value: thread.id,
    }));
    const chosen = threads.all.indexOf(threads.shown);
    const threadId = await ask(pickDialog({ title: "Look at which thread?", choices, chosen }));
    if (threadId !== null && threadId !== threads.shown.id) switchTo(threadId);
  },
};

export const FORK: SlashCommand = {
  name: "fork",
  help: "go on in a copy of this thread; the original stays as it is",
  whileRunning: false,
  run: (_argument, { open, thread }) => open({ kind: "fork", threadId: thread.id }),
};

export const COMPACT: SlashCommand = {
  name: "compact",
  help: "make the context smaller: older work gives way to a summary",
  argument: "[what the summary should heed]",
  whileRunning: false,
  async run(argument, { client, thread }) {
    const instructions = argument === "" ? {} : { instructions: argument };
    await client.request("thread/compact/start", { threadId: thread.id, ...instructions });
  },
};

export const REWIND: SlashCommand = {
  name: "rewind",
  help: "take one of your messages back and change it; files stay as they are",
  whileRunning: false,
  async run(_argument, { client, ask, open, say, setText, thread }) {
    const { data } = await client.request("thread/turns/list", {
      threadId: thread.id,
      limit: OFFERED,
      sortDirection: "desc",
      itemsView: "summary",
    });
    const choices: Choice<{ turnId: string; text: string }>[] = data.map((turn) => {
      const text = messageOf(turn);
      return { label: text || turn.id, hint: turn.status, value: { turnId: turn.id, text } };
    });
    if (choices.length === 0) {
      say([lineOf("There is nothing to go back to yet.", { ink: "muted" })]);
      return;
    }
    const chosen = await ask(pickDialog({ title: "Go back to before which message?", choices }));
    if (chosen === null) return;
    await client.request("thread/revert", { threadId: thread.id, beforeTurnId: chosen.turnId });
    await open({ kind: "resume", threadId: thread.id });
    setText(chosen.text);
  },
};

/** What the user said first in a turn. */
function messageOf(turn: WireTurn): string {
  const message = turn.items.find((item) => item.type === "userMessage");
  if (message?.type !== "userMessage") return "";
  return message.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

export const RENAME: SlashCommand = {
  name: "rename",
  help: "give this thread a name",
  argument: "NAME",
  whileRunning: true,
  async run(name, { client, say, thread }) {
    if (name === "") {
      say([lineOf("Say the name too: /rename NAME", { ink: "bad" })]);
      return;
    }
    await client.request("thread/name/set", { threadId: thread.id, name });
    say([lineOf(`This thread is now called ${name}.`, { ink: "muted" })]);
  },
};

export const ARCHIVE: SlashCommand = {
  name: "archive",
  help: "put this thread away and begin a new one",
  whileRunning: false,
  async run(_argument, { client, open, thread }) {
    const { id } = thread;
    await open({ kind: "new" });
    await client.request("thread/archive", { threadId: id });
  },
};
