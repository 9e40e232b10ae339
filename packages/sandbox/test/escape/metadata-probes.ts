import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_PROTECTED_NAMES } from "../../src/index.ts";
import { must, type Probe, WRITING } from "./probe.ts";
import type { World } from "./world.ts";

const EVIL = "[core]\\n\\tfsmonitor = touch /tmp/x\\n";

function absent(...names: string[]): (world: World) => string | undefined {
  return (world) => names.map((name) => join(world.workspace, name)).find((path) => existsSync(path));
}

/** Names missing in the workspace, each to be made by the probe; what counts is what the host sees afterwards. */
const MISSING = DEFAULT_PROTECTED_NAMES.filter((name) => name !== ".git" && name !== ".claude");

/** Repositories and settings that other programs act on. */
export const METADATA_PROBES: readonly Probe[] = [
  must("git.config", `printf '${EVIL}' >> .git/config && echo ESCAPED`),
  must("git.config-by-git", "git config core.pager evil && echo ESCAPED"),
  must("git.hook", "echo x > .git/hooks/pre-commit && echo ESCAPED"),
  must("git.info-attributes", "mkdir -p .git/info; echo '* filter=x' > .git/info/attributes && echo ESCAPED"),
  must("git.rename", "mv .git .git2 && echo ESCAPED"),
  must("git.remove", "rm -rf .git 2>/dev/null; [ -e .git/config ] || echo ESCAPED"),
  must("git.link-over", "ln -sfn /tmp .git/x && echo ESCAPED; ln -sfT /tmp .git && echo ESCAPED"),
  must("git.unmount", "umount -l .git && echo x > .git/hooks/x && echo ESCAPED"),
  must("git.commit-hook-path", "git config --worktree core.hooksPath /tmp && echo ESCAPED"),
  must("git.pointer-of-worktree", "echo 'gitdir: /tmp' > tree/.git && echo ESCAPED"),
  must("git.pointer-replaced", "echo 'gitdir: /tmp' > p && mv -f p tree/.git && echo ESCAPED"),
  must("git.pointer-removed", "rm -f tree/.git; [ -e tree/.git ] || echo ESCAPED"),
  must("git.worktree-settings", "echo x > .git/worktrees/tree/config.worktree && echo ESCAPED"),
  must("git.worktree-renamed", "mv tree tree2 && echo ESCAPED"),
  must("git.deep-hook", "echo x > a/b/c/d/e/f/g/deep/.git/hooks/post-checkout && echo ESCAPED"),
  must("git.deep-config", "git -C a/b/c/d/e/f/g/deep config core.fsmonitor evil && echo ESCAPED"),
  ...["a", "a/b", "a/b/c/d", "a/b/c/d/e/f/g", "a/b/c/d/e/f/g/deep"].map((folder) =>
    must(`git.deep-parent-renamed:${folder}`, `mv ${folder} ${folder}-moved && echo ESCAPED`),
  ),
  must("git.bare-config", `printf '${EVIL}' >> store/config && echo ESCAPED`),
  must(
    "git.second-root",
    "mkdir -p $WS2/.git/hooks && echo x > $WS2/.git/hooks/post-commit && echo ESCAPED",
    {
      outside: (world) =>
        existsSync(join(world.secondRoot, ".git/hooks")) ? ".git/hooks in the second root" : undefined,
    },
  ),
  must("settings.deep-existing", "echo x >> pkg/one/.codex/config.toml && echo ESCAPED"),
  must("settings.deep-renamed", "mv pkg/one/.codex pkg/one/x && echo ESCAPED"),
  must("settings.deep-parent-renamed", "mv pkg/one pkg/two && echo ESCAPED"),
  ...MISSING.map((name) =>
    must(
      `settings.missing:${name}`,
      `mkdir -p ${name}; echo x > ${name}/x && echo ESCAPED; rmdir ${name} && echo x > ${name} && echo ESCAPED`,
      {
        outside: (world) => (existsSync(join(world.workspace, name, "x")) ? `${name}/x exists` : undefined),
      },
    ),
  ),
  must("settings.missing-made-writable", "chmod 755 .quire; echo x > .quire/config.toml", {
    outside: absent(".quire/config.toml"),
  }),
  must("settings.link-target", "echo x >> settings/real.toml && echo ESCAPED"),
  must("settings.link-replaced", "rm -f .claude; mkdir .claude; echo x > .claude/settings.json", {
    ...WRITING,
    outside: (world) => {
      const path = join(world.workspace, ".claude");
      return lstatSync(path).isSymbolicLink() && readlinkSync(path) === "settings"
        ? undefined
        : "the link was replaced";
    },
  }),
  must("appears.settings", "mkdir -p new/sub/.codex; echo x > new/sub/.codex/config.toml", {
    ...WRITING,
    outside: absent("new/sub/.codex"),
  }),
  must("appears.settings-link", "mkdir -p new2; ln -s /etc new2/.vscode", {
    ...WRITING,
    outside: absent("new2/.vscode"),
  }),
  must(
    "appears.settings-in-the-background",
    "(sleep 0.1; mkdir -p new3/.quire; echo x > new3/.quire/c) & sleep 0.3",
    {
      ...WRITING,
      outside: absent("new3/.quire"),
    },
  ),
  must(
    "appears.repository-with-hook",
    "git init -q r1; printf '#!/bin/sh\\n' > r1/.git/hooks/post-checkout",
    {
      ...WRITING,
      outside: absent("r1/.git"),
    },
  ),
  must("appears.repository-with-settings", "git init -q r2; git -C r2 config core.fsmonitor 'touch x'", {
    ...WRITING,
    outside: absent("r2/.git"),
  }),
  must(
    "appears.pointer",
    `git init -q r3; printf '${EVIL}' >> r3/.git/config; mv r3/.git r3/store; mkdir r4; echo 'gitdir: ../r3/store' > r4/.git`,
    {
      ...WRITING,
      outside: absent("r4/.git", "r3/store"),
    },
  ),
  must("appears.bare-repository", `git init -q --bare r5; printf '${EVIL}' >> r5/config`, {
    ...WRITING,
    outside: absent("r5"),
  }),
];
