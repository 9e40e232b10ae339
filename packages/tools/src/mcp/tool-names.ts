import { createHash } from "node:crypto";

/** The longest name that model endpoints take. */
const MAX_NAME = 64;
const HASH_LENGTH = 8;

export interface NamedTool {
  readonly server: string;
  readonly name: string;
}

/**
 * The names by which a model calls these tools, in their order: `mcp__server__tool` in letters, digits, `_` and `-`. Names
 * that would be too long or alike end in a hash of the true names instead, so that no tool can take another's place and
 * a name does not depend on which other tools there are, as long as it is not ambiguous.
 */
export function modelNames(tools: readonly NamedTool[]): string[] {
  const plain = tools.map(plainName);
  const exact = new Map<string, number>();
  const all = new Map<string, number>();
  for (const { text, altered } of plain) {
    all.set(text, (all.get(text) ?? 0) + 1);
    if (!altered) exact.set(text, (exact.get(text) ?? 0) + 1);
  }
  return tools.map((tool, at) => {
    const { text, altered } = plain[at] ?? { text: "", altered: true };
    const alone = all.get(text) === 1 || (!altered && exact.get(text) === 1);
    return alone && text.length <= MAX_NAME ? text : hashedName(text, tool);
  });
}

function plainName({ server, name }: NamedTool): { text: string; altered: boolean } {
  const wanted = `mcp__${server}__${name}`;
  const text = wanted.replace(/[^A-Za-z0-9_-]/g, "_");
  return { text, altered: text !== wanted };
}

function hashedName(text: string, { server, name }: NamedTool): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([server, name]))
    .digest("hex")
    .slice(0, HASH_LENGTH);
  return `${text.slice(0, MAX_NAME - HASH_LENGTH - 1)}_${hash}`;
}
