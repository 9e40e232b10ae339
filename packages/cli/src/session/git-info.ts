import fs from "node:fs";
import path from "node:path";

/** What the log keeps of the repository, read from its files: starting git would cost more than the whole rest. */
export function readGitInfo(gitRoot: string | null): { commit_hash?: string; branch?: string } | null {
  if (gitRoot === null) return null;
  try {
    const gitDir = gitDirectory(gitRoot);
    const head = fs.readFileSync(path.join(gitDir, "HEAD"), "utf8").trim();
    if (!head.startsWith("ref: ")) return { commit_hash: head };
    const ref = head.slice(5);
    const branch = ref.replace(/^refs\/heads\//, "");
    const hash = readRef(gitDir, ref);
    return hash === null ? { branch } : { commit_hash: hash, branch };
  } catch {
    // A repository in the middle of being made, or one we may not read: the log does without.
    return null;
  }
}

function gitDirectory(root: string): string {
  const dotGit = path.join(root, ".git");
  if (fs.statSync(dotGit).isDirectory()) return dotGit;
  const pointer = /^gitdir: (.+)$/m.exec(fs.readFileSync(dotGit, "utf8"))?.[1] ?? "";
  return path.resolve(root, pointer);
}

function readRef(gitDir: string, ref: string): string | null {
  const common = path.join(gitDir, "commondir");
  const shared = fs.existsSync(common)
    ? path.resolve(gitDir, fs.readFileSync(common, "utf8").trim())
    : gitDir;
  for (const directory of [gitDir, shared]) {
    const file = path.join(directory, ref);
    if (fs.existsSync(file)) return fs.readFileSync(file, "utf8").trim();
  }
  const packed = path.join(shared, "packed-refs");
  if (!fs.existsSync(packed)) return null;
  const line = fs
    .readFileSync(packed, "utf8")
    .split("\n")
    .find((entry) => entry.endsWith(` ${ref}`));
  return line?.slice(0, 40) ?? null;
}
