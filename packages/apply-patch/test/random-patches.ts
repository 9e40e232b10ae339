/** A reproducible source of numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Files by relative path, one character per byte, and a patch for them that may be good or damaged. */
export interface PatchCase {
  readonly files: ReadonlyMap<string, string>;
  readonly patch: string;
}

const VOCABULARY = [
  "",
  "}",
  "{",
  "  return x;",
  "\treturn x;",
  "function f(a, b) {",
  "def g(self):",
  "  if (a == b) {",
  "    a \u2014 b",
  "say \u201chello\u201d",
  "it\u2019s",
  "plain text",
  "trailing  ",
  "  indented",
  "+ plus",
  "- minus",
  "@@ at",
  "*** stars",
  "caf\u00e9",
  "x",
  "y",
];

const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

export function randomCase(random: Random): PatchCase {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const chance = (p: number): boolean => random() < p;
  const below = (n: number): number => Math.floor(random() * n);
  const line = (): string => (chance(0.6) ? pick(VOCABULARY) : `${pick(VOCABULARY)}${below(30)}`);
  const linesByFile = new Map<string, string[]>();
  const files = new Map<string, string>();

  const addFile = (path: string): void => {
    const lines = Array.from({ length: chance(0.1) ? 0 : below(25) }, line);
    const style = random();
    const ending = style < 0.15 ? "\r\n" : style < 0.17 ? "\r" : "\n";
    const mixed = style > 0.95;
    let text = lines.map((item) => item + (mixed && chance(0.4) ? "\r\n" : ending)).join("");
    if (chance(0.15)) text = text.replace(/\r?\n$/, "");
    text = bytes(text);
    if (chance(0.03)) text = `\u00ef\u00bb\u00bf${text}`;
    if (chance(0.03)) text = text.replace("x", "\u00ff");
    linesByFile.set(path, lines);
    files.set(path, text);
  };
  for (const path of ["a.txt", "b.txt", "src/c.txt"].slice(0, 1 + below(3))) addFile(path);

  const misremember = (text: string): string => {
    if (chance(0.94)) return text;
    return pick([
      `${text}  `,
      text.trimEnd(),
      text.trim(),
      `  ${text}`,
      text
        .replace(/[\u2014]/g, "-")
        .replace(/[\u201c\u201d]/g, '"')
        .replace(/\u2019/g, "'"),
      `${text}!`,
    ]);
  };

  const chunksFor = (lines: readonly string[]): string[] => {
    const out: string[] = [];
    let at = 0;
    for (let n = 1 + below(3); n > 0 && at <= lines.length; n -= 1) {
      const skip = below(Math.max(1, lines.length - at));
      const named = skip > 0 && chance(0.2) ? lines[at + below(skip)] : undefined;
      at += skip;
      const first = out.length === 0;
      if (named !== undefined) out.push(`@@ ${misremember(named)}`);
      else if (!first || chance(0.8)) out.push("@@");
      const size = out.length;
      const before = below(4);
      for (let i = 0; i < before && at < lines.length; i += 1) out.push(` ${misremember(lines[at++] ?? "")}`);
      const removed = below(3);
      for (let i = 0; i < removed && at < lines.length; i += 1)
        out.push(`-${misremember(lines[at++] ?? "")}`);
      for (let i = below(3); i > 0; i -= 1) out.push(`+${line()}`);
      const behind = below(4);
      for (let i = 0; i < behind && at < lines.length; i += 1) out.push(` ${misremember(lines[at++] ?? "")}`);
      if (out.length === size) out.push(`+${line()}`);
      if (chance(at >= lines.length ? 0.3 : 0.02)) out.push("*** End of File");
    }
    return out;
  };

  const body: string[] = [];
  for (let n = chance(0.6) ? 1 : 1 + below(4); n > 0; n -= 1) {
    const path = chance(0.95) ? pick([...linesByFile.keys()]) : "missing.txt";
    const lines = linesByFile.get(path) ?? [];
    const kind = random();
    if (kind < 0.12)
      body.push(
        `*** Add File: ${pick(["new.txt", "d/e/new.txt", path])}`,
        ...Array.from({ length: below(4) }, () => `+${line()}`),
      );
    else if (kind < 0.2) body.push(`*** Delete File: ${path}`);
    else {
      body.push(`*** Update File: ${path}`);
      if (chance(0.1)) body.push(`*** Move to: ${pick(["moved.txt", "m/moved.txt", "b.txt", path])}`);
      body.push(...chunksFor(lines));
    }
  }
  const patchLines = ["*** Begin Patch", ...body, "*** End Patch"];
  if (chance(0.3)) damage(patchLines);
  let patch = patchLines.join(chance(0.05) ? "\r\n" : "\n");
  if (chance(0.3)) patch += "\n";
  if (chance(0.05)) patch = `<<'EOF'\n${patch}\nEOF\n`;
  return { files, patch };

  function damage(out: string[]): void {
    const index = below(out.length);
    const current = out[index] ?? "";
    pick([
      () => out.splice(index, 1),
      () => out.splice(index, 0, current),
      () => out.splice(index, 0, ""),
      () => out.splice(index, 0, pick(["junk", "@@", "*** End of File", "*** End Patch", "   ", "```"])),
      () => out.splice(index, 1, current.slice(1)),
      () => out.splice(index, 1, ` ${current}`),
      () => out.splice(index, 1, `${current} `),
      () => out.splice(index, out.length - index),
      () => out.push(current),
    ])();
  }
}
