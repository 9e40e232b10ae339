import { type SpawnOptions, spawn } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import type { System } from "../system.ts";

/** The user's own programs: their editor, and what reads their clipboard. They run as the user runs them, unconfined. */
export function userPrograms(system: System, home: string) {
  return {
    /** Null when the editor failed, so that nothing is taken from it. Fails when none is configured. */
    async editText(text: string): Promise<string | null> {
      const editor = system.env.VISUAL || system.env.EDITOR;
      if (!editor)
        throw new Error("No editor is configured. Set VISUAL or EDITOR, such as: export EDITOR=nano");
      const folder = await fs.mkdtemp(path.join(await ensured(home, "tmp"), "prompt-"));
      const file = path.join(folder, "prompt.md");
      try {
        await fs.writeFile(file, text, { mode: 0o600 });
        const ended = await run("sh", ["-c", `${editor} "$1"`, "sh", file], {
          stdio: "inherit",
          env: system.env,
        });
        return ended.code === 0 ? await fs.readFile(file, "utf8") : null;
      } finally {
        await fs.rm(folder, { recursive: true, force: true });
      }
    },
    /** Null when there is no picture, or no program that could tell. */
    async clipboardImage(): Promise<string | null> {
      for (const [program, ...args] of IMAGE_READERS) {
        const { code, bytes } = await run(program, args, {
          stdio: ["ignore", "pipe", "ignore"],
          env: system.env,
        });
        if (code !== 0 || !isPng(bytes)) continue;
        const file = path.join(await ensured(home, "clipboard"), `${system.now()}.png`);
        await fs.writeFile(file, bytes, { mode: 0o600 });
        return file;
      }
      return null;
    },
  };
}

const IMAGE_READERS: readonly (readonly [string, ...string[]])[] = [
  ["wl-paste", "--type", "image/png"],
  ["xclip", "-selection", "clipboard", "-t", "image/png", "-o"],
  ["pngpaste", "-"],
];
const MOST_BYTES = 32 * 1024 * 1024;

function isPng(bytes: Buffer): boolean {
  return bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
}

async function ensured(home: string, name: string): Promise<string> {
  const folder = path.join(home, name);
  await fs.mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** A program that cannot be started counts as one that failed. */
function run(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<{ code: number; bytes: Buffer }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, options);
    const parts: Buffer[] = [];
    let size = 0;
    child.stdout?.on("data", (part: Buffer) => {
      size += part.length;
      if (size > MOST_BYTES) child.kill();
      else parts.push(part);
    });
    child.on("error", () => resolve({ code: 127, bytes: Buffer.alloc(0) }));
    child.on("close", (code) => resolve({ code: code ?? 1, bytes: Buffer.concat(parts) }));
  });
}
