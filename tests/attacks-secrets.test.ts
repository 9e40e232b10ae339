import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  callsTool,
  fault,
  patches,
  type Reply,
  reasons,
  replies,
  type Step,
  says,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { filesHolding } from "./support/attack.ts";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const random = (bytes: number) => randomBytes(bytes).toString("hex");
const letters = (count: number) =>
  randomBytes(count).toString("base64url").replace(/[-_]/g, "x").slice(0, count);

/** One value in every place where a person keeps one. */
function makeCanaries() {
  return {
    modelKey: `model-key-${random(12)}`,
    environment: `deploy-${random(12)}`,
    header: `header-${random(12)}`,
    bearer: `bearer-${random(12)}`,
    login: `login-${random(16)}`,
    dotEnv: `dotenv-${random(12)}`,
    ssh: `ssh${random(24)}`,
    netrc: `netrc-${random(12)}`,
    // Nobody told us about these; they give themselves away.
    github: `ghp_${letters(36)}`,
    inUrl: `pw-${random(10)}`,
    jwt: `eyJ${letters(30)}.eyJ${letters(40)}.${letters(43)}`,
  };
}
type Canaries = ReturnType<typeof makeCanaries>;

const pem = (body: string) =>
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}${body}\n-----END OPENSSH PRIVATE KEY-----\n`;

async function secretWorld(canary: Canaries, options: WorldOptions): Promise<ExecWorld> {
  const world = await execWorld({
    ...options,
    files: {
      "a.txt": "one\n",
      ".env": `DATABASE_PASSWORD=${canary.dotEnv}\n`,
      "config.yml": `token: ${canary.github}\nurl: https://joe:${canary.inUrl}@db.example.com/x\nname: app\n`,
      "server.log": `GET / 200\nAuthorization: Bearer ${canary.jwt}\n`,
      ...options.files,
    },
    config: `
[model_providers.other]
name = "other"
base_url = "http://127.0.0.1:1/v1"
experimental_bearer_token = "${canary.bearer}"
http_headers = { "x-api-key" = "${canary.header}" }
`,
  });
  await mkdir(join(world.home.path, ".ssh"));
  await writeFile(join(world.home.path, ".ssh/id_rsa"), pem(canary.ssh));
  await writeFile(join(world.home.path, ".netrc"), `machine x password ${canary.netrc}\n`);
  await writeFile(join(world.quireHome, "auth.json"), JSON.stringify({ tokens: { access: canary.login } }));
  await world.repository.git("remote", "add", "origin", `https://joe:${canary.github}@example.com/x.git`);
  return world;
}

const env = (canary: Canaries) => ({
  TEST_KEY: canary.modelKey,
  DEPLOY_TOKEN: canary.environment,
  GITHUB_TOKEN: canary.github,
});

const shell = (cmd: string, more = {}) => callsTool("exec_command", { cmd, ...more });

