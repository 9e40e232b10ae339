import { entryBlock } from "../blocks/entry.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import { entriesOfTurn } from "../state/caught-up.ts";
import { isProposal } from "../state/proposal.ts";
import { THEMES } from "../terminal/theme.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, plainText } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

export const COPY: SlashCommand = {
  name: "copy",
  help: "put the last answer into the clipboard",
  whileRunning: true,
  async run(_argument, { client, copy, say, thread }) {
    const { data } = await client.request("thread/items/list", {
      threadId: thread.id,
      limit: 100,
      sortDirection: "desc",
    });
    const answer = data.find(({ item }) => item.type === "agentMessage")?.item;
    if (answer?.type !== "agentMessage") {
      say([lineOf("There is no answer to copy yet.", { ink: "muted" })]);
      return;
    }
    copy(answer.text);
    say([lineOf("The last answer is handed to the terminal's clipboard.", { ink: "muted" })]);
  },
};

export const EXPORT: SlashCommand = {
  name: "export",
  help: "write this thread to a file as Markdown",
  argument: "[FILE]",
  whileRunning: true,
  async run(argument, context) {
    const path = argument || `quire-${context.thread.id}.md`;
    const text = await threadAsMarkdown(context);
    try {
      await context.saveFile(path, text);
    } catch (thrown) {
      context.say([lineOf(whyNotWritten(path, thrown), { ink: "bad" })]);
      return;
    }
    context.say([lineOf(`Written to ${safeLine(path)}.`, { ink: "muted" })]);
  },
};

const SAVE_PROBLEMS: Readonly<Record<string, string>> = {
  EEXIST: "it exists already, and nothing is written over",
  EISDIR: "it is a folder",
  ENOENT: "its folder does not exist",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "that file system can only be read",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "the name is too long",
};

function whyNotWritten(path: string, thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const why = SAVE_PROBLEMS[code] ?? safeLine(thrown instanceof Error ? thrown.message : String(thrown));
  return `The thread could not be written to ${safeLine(path)}: ${why}. Name another file: /export FILE`;
}

/** Messages as they are, everything else as it is shown, in a code block. */
async function threadAsMarkdown({ client, thread }: CommandContext): Promise<string> {
  const view = { columns: 100, cwd: thread.settings.cwd, syntax: NO_SYNTAX, unfolded: true };
  const parts: string[] = [`# ${thread.state.name ?? thread.id}`];
  let cursor: string | null = null;
  do {
    const page: { data: Parameters<typeof entriesOfTurn>[0][]; nextCursor: string | null } =
      await client.request("thread/turns/list", {
        threadId: thread.id,
        limit: 100,
        sortDirection: "asc",
        itemsView: "full",
        ...(cursor === null ? {} : { cursor }),
      });
    for (const entry of page.data.flatMap(entriesOfTurn)) {
      const text = entryBlock(entry, view).map(plainText).join("\n");
      if (entry.kind === "item" && entry.item.type === "agentMessage") parts.push(entry.item.text);
      else if (entry.kind === "item" && entry.item.type === "userMessage")
        parts.push(`## ${text.replace(/^› /, "")}`);
      else if (entry.kind === "item" && isProposal(entry.item)) parts.push(entry.item.text);
      else if (text !== "") parts.push(`\`\`\`\`text\n${text}\n\`\`\`\``);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return `${parts.join("\n\n")}\n`;
}

export const THEME: SlashCommand = {
  name: "theme",
  help: "colours: dark, light or plain",
  argument: "[NAME]",
  whileRunning: true,
  async run(argument, { ask, say, setTheme }) {
    const choices = THEMES.map(({ name }) => ({ label: name, hint: "", value: name }));
    const known = choices.some(({ value }) => value === argument);
    if (argument !== "" && !known) {
      say([
        lineOf(
          `"${safeLine(argument)}" is no theme. There are: ${THEMES.map(({ name }) => name).join(", ")}.`,
          {
            ink: "bad",
          },
        ),
      ]);
      return;
    }
    const name = known ? argument : await ask(pickDialog({ title: "Which colours?", choices }));
    if (name !== null) setTheme(name);
  },
};

export const QUIT: SlashCommand = {
  name: "quit",
  help: "leave; the thread is kept",
  whileRunning: true,
  async run(_argument, { quit }) {
    quit();
  },
};
