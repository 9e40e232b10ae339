import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { QUIRE_BIN, type QuireRun, type RunQuireOptions, runQuire } from "@quire/test-support";

/** A user without rights who exists as long as the test. Only root can make one. */
export interface OrdinaryUser extends Disposable {
  /** Not below a temporary folder, and with a copy of the built command that the user can read. */
  readonly home: string;
  /** Gives the user everything in the home; what is made later belongs to root until this is called again. */
  own(): void;
  quire(args: readonly string[], options?: RunQuireOptions): Promise<QuireRun>;
}

export function ordinaryUser(): OrdinaryUser {
  const name = `quire-attack-${process.pid}`;
  const home = `/var/${name}`;
  execFileSync("useradd", ["--create-home", "--home-dir", home, "--shell", "/bin/sh", name]);
  const bin = copyCommand(join(home, "app"));
  const identity = ["--reuid", name, "--regid", name, "--clear-groups"];
  return {
    home,
    own: () => void execFileSync("chown", ["-R", name, home]),
    quire: (args, options) =>
      runQuire([...identity, process.execPath, bin, ...args], { home, ...options, command: "setpriv" }),
    [Symbol.dispose]() {
      spawnSync("userdel", ["--remove", name]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The checkout may lie where others cannot read. */
function copyCommand(target: string): string {
  const root = dirname(dirname(realpathSync(QUIRE_BIN)));
  for (const part of ["bin", "dist/cli", "package.json", "node_modules/@lydell"]) {
    mkdirSync(dirname(join(target, part)), { recursive: true });
    cpSync(join(root, part), join(target, part), { recursive: true, dereference: true });
  }
  return join(target, "bin/quire");
}
