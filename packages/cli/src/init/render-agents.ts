import type { Fact } from "./project-facts.ts";
import type { TriedCommand } from "./try-commands.ts";

export interface AgentsFacts {
  name: string;
  overview: Fact | null;
  stack: readonly Fact[];
  commands: readonly TriedCommand[];
  layout: readonly Fact[];
  conventions: readonly Fact[];
  commits: Fact | null;
  servers: readonly string[];
}

export interface Section {
  heading: string;
  lines: string[];
}

const MEANING = {
  build: "builds",
  test: "runs the tests",
  lint: "lints",
  types: "checks types",
  format: "checks the format",
} as const;

/** The sections of an AGENTS.md. What is not known has no line, and a section without lines is left out. */
export function agentsSections(facts: AgentsFacts): Section[] {
  const written = facts.commands.filter(isWritten);
  const test = facts.commands.find(
    ({ role, result }) => role === "test" && result.kind === "exited" && result.exitCode === 0,
  );
  const sections: Section[] = [
    { heading: "Stack", lines: facts.stack.map(({ text }) => `- ${text}`) },
    { heading: "Commands", lines: written.map((command) => `- ${commandLine(command)}`) },
    {
      heading: "Before finishing",
      lines: test === undefined ? [] : [`- Run \`${test.command}\` before finishing.`],
    },
    { heading: "Layout", lines: facts.layout.map(({ text }) => `- ${text}`) },
    { heading: "Conventions", lines: facts.conventions.map(({ text }) => `- ${text}`) },
    { heading: "Commits", lines: facts.commits === null ? [] : [`- ${facts.commits.text}`] },
    {
      heading: "MCP servers",
      lines:
        facts.servers.length === 0
          ? []
          : [`- Configured: ${facts.servers.map((name) => `\`${name}\``).join(", ")}`],
    },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

/** What did not pass is only worth a line where it is the test command, or where nothing was tried. */
function isWritten({ role, result }: TriedCommand): boolean {
  if (result.kind === "exited") return result.exitCode === 0 || (role === "test" && result.exitCode < 126);
  return result.kind === "notRun" && result.why === NOT_TRIED;
}

/** The reason of commands that were not to be run. */
export const NOT_TRIED = "nothing was to be run";

function commandLine({ command, role, result, from }: TriedCommand): string {
  const words = `\`${command}\`: ${MEANING[role]}`;
  if (result.kind !== "exited") return `${words} (named in ${from}, not tried)`;
  return result.exitCode === 0 ? words : `${words}; some fail at present (exit code ${result.exitCode})`;
}

/** The whole file. */
export function renderAgents(
  facts: Pick<AgentsFacts, "name" | "overview">,
  sections: readonly Section[],
): string {
  const head = [`# ${facts.name}`, ...(facts.overview === null ? [] : ["", facts.overview.text])];
  const body = sections.flatMap(({ heading, lines }) => ["", `## ${heading}`, ...lines]);
  return `${[...head, ...body].join("\n")}\n`;
}

/** An existing file with the sections of the same headings replaced, new ones at its end, everything else as it was. */
export function updateAgents(existing: string, sections: readonly Section[]): string {
  const left = new Map(sections.map((section) => [section.heading, section]));
  const parts = existing.replace(/\r\n/g, "\n").split(/^(?=## )/m);
  const updated = parts.map((part) => {
    const heading = /^## (.*?)\s*$/m.exec(part)?.[1] ?? "";
    const section = part.startsWith("## ") ? left.get(heading) : undefined;
    if (section === undefined) return part;
    left.delete(heading);
    return `## ${heading}\n${section.lines.join("\n")}\n${part.endsWith("\n\n") ? "\n" : ""}`;
  });
  const added = [...left.values()].map(({ heading, lines }) => `\n## ${heading}\n${lines.join("\n")}\n`);
  return `${updated.join("").trimEnd()}\n${added.join("")}`;
}
