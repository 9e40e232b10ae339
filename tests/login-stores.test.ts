import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { quireHomeIn, type RunQuireOptions, runQuire, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

/** A home on a machine without a secret service. */
async function machine() {
  const home = await temporaryDirectory("quire-login-");
  const quireHome = quireHomeIn(home.path);
  await mkdir(quireHome, { recursive: true });
  const quire = (words: string, options: RunQuireOptions = {}) =>
    runQuire(words.split(" "), {
      cwd: home.path,
      home: home.path,
      env: { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere/bus" },
      ...options,
    });
  return { quire, quireHome, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

const KEY = { stdin: "sk-test-0123456789\n" };

test("auto keeps the key in the private file where there is no keyring, and says so", async () => {
  await using here = await machine();
  const login = await here.quire("login --with-api-key -c cli_auth_credentials_store=auto", KEY);
  expect(login).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(
      /^! the keyring cannot be used .*, so the file is\nThe key is kept in .*auth\.json/,
    ),
  });
  const file = join(here.quireHome, "auth.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ OPENAI_API_KEY: "sk-test-0123456789" });
  const status = await here.quire("login status -c cli_auth_credentials_store=auto");
  expect(status).toMatchObject({ exitCode: 0, stdout: `An API key is kept in ${file}.\n` });
  const { stdout } = await here.quire("doctor");
  expect(stdout).toContain(`Credentials: file: a key is kept in ${file}`);
  expect(stdout).not.toContain("sk-test");
});

test.each(["keyring", "ephemeral"])("%s keeps no key in a file, and ends with what to do", async (kind) => {
  await using here = await machine();
  const login = await here.quire(`login --with-api-key -c cli_auth_credentials_store=${kind}`, KEY);
  expect(login.exitCode).not.toBe(0);
  expect(login.stderr).toMatch(/\[(config|usage)_invalid\]\n {2}\S/);
  await expect(stat(join(here.quireHome, "auth.json"))).rejects.toThrow("ENOENT");
});
