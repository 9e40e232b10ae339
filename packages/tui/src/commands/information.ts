import { usedShare } from "@quire/protocol";
import { diffLines } from "../blocks/diff-lines.ts";
import { headingLine } from "../blocks/heading.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { chordText } from "../keys/chord.ts";
import { ACTIONS, type Action, type Keymap } from "../keys/keymap.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import { costText, countText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { presetOf } from "./presets.ts";

export const HELP: SlashCommand = {
  name: "help",
  help: "commands and keys",
  whileRunning: true,
  async run(_argument, { commands, preferences, say }) {
    const widest = Math.max(...commands.map((command) => nameOf(command).length));
    const lines = commands.map(
      (command): StyledLine => ({
        spans: [{ text: `  ${nameOf(command).padEnd(widest)}  `, ink: "accent" }, { text: command.help }],
        hanging: [{ text: " ".repeat(widest + 4) }],
      }),
    );
    const keys = keyRows(preferences.keymap).map(
      ([key, what]): StyledLine => ({
        spans: [{ text: `  ${key.padEnd(widest)}  `, ink: "accent" }, { text: what }],
        hanging: [{ text: " ".repeat(widest + 4) }],
      }),
    );
    say([lineOf("Commands", { bold: true }), ...lines, lineOf(""), lineOf("Keys", { bold: true }), ...keys]);
  },
};

function nameOf({ name, argument }: SlashCommand): string {
  return argument === undefined ? `/${name}` : `/${name} ${argument}`;
}

const SHOWN_KEYS: readonly Action[] = [
  "submit",
  "queue",
  "insert_newline",
  "interrupt",
  "edit_queued_message",
  "paste_image",
  "open_external_editor",
  "history_search_previous",
  "open_transcript",
  "suspend",
];

/** The keys that are worth knowing, as they are set; /keymap has them all. */
function keyRows(keymap: Keymap): (readonly [string, string])[] {
  const keys = SHOWN_KEYS.map(
    (action) => [keymap.keysOf(action).slice(0, 2).map(chordText).join(", "), ACTIONS[action].help] as const,
  );
  return [
    ...keys.filter(([key]) => key !== ""),
    ["Esc", "interrupt; in a list, put it away"],
    ["Esc Esc", "with nothing written: take an earlier message back and change it"],
    ["@", "name a file"],
    ["!", "run a command yourself"],
  ];
}

export const STATUS: SlashCommand = {
  name: "status",
  help: "this thread: model, rights, folder, tokens, cost",
  whileRunning: true,
  async run(_argument, { say, thread }) {
    const { settings, state } = thread;
    const facts: Fact[] = [
      ["thread", state.name === null ? thread.id : `${state.name} (${thread.id})`],
      [
        "model",
        `${settings.model} · ${settings.modelProvider}${settings.effort ? ` · effort ${settings.effort}` : ""}`,
      ],
      ["rights", presetOf(settings.sandbox)],
    ];
    const { path } = thread.thread;
    const log = path ? pathLine(["log", path]) : factLine(["log", "none: this thread is not kept"]);
    say([
      ...facts.map(factLine),
      pathLine(["folder", settings.cwd]),
      log,
      ...usageFacts(thread).map(factLine),
    ]);
  },
};

export const COST: SlashCommand = {
  name: "cost",
  help: "what this thread has used: tokens, context, money",
  whileRunning: true,
  async run(_argument, { say, thread }) {
    const facts = usageFacts(thread);
    say(
      facts.length === 0
        ? [lineOf("This thread has sent nothing to a model in this run.", { ink: "muted" })]
        : facts.map(factLine),
    );
  },
};

type Fact = [name: string, value: string];

function usageFacts({ state }: CommandContext["thread"]): Fact[] {
  const limits = state.limits.flatMap((limit): Fact[] => {
    const share = usedShare(limit);
    return share === null ? [] : [["limit", `${limit.name}: ${Math.round(share)} % used`]];
  });
  const { usage } = state;
  if (usage === null) return limits;
  const { input, cached, output, total } = usage.total;
  const tokens = `${tokensText(total)}: ${tokensText(input)} in (${tokensText(cached)} cached), ${tokensText(output)} out`;
  const facts: Fact[] = [["tokens", tokens]];
  if (usage.window) facts.push(["context", `${tokensText(usage.last.total)} of ${tokensText(usage.window)}`]);
  if (usage.cost) facts.push(["cost", costText(usage.cost)]);
  return [...facts, ...limits];
}

function factLine([name, value]: Fact): StyledLine {
  return {
    spans: [{ text: name.padEnd(9), ink: "muted" }, { text: safeLine(value) }],
    hanging: [{ text: " ".repeat(9) }],
  };
}

/** Left to the terminal to break, so that it is one line when it is copied; no part of it is another's. */
function pathLine(fact: Fact): StyledLine {
  return { spans: factLine(fact).spans, verbatim: true };
}

export const DIFF: SlashCommand = {
  name: "diff",
  help: "what the last turn changed",
  whileRunning: true,
  async run(_argument, { say, thread }) {
    const { diff } = thread.state;
    if (diff === "") {
      say([lineOf("The last turn has changed no file by a patch.", { ink: "muted" })]);
      return;
    }
    const view = { columns: 100, cwd: thread.settings.cwd, syntax: NO_SYNTAX, unfolded: true };
    say(
      filesOf(diff).flatMap(({ path, text }) => [
        headingLine("plain", "Changed", [{ text: safeLine(path), ink: "accent" }]),
        ...diffLines(text, path, view),
      ]),
    );
  },
};

/** The parts of a unified diff that each concern one file, by the file's name after the change. */
function filesOf(diff: string): { path: string; text: string }[] {
  return diff
    .split(/^(?=--- )/m)
    .filter((text) => text.startsWith("--- "))
    .map((text) => {
      const [before = "", after = ""] = text.split("\n", 2).map((line) => line.slice(4).split("\t")[0] ?? "");
      return { path: (after === "/dev/null" ? before : after).replace(/^[ab]\//, ""), text };
    });
}

export const PS: SlashCommand = {
  name: "ps",
  help: "commands that run in the background; choose one to stop it",
  whileRunning: true,
  async run(_argument, { client, ask, say, thread }) {
    const { data } = await client.request("thread/backgroundTerminals/list", { threadId: thread.id });
    if (data.length === 0) {
      say([lineOf("No command runs in the background.", { ink: "muted" })]);
      return;
    }
    const choices = data.map(({ processId, command, cwd }) => ({
      label: safeLine(command),
      hint: cwd,
      value: processId,
    }));
    const processId = await ask(pickDialog({ title: "Stop which command?", choices }));
    if (processId === null) return;
    const { terminated } = await client.request("thread/backgroundTerminals/terminate", {
      threadId: thread.id,
      processId,
    });
    say([lineOf(terminated ? "Stopped." : "It had ended already.", { ink: "muted" })]);
  },
};

export const STOP: SlashCommand = {
  name: "stop",
  help: "stop every command that runs in the background",
  whileRunning: true,
  async run(_argument, { client, say, thread }) {
    const { data } = await client.request("thread/backgroundTerminals/list", { threadId: thread.id });
    const ended = await Promise.all(
      data.map(({ processId }) =>
        client.request("thread/backgroundTerminals/terminate", { threadId: thread.id, processId }),
      ),
    );
    const count = ended.filter(({ terminated }) => terminated).length;
    const words =
      count === 0 ? "No command runs in the background." : `Stopped ${countText(count, "command")}.`;
    say([lineOf(words, { ink: "muted" })]);
  },
};
