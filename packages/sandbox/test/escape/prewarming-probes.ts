import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { must, type Probe, WRITING } from "./probe.ts";
import type { World } from "./world.ts";

const put = (path: string, text: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

const unchanged = (path: string, text: string) => (world: World) =>
  world.read(join(world.workspace, path)) === text ? undefined : `${path} was changed`;

/** What changes on the host after a sandbox was made ready must hold for the command that uses it, or another. */
export const PREWARMING_PROBES: readonly Probe[] = [
  must("warm.settings-made", "echo x >> w1/.quire/config.toml && echo ESCAPED", {
    meanwhile: ({ workspace }) => put(join(workspace, "w1/.quire/config.toml"), "mine\n"),
    outside: unchanged("w1/.quire/config.toml", "mine\n"),
  }),
  must("warm.repository-made", "echo x > w2/.git/hooks/post-checkout && echo ESCAPED", {
    meanwhile: ({ workspace }) =>
      void execFileSync("git", ["init", "-q", join(workspace, "w2")], { env: { PATH: process.env.PATH } }),
  }),
  must("warm.repository-made-above", "mv w3/a w3/b && echo ESCAPED", {
    meanwhile: ({ workspace }) =>
      void execFileSync("git", ["init", "-q", join(workspace, "w3/a/b")], {
        env: { PATH: process.env.PATH },
      }),
  }),
  must("warm.secret-made", "grep -q $CANARY w4/.env && echo ESCAPED", {
    meanwhile: ({ workspace, canary }) => put(join(workspace, "w4/.env"), `K=${canary}\n`),
  }),
  must("warm.secret-replaced", "grep -q $CANARY .env.local && echo ESCAPED", {
    meanwhile: ({ workspace, canary }) => {
      put(join(workspace, "w5"), `K=${canary}\n`);
      renameSync(join(workspace, "w5"), join(workspace, ".env.local"));
    },
  }),
  must("warm.home-secret-made", "grep -q $CANARY $HOME/.npmrc && echo ESCAPED", {
    meanwhile: ({ deps, canary }) => put(join(deps.homeDir, ".npmrc"), `${canary}\n`),
  }),
  must("warm.cover-replaced", "echo x > .mcp.json && echo ESCAPED", {
    ...WRITING,
    meanwhile: ({ workspace }) => {
      rmSync(join(workspace, ".mcp.json"), { recursive: true, force: true });
      put(join(workspace, ".mcp.json"), "mine\n");
    },
    outside: (world) => {
      const evidence = unchanged(".mcp.json", "mine\n")(world);
      rmSync(join(world.workspace, ".mcp.json"), { force: true });
      return evidence;
    },
  }),
  must("warm.cover-removed", "mkdir -p .cursor; echo x > .cursor/rules && echo ESCAPED", {
    ...WRITING,
    meanwhile: ({ workspace }) => rmdirSync(join(workspace, ".cursor")),
    outside: (world) =>
      world.read(join(world.workspace, ".cursor/rules")) === undefined ? undefined : ".cursor/rules exists",
  }),
  must("warm.folder-became-link", "echo x > w6/escaped && echo ESCAPED", {
    meanwhile: ({ workspace, outside }) => symlinkSync(outside, join(workspace, "w6")),
    outside: (world) =>
      world.read(join(world.outside, "escaped")) === undefined ? undefined : "a file outside was made",
  }),
  must("warm.protected-parent-became-link", "echo x >> pkg/one/.codex/config.toml && echo ESCAPED", {
    meanwhile: ({ workspace }) => {
      renameSync(join(workspace, "pkg"), join(workspace, "pkg-real"));
      symlinkSync("pkg-real", join(workspace, "pkg"));
    },
    outside: (world) => {
      rmSync(join(world.workspace, "pkg"));
      renameSync(join(world.workspace, "pkg-real"), join(world.workspace, "pkg"));
      return unchanged("pkg/one/.codex/config.toml", "# mine\n")(world);
    },
  }),
];