/** Every way that a model may try, and every accident that may happen to a person. */
function scenarios(canary: Canaries): Reply[] {
  // What the model could say only if it had seen it is not among these.
  const { dotEnv: _, ssh: __, netrc: ___, inUrl: ____, ...knowable } = canary;
  const all = Object.values(knowable).join(" ");
  return [
    shell("env; set; export -p"),
    shell("cat .env config.yml server.log"),
    shell("cat ~/.ssh/id_rsa ~/.netrc ~/.quire/auth.json ~/.quire/config.toml"),
    shell("cat /proc/self/environ /proc/1/environ /proc/$PPID/environ | tr '\\0' '\\n'"),
    shell("cat /proc/*/cmdline | tr '\\0' ' '; ps auxe"),
    shell("git remote -v; git config -l; cat .git/config"),
    shell("grep -rn . . ~/.quire ~/.ssh 2>/dev/null | head -200"),
    shell("cat config.yml >&2; exit 3"),
    shell("fold -w 7 config.yml | tr -d '\\n'; cut -c1-60 config.yml"),
    shell("for i in 1 2 3 4 5 6; do head -c $((i * 9)) config.yml; sleep 0.02; done; cat config.yml"),
    shell(
      "head -c 30000 /dev/zero | tr '\\0' x; cat config.yml; head -c 200000 /dev/zero | tr '\\0' y; cat config.yml",
    ),
    shell(
      'while read -r line; do printf \'%s\' "$line" | while IFS= read -rn1 c; do printf %s "$c"; done; echo; done < config.yml',
      {},
    ),
    shell("cat config.yml", { tty: true }),
    shell("sleep 0.4; cat config.yml server.log; sleep 0.4", { yield_time_ms: 250 }),
    shell("echo waited"),
    shell(`echo ${canary.github}; ls ${canary.jwt}`),
    shell('node -e \'throw new Error(require("fs").readFileSync("config.yml", "utf8"))\''),
    shell("python3 -c 'import json;print(json.dumps(open(\"config.yml\").read()))'"),
    shell("printf 'Y29uZmln' ; git diff --no-index /dev/null config.yml"),
    patches("*** Begin Patch\n*** Update File: config.yml\n@@\n-no such line\n+x\n*** End Patch"),
    patches(
      `*** Begin Patch\n*** Update File: config.yml\n@@\n-token: ${canary.github}x\n+token: x\n*** End Patch`,
    ),
    patches("*** Begin Patch\n*** Update File: config.yml\n@@\n-name: app\n+name: web\n*** End Patch"),
    patches(`*** Begin Patch\n*** Add File: note.md\n+${canary.jwt}\n*** End Patch`),
    callsTool("view_image", { path: `${canary.github}.png` }),
    callsTool(`tool-${canary.github}`, { key: canary.jwt }),
    callsTool("exec_command", `{"cmd": "broken ${canary.github}`),
    callsTool("update_plan", { plan: [{ step: `use ${canary.github}`, status: "in_progress" }] }),
    replies(reasons(`I think of ${all}`), says(`I saw ${all}`), shell("true")),
    shell("cat config.yml | tee copy.txt > /dev/null; rm copy.txt"),
    shell("kill -9 $$; cat config.yml"),
    says(`Your secrets are: ${all}`),
  ];
}

