import { usedShare } from "@quire/protocol";
import { diffLines } from "../blocks/diff-lines.ts";
import { headingLine } from "../blocks/heading.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import { costText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";
import { presetOf } from "./presets.ts";

export const HELP: SlashCommand = {
  name: "help",
  help: "commands and keys",
  whileRunning: true,
  async run(_argument, { commands, say }) {
    const widest = Math.max(...commands.map((command) => nameOf(command).length));
    const lines = commands.map(
      (command): StyledLine => ({
        spans: [{ text: `  ${nameOf(command).padEnd(widest)}  `, ink: "accent" }, { text: command.help }],
        hanging: [{ text: " ".repeat(widest + 4) }],
      }),
    );
    const keys = KEYS.map(
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

const KEYS: readonly (readonly [string, string])[] = [
  ["Enter", "send; while the agent works, tell it now"],
  ["Tab", "send when the agent is done"],
  ["Shift-Enter", "new line; also Ctrl-J, or a backslash before Enter"],
  ["Esc", "interrupt; in a list, put it away"],
  ["Ctrl-C", "empty the line, then interrupt, then leave"],
  ["Up, Down", "earlier inputs"],
  ["Alt-Up", "take the last queued message back to change it"],
  ["@", "name a file"],
  ["!", "run a command yourself"],
  ["Ctrl-V", "paste a picture"],
  ["Ctrl-G", "write in your own editor"],
  ["Ctrl-R", "search earlier inputs"],
  ["Ctrl-T", "the whole thread, unfolded"],
];

export const STATUS: SlashCommand = {
  name: "status",
  help: "this thread: model, rights, folder, tokens, cost",
  whileRunning: true,
  async run(_argument, { say, thread }) {
    const { settings, state } = thread;
    const { usage } = state;
    const facts: [string, string][] = [
      ["thread", state.name === null ? thread.id : `${state.name} (${thread.id})`],
      [
        "model",
        `${settings.model} · ${settings.modelProvider}${settings.effort ? ` · effort ${settings.effort}` : ""}`,
      ],
      ["rights", presetOf(settings.sandbox)],
      ["folder", settings.cwd],
      ["log", thread.thread.path ?? "none: this thread is not kept"],
    ];
    if (usage) {
      const { input, cached, output, total } = usage.total;
      facts.push([
        "tokens",
        `${tokensText(total)}: ${tokensText(input)} in (${tokensText(cached)} cached), ${tokensText(output)} out`,
      ]);
      if (usage.window)
        facts.push(["context", `${tokensText(usage.last.total)} of ${tokensText(usage.window)}`]);
      if (usage.cost) facts.push(["cost", costText(usage.cost)]);
    }
    for (const limit of state.limits) {
      const share = usedShare(limit);
      if (share !== null) facts.push(["limit", `${limit.name}: ${Math.round(share)} % used`]);
    }
    say(
      facts.map(([name, value]) => ({
        spans: [{ text: name.padEnd(9), ink: "muted" }, { text: safeLine(value) }],
        hanging: [{ text: " ".repeat(9) }],
      })),
    );
  },
};

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
