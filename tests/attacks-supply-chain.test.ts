import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  /** Left over from an earlier layout; nothing installs it. */
  extraneous?: boolean;
  hasInstallScript?: boolean;
  dev?: boolean;
}
const locked: Record<string, Locked> = json("package-lock.json").packages;
const manifests = [
  "package.json",
  ...readdirSync(join(root, "packages"))
    .map((name) => `packages/${name}/package.json`)
    .filter((file) => existsSync(join(root, file))),
];

/** Packages that may run a script when they are installed: the bundler places its binary, the watcher is for macOS. */
const MAY_RUN_SCRIPTS = ["esbuild", "fsevents"];

// Class 26.
test("no dependency runs a script at installation that is not on the list", () => {
  const scripts = Object.entries(locked)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  expect(scripts.filter((name) => !MAY_RUN_SCRIPTS.includes(name))).toEqual([]);
  for (const file of manifests) {
    const { scripts: own = {} } = json(file);
    expect(Object.keys(own).filter((name) => /^(?:pre|post)?(?:install|prepare|publish)/.test(name))).toEqual(
      [],
    );
  }
});

test("every dependency is locked to one content", () => {
  const outside = Object.entries(locked).filter(([path]) => path.startsWith("node_modules/"));
  expect(outside.length).toBeGreaterThan(20);
  for (const [path, entry] of outside) {
    if (entry.link || entry.extraneous) continue;
    expect({ path, integrity: entry.integrity }).toEqual({
      path,
      integrity: expect.stringMatching(/^sha512-[A-Za-z0-9+/]{86}==$/),
    });
    if (entry.resolved !== undefined) expect(entry.resolved).toMatch(/^https:\/\//);
  }
});

test("every dependency that we name has one exact version", () => {
  const loose = manifests.flatMap((file) => {
    const manifest = json(file);
    return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {})
        .filter(([, version]) => !/^(?:\d+\.\d+\.\d+(?:-[\w.]+)?|file:[\w./-]+)$/.test(String(version)))
        .map(([name, version]) => `${file}: ${name}@${version}`),
    );
  });
  expect(loose).toEqual([]);
});

test("the product needs few packages of others at run time", () => {
  const atRunTime = Object.entries(locked).filter(
    ([path, entry]) => path.startsWith("node_modules/") && !entry.link && !entry.dev,
  );
  expect(atRunTime.length).toBeLessThan(120);
});

test("what would be packed holds no tests, no logs and no settings of a person", () => {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts", "-w", "@quire/cli"];
  const [packed] = JSON.parse(
    execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  const paths: string[] = packed.files.map(({ path }: { path: string }) => path);
  expect(paths.length).toBeGreaterThan(0);
  expect(
    paths.filter((path) =>
      /(?:^|\/)(?:\.env|\.npmrc|auth\.json|.*\.log|.*\.jsonl|\.quire|\.git)(?:\/|$)/.test(path),
    ),
  ).toEqual([]);
});

test("workflows run what they were reviewed with", () => {
  const folder = join(root, ".github/workflows");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)) : [];
  const uses = files.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(/^\s*-?\s*uses:\s*(\S+)/gm)].map(
      ([, what = ""]) => what,
    ),
  );
  expect(uses.filter((what) => !what.startsWith("./") && !/@[0-9a-f]{40}$/.test(what))).toEqual([]);
});
