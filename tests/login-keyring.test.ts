import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { openSecretService } from "./support/secret-service.ts";

const KEY = "sk-test-in-the-keyring-0123456789";

test("a key goes into the keyring of the session, is used from there, and leaves it with the logout", async () => {
  await using service = await openSecretService();
  await using world = await execWorld({ steps: [says("Hi.")] });
  const file = join(world.quireHome, "config.toml");
  const keyring = 'cli_auth_credentials_store = "keyring"\n';
  const config = (await readFile(file, "utf8")).replace(/^env_key = .*$/m, "requires_openai_auth = true");
  await writeFile(file, keyring + config);
  const env = { DBUS_SESSION_BUS_ADDRESS: service.address };
  const quire = (words: readonly string[], stdin = "") =>
    runQuire(words, { cwd: world.repository.path, home: world.home.path, env, stdin });

  expect(await quire(["login", "--with-api-key"], `${KEY}\n`)).toMatchObject({ exitCode: 0 });
  expect(service.items).toEqual([
    {
      path: expect.any(String),
      attributes: expect.objectContaining({ service: "Quire", username: `api-key ${world.quireHome}` }),
      secret: KEY,
    },
  ]);
  expect(await quire(["login", "status"])).toMatchObject({
    exitCode: 0,
    stdout: "An API key is kept in the keyring of your session.\n",
  });
  expect(await quire(["exec", "hi"])).toMatchObject({ exitCode: 0, stdout: "Hi.\n" });
  expect(world.server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);

  expect(await quire(["logout"])).toMatchObject({ exitCode: 0 });
  expect(service.items).toEqual([]);
  expect(await quire(["login", "status"])).toMatchObject({ exitCode: 1 });
  expect(existsSync(join(world.quireHome, "auth.json"))).toBe(false);
});
