import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { QUIRE_BIN, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const NEEDED = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon", "secret-tool"];
const KEY = "sk-test-in-the-keyring-0123456789";

/** A session bus with an unlocked secret service of its own, and in it login, status, a run, logout, status. */
const SCRIPT = `
printf pw | gnome-keyring-daemon --unlock --components=secrets --foreground >/dev/null 2>&1 &
daemon=$!
trap 'kill $daemon; wait $daemon' EXIT
owner() { dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.freedesktop.secrets; }
for try in $(seq 300); do owner >/dev/null 2>&1 && break; sleep 0.1; done
quire() { node "$QUIRE_BIN" "$@"; }
say() { printf '%s|%s\\n' "$1" "$2"; }
printf '%s\\n' "$KEY" | quire login --with-api-key >/dev/null; say login $?
say place "$(quire login status)"
say stored "$(secret-tool lookup service Quire username "api-key $QUIRE_HOME")"
quire exec --json hi </dev/null >/dev/null; say run $?
quire logout >/dev/null; say logout $?
quire login status >/dev/null 2>&1; say status $?
say left "$(secret-tool lookup service Quire username "api-key $QUIRE_HOME")"
`;

// Only where a secret service is installed: nothing is installed for it, and the file is tested everywhere.
test.runIf(NEEDED.every((program) => onPath(program)))(
  "a key goes into the keyring of the session, is used from there, and leaves it with the logout",
  async () => {
    await using world = await execWorld({ steps: [says("Hi.")] });
    const home = world.home.path;
    const run = join(home, "run");
    await mkdir(run, { mode: 0o700 });
    await mkdir(join(home, ".cache"));
    await mkdir(join(home, ".local/share"), { recursive: true });
    const script = join(home, "session.sh");
    await writeFile(script, SCRIPT);
    const file = join(world.quireHome, "config.toml");
    const keyring = 'cli_auth_credentials_store = "keyring"\n';
    const config = (await readFile(file, "utf8")).replace(/^env_key = .*$/m, "requires_openai_auth = true");
    await writeFile(file, keyring + config);
    const session = await runQuire(["--", "bash", script], {
      command: "dbus-run-session",
      cwd: world.repository.path,
      home,
      env: { XDG_RUNTIME_DIR: run, QUIRE_BIN, KEY, DBUS_SESSION_BUS_ADDRESS: undefined },
      timeoutMs: 100_000,
    });
    const said = Object.fromEntries(
      session.stdout
        .trim()
        .split("\n")
        .map((line) => line.split("|")),
    );
    expect(said).toEqual({
      login: "0",
      place: "An API key is kept in the keyring of your session.",
      stored: KEY,
      run: "0",
      logout: "0",
      status: "1",
      left: "",
    });
    expect(world.server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(existsSync(join(world.quireHome, "auth.json"))).toBe(false);
  },
);

function onPath(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}
