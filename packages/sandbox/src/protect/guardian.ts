import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { descriptorTable } from "../process/inherited-descriptors.ts";
import { launch } from "../process/launch.ts";

/**
 * Waits for end-of-file, which comes when our process is gone however it ended, lets its sandboxes die, and then does
 * under the same lock what `MountPoints` would have done. $1 is the registry, $2 the file of our holder.
 */
const SCRIPT = `
read -r _
sleep 0.3
tries=0
until mkdir "$1/lock" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -gt 100 ] && break
  sleep 0.03
done
mv -f "$2" "$1/ended.$$" 2>/dev/null && while IFS= read -r path; do
  [ -n "$path" ] || continue
  grep -qxF -- "$path" "$1"/holders/* 2>/dev/null && continue
  record=$(grep -lxF -- "$path" "$1"/made/* 2>/dev/null | head -n 1)
  [ -n "$record" ] || continue
  [ "$(stat -c '%d %i' -- "$path" 2>/dev/null)" = "$(head -n 1 "$record" | cut -d ' ' -f 1,2)" ] && rmdir -- "$path" 2>/dev/null
  rm -f "$record"
done < "$1/ended.$$"
rm -f "$1/ended.$$"
rmdir "$1/lock" 2>/dev/null
`;

/** A tiny process that outlives ours by a moment, to remove the mount points we could not. */
export class Guardian {
  readonly #sh: string;
  readonly #registry: string;
  readonly #holder: string;
  #started: Promise<ChildProcess | undefined> | undefined;

  constructor(sh: string, registry: string, holder: string) {
    this.#sh = sh;
    this.#registry = registry;
    this.#holder = holder;
  }

  /** Does nothing the second time. */
  async start(): Promise<void> {
    this.#started ??= this.#launch();
    await this.#started;
  }

  async stop(): Promise<void> {
    const child = await this.#started;
    this.#started = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.ref();
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async #launch(): Promise<ChildProcess | undefined> {
    const descriptors = descriptorTable([]);
    const launched = await launch(
      {
        file: this.#sh,
        args: ["-c", SCRIPT, "sh", this.#registry, this.#holder],
        env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin" },
        cwd: "/",
        descriptors,
        ownSession: true,
      },
      { kind: "pipes", stdin: "pipe" },
    );
    descriptors.close();
    // Without it the next session does the same work.
    if (launched.kind === "failed") return undefined;
    launched.child.unref();
    for (const stream of launched.child.stdio) if (stream instanceof Socket) stream.unref();
    return launched.child;
  }
}