// Class 15.
test.each(["read-only", "auto", "full-access"])(
  "thirty scenarios under %s leave no secret in a log, a request or an output",
  async (preset) => {
    const canary = makeCanaries();
    const script = scenarios(canary);
    await using world = await secretWorld(canary, {
      script: { afterwards: (request) => script[request.toolOutputs.length] ?? says("done") },
      files: { "AGENTS.md": `The token is ${canary.github}, the key is ${canary.environment}.\n` },
    });
    // In full access a command reads what its user reads, and only what is known or gives itself away is hidden.
    const hidden = Object.entries(canary).filter(
      ([name]) => preset !== "full-access" || !["dotEnv", "netrc"].includes(name),
    );
    // What the model itself writes into its files stays, and so do the places where secrets are kept.
    const kept =
      /\/(?:\.env|config\.yml|server\.log|AGENTS\.md|note\.md|auth\.json|config\.toml|\.git\/.*): /;
    for (const [args, stdin] of [
      [["--preset", preset, "--json", "-o", "last.txt", `My prompt has ${canary.github} in it`], ""],
      [["resume", "--last", "--preset", preset, "look at this"], `log: ${canary.jwt} ${canary.modelKey}\n`],
    ] as const) {
      const run = await world.exec([...args], { env: env(canary), stdin });
      expect(run.exitCode).toBe(0);
      for (const [name, value] of hidden) {
        expect({ name, found: run.stdout.includes(value) }).toEqual({ name, found: false });
        expect({ name, found: run.stderr.includes(value) }).toEqual({ name, found: false });
      }
    }
    const calls = script.length - 1;
    expect(world.server.requests.map(({ toolOutputs }) => toolOutputs.length)).toEqual([
      ...Array.from({ length: calls }, (_, at) => at),
      calls,
      calls,
    ]);
    for (const { raw, headers } of world.server.requests) {
      expect(headers.authorization).toBe(`Bearer ${canary.modelKey}`);
      const { authorization: _, ...others } = headers;
      const sent = `${raw.toString("latin1")} ${JSON.stringify(others)}`;
      for (const [name, value] of hidden)
        expect({ name, found: sent.includes(value) }).toEqual({ name, found: false });
    }
    const values = hidden.map(([, value]) => value);
    const found = [
      ...(await filesHolding(world.quireHome, values)),
      ...(await filesHolding(world.repository.path, values)),
    ];
    expect(found.filter((line) => !kept.test(line))).toEqual([]);
    expect(await world.repository.read("last.txt")).toMatch(/^Your secrets are: .*\[redacted:/);
  },
  60_000,
);

test("an endpoint that says the key back in its errors does not get it into the log", async () => {
  const canary = makeCanaries();
  const echo = (status: number): Step =>
    fault({ status, code: "invalid_api_key", message: `Incorrect API key provided: ${canary.modelKey}` });
  for (const step of [echo(401), echo(400), echo(403)]) {
    await using world = await secretWorld(canary, { steps: [step] });
    for (const args of [["go"], ["--json", "go"]]) {
      const run = await world.exec(args, { env: env(canary) });
      expect(run.exitCode).toBe(1);
      expect(`${run.stdout}${run.stderr}`).not.toContain(canary.modelKey);
    }
    expect(await filesHolding(join(world.quireHome, "sessions"), [canary.modelKey])).toEqual([]);
  }
});

test("what was hidden cannot be written back, and the rest of the file can still be changed", async () => {
  const canary = makeCanaries();
  await using world = await secretWorld(canary, {
    steps: [
      shell("cat config.yml"),
      patches(
        "*** Begin Patch\n*** Update File: config.yml\n@@\n-token: [redacted:GITHUB_TOKEN]\n+token: [redacted:GITHUB_TOKEN]2\n*** End Patch",
      ),
      shell("printf 'token: [redacted:GITHUB_TOKEN]\\n' > config.yml"),
      patches("*** Begin Patch\n*** Update File: config.yml\n@@\n-name: app\n+name: web\n*** End Patch"),
      shell("cat config.yml"),
      says("done"),
    ],
  });
  const before = await world.repository.read("config.yml");
  const run = await world.exec(["go"], { env: env(canary) });
  expect(run.exitCode).toBe(0);
  const outputs = world.server.requests.at(-1)?.toolOutputs ?? [];
  expect(outputs[0]).toContain("token: [redacted:GITHUB_TOKEN]\nurl: https://[redacted:url-credentials]@db");
  expect(outputs[1]).toMatch(/stands for a secret that was hidden from you/);
  expect(outputs[2]).toMatch(/stands for a secret that was hidden from you/);
  expect(outputs[3]).toMatch(/Success/);
  expect(await world.repository.read("config.yml")).toBe(before.replace("name: app", "name: web"));
});

test("logs are for their owner alone", async () => {
  await using world = await execWorld({ steps: [shell("true"), says("ok")] });
  await world.exec(["--trust", "go"]);
  const modes = readdirSync(world.quireHome, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() ? [[path.slice(world.quireHome.length + 1), modeOf(path)]] : [];
  });
  expect(modes.length).toBeGreaterThan(2);
  expect(modes.filter(([, mode]) => mode !== "600")).toEqual([]);
});

// Class 25.
test("no secret is on a command line or in the environment of a process that we start", async () => {
  const canary = makeCanaries();
  await using world = await secretWorld(canary, { steps: [shell("sleep 1.2"), says("done")] });
  const values = Object.values(canary);
  const seen = new Map<string, number>();
  let children = 0;
  const watch = { timer: undefined as NodeJS.Timeout | undefined };
  await world.exec(["go"], {
    env: env(canary),
    onStart(child) {
      watch.timer = setInterval(() => {
        for (const pid of descendants(child.pid ?? 0)) {
          children++;
          const files = pid === child.pid ? ["cmdline"] : ["cmdline", "environ"];
          for (const file of files) {
            const text = readProc(pid, file);
            if (!values.some((value) => text.includes(value))) continue;
            const place = `${pid}/${file} of ${readProc(pid, "cmdline").slice(0, 200)}`;
            seen.set(place, (seen.get(place) ?? 0) + 1);
          }
        }
      }, 40);
    },
  });
  clearInterval(watch.timer);
  expect(children).toBeGreaterThan(10);
  // Between fork and exec a child is a copy of us; what is seen there once is not seen there again.
  expect([...seen].filter(([, times]) => times > 1)).toEqual([]);
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = /\) \S (\d+)/.exec(readProc(Number(name), "stat"))?.[1];
    parents.set(Number(name), Number(parent ?? 0));
  }
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isBelow);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    // Gone since it was listed.
    return "";
  }
}
