import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWorthHiding, namesSecret, secretsOfEnvironment } from "./known-secret.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

const KEY = "9f8e7d6c-model-key";
const VALUES = [
  { name: "OPENAI_API_KEY", value: KEY },
  { name: "LONGER", value: `${KEY}-and-more` },
  { name: "LINES", value: 'first "line"\nsecond line' },
  { name: "GITHUB", value: "sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2" },
];
const PEM_BODY = Array.from({ length: 6 }, (_, line) =>
  Buffer.from(`line ${line} of a key that nobody uses ${line}`).toString("base64"),
).join("\n");
const PEM = `-----BEGIN OPENSSH PRIVATE KEY-----\n${PEM_BODY}\n-----END OPENSSH PRIVATE KEY-----`;
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
const A36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";

const KINDS: [string, string, string][] = [
  ["an OpenAI key", "sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4", "[redacted:api-key]"],
  ["an Anthropic key", "sk-ant-api03-A1b2C3d4E5f6G7h8I9j0", "[redacted:api-key]"],
  ["a GitHub token", `ghp_${A36}`, "[redacted:github-token]"],
  ["a GitHub app token", `ghs_${A36}`, "[redacted:github-token]"],
  ["a fine-grained GitHub token", `github_pat_11ABCDEFG0_${A36}`, "[redacted:github-token]"],
  ["a GitLab token", "glpat-A1b2C3d4E5f6G7h8I9j0", "[redacted:gitlab-token]"],
  ["an npm token", `npm_${A36}`, "[redacted:npm-token]"],
  ["a Slack token", "xoxb-123456789012-abcdefABCDEF", "[redacted:slack-token]"],
  ["an AWS key id", "AKIAZ7XQ2W3E4R5T6Y7U", "[redacted:aws-key-id]"],
  ["a Google key", "AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "[redacted:google-key]"],
  ["a Stripe key", "sk_live_A1b2C3d4E5f6G7h8I9j0", "[redacted:stripe-key]"],
  ["a JSON web token", JWT, "[redacted:jwt]"],
  ["a private key", PEM, "[redacted:private-key]"],
];

describe("what is hidden", () => {
  const redactor = createRedactor({ values: VALUES });

  test.each(KINDS)("%s", (_, secret, marker) => {
    expect(redactor.redact(`before ${secret} after\n"${secret}"`)).toBe(
      `before ${marker} after\n"${marker}"`,
    );
  });

  test.each([
    [`x${KEY}x`, "x[redacted:OPENAI_API_KEY]x"],
    [`${KEY}-and-more`, "[redacted:LONGER]"],
    [`${KEY}${KEY}`, "[redacted:OPENAI_API_KEY][redacted:OPENAI_API_KEY]"],
    ['{"a":"first \\"line\\"\\nsecond line"}', '{"a":"[redacted:LINES]"}'],
    ["?q=first%20%22line%22%0Asecond%20line&", "?q=[redacted:LINES]&"],
    ["sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2", "[redacted:GITHUB]"],
    ["sk-proj-A1b2C3d4E5f6G7h8I9j0K1l3", "[redacted:api-key]"],
    ["Authorization: Bearer abcdef0123456789abcdef", "Authorization: Bearer [redacted:authorization]"],
    ["authorization: basic dXNlcjpwYXNzd29yZA==\n", "authorization: basic [redacted:authorization]\n"],
    ["https://joe:hunter2-hunter3@host/path", "https://[redacted:url-credentials]@host/path"],
    ["https://0123456789abcdef0123456789@host", "https://[redacted:url-credentials]@host"],
    [
      "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzKEYzzz",
      "aws_secret_access_key = [redacted:aws-secret-key]",
    ],
    [`+${PEM.replaceAll("\n", "\n+")}`, "+[redacted:private-key]"],
    [
      PEM.split("\n")
        .map((line, at) => `id_rsa:${at}:${line}`)
        .join("\n"),
      "id_rsa:0:[redacted:private-key]",
    ],
    [JSON.stringify({ key: PEM, more: 1 }), '{"key":"[redacted:private-key]","more":1}'],
    [
      JSON.stringify(JSON.stringify({ key: PEM.slice(0, 150) })),
      '"{\\"key\\":\\"[redacted:private-key]\\"}"',
    ],
  ])("%s", (text, expected) => {
    expect(redactor.redact(text)).toBe(expected);
  });
});

test.each([
  "the disk-usage of task-Aa1-B2b3C4d5E6f7G8h9 and risk-averse",
  "sk-xxxxxxxxxxxxxxxxxxxxxxxx, sk-some-long-class-name-in-a-style-sheet",
  "ghp_ npm_lifecycle_event npm_config_registry hf_hub_download",
  "Bearer authentication, Basic authorization and Bearer <token>",
  "postgres://postgres:postgres@localhost/db https://user:password@host https://u:$PASS@host http://a:b/c",
  'if (text.includes("-----BEGIN PRIVATE KEY-----")) return decode(text);',
  "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUabcdefghijklmnopqrstuvwxyz0123456789\n",
  "-----BEGIN PUBLIC KEY-----\nMIIBszCCAVmgAwIBAgIUabcdefghijklmnopqrstuvwxyz0123456789\n",
  "eyJ and eyJhbGciOiJIUzI1NiJ9 alone; see https://example.com:8080/a@b and git@github.com:a/b.git",
  "commit 9f8e7d6c5b4a39281706f5e4d3c2b1a098765432 const secret_access_key = process.env.X",
])("ordinary text stays as it is: %s", (text) => {
  const redactor = createRedactor({ values: VALUES });
  expect(redactor.redact(text)).toBe(text);
});

test("items are redacted wherever they hold text; identifiers, opaque contents and images are not touched", () => {
  const redactor = createRedactor({ values: VALUES });
  const item = {
    type: "reasoning",
    id: KEY,
    call_id: KEY,
    encrypted_content: KEY,
    image_url: `data:image/png;base64,${KEY}`,
    url: `https://host/?k=${KEY}`,
    nested: [{ text: `a ${KEY}` }, null, 3],
  };
  expect(redactor.redactAll(item)).toEqual({
    ...item,
    url: "https://host/?k=[redacted:OPENAI_API_KEY]",
    nested: [{ text: "a [redacted:OPENAI_API_KEY]" }, null, 3],
  });
  const clean = { type: "message", content: [{ text: "nothing here" }] };
  expect(redactor.redactAll(clean)).toBe(clean);
});

test("a value learned later is hidden from then on, and markers that were used are known", () => {
  const redactor = createRedactor({ values: [] });
  expect(redactor.redact("token-from-a-command")).toBe("token-from-a-command");
  expect(redactor.findMarker("[redacted:TOKEN]")).toBeNull();
  redactor.learn({ name: "TOKEN", value: "token-from-a-command" });
  expect(redactor.redact("token-from-a-command")).toBe("[redacted:TOKEN]");
  expect(redactor.findMarker("a [redacted:TOKEN] b")).toBe("[redacted:TOKEN]");
  expect(redactor.findMarker("[redacted:OTHER]")).toBeNull();
});

describe("in pieces", () => {
  const redactor = createRedactor({ values: VALUES });
  const text = [
    "begin",
    ...KINDS.map(([, secret]) => secret),
    ...VALUES.map(({ value }) => value),
    "Authorization: Bearer abcdef0123456789abcdef",
    "https://joe:hunter2-hunter3@host/ https://example.com:80/x",
    PEM.slice(0, 150),
    JSON.stringify(PEM),
    "secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzKEYzzz'",
    "-----BEGIN PRIVATE KEY----- - no key",
    "ends with the beginning of one: ghp_a1B2c3",
  ].join(" \n");
  const whole = redactor.redact(text);

  test("the same comes out at every split point", () => {
    for (let at = 0; at <= text.length; at++) {
      expect(streamed(redactor, [text.slice(0, at), text.slice(at)])).toBe(whole);
    }
  });

  test("the same comes out character by character", () => {
    expect(streamed(redactor, [...text])).toBe(whole);
  });

  test("bytes that are no UTF-8 pass, and the secrets between them do not", () => {
    const noise = Buffer.from([0xff, 0xc3, 0x28, 0x80, 0x0a]);
    const umlauts = createRedactor({ values: [{ name: "U", value: "pässwörter-sind-gut" }] });
    const stream = umlauts.openByteStream();
    const secret = Buffer.from("pässwörter-sind-gut");
    const out = [noise, secret.subarray(0, 2), secret.subarray(2), noise].map((piece) => stream.push(piece));
    expect(Buffer.concat([...out, stream.end()])).toEqual(
      Buffer.concat([noise, Buffer.from("[redacted:U]"), noise]),
    );
    expect(stream.push(noise)).toBe(noise);
  });

  test("what is held back is bounded and an ordinary line is not", () => {
    const stream = redactor.openStream();
    expect(stream.push("Continue? [Y/n] ")).toBe("Continue? [Y/n] ");
    expect(stream.push("Local: http://localhost:3000/\n")).toBe("Local: http://localhost:3000/\n");
    let given = 0;
    const run = "-----BEGIN eyJ".repeat(5000);
    for (const piece of run.match(/.{1,97}/gs) ?? []) given += stream.push(piece).length;
    expect(run.length - given).toBeLessThan(2048);
  });
});

test("any mixture of secrets and text comes out the same however it is cut, and without a known value", () => {
  const redactor = createRedactor({ values: VALUES });
  const fragments = [...KINDS.map(([, secret]) => secret), ...VALUES.map(({ value }) => value)];
  const piece = fc.oneof(
    fc.constantFrom(...fragments),
    fc.constantFrom(...fragments).chain((secret) => fc.nat(secret.length).map((at) => secret.slice(0, at))),
    fc.constantFrom(" ", "\n", "-----END PRIVATE KEY-----", "://", "eyJ", "\\n", "\\", '"', "sk-", "@", ":"),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.nat(40), { maxLength: 30 }),
      (parts, cuts) => {
        const text = parts.join("");
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(text.slice(at, at + cut));
          at += cut;
        }
        pieces.push(text.slice(at));
        const whole = redactor.redact(text);
        expect(streamed(redactor, pieces)).toBe(whole);
        for (const { value } of VALUES) expect(whole).not.toContain(value);
      },
    ),
    { numRuns: 400 },
  );
});

test("text that only looks dangerous takes time in proportion to its length", () => {
  const redactor = createRedactor({ values: VALUES });
  const cost = (unit: string, times: number): number => {
    const text = unit.repeat(times);
    const began = process.cpuUsage();
    redactor.redact(text);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  for (const unit of ["eyJ.", "://a:", "-----BEGIN ", KEY.slice(0, -1), "Bearer ", "\\", "gh", "s"]) {
    cost(unit, 10_000);
    expect(cost(unit, Math.ceil(1024 ** 2 / unit.length))).toBeLessThan(900);
  }
});

test.each([
  ["OPENAI_API_KEY", true],
  ["GITHUB_TOKEN", true],
  ["npm_config__authToken", true],
  ["DB_PASSWORD", true],
  ["AWS_SECRET_ACCESS_KEY", true],
  ["PGPASSWORD", true],
  ["PWD", false],
  ["KEYBOARD_LAYOUT", false],
  ["SSH_AUTH_SOCK", false],
  ["AWS_ACCESS_KEY_ID", false],
  ["TOKENIZERS_PARALLELISM", false],
  ["MONKEY", false],
])("the variable %s is a secret: %s", (name, expected) => {
  expect(namesSecret(name)).toBe(expected);
});

test("words, paths and numbers are no secrets, whatever their names are", () => {
  const worth = ["production", "/home/joe/.ssh/id", "12345678", "Basic Auth", "disabled"].filter(
    isWorthHiding,
  );
  expect(worth).toEqual([]);
  const value = randomBytes(12).toString("hex");
  expect(secretsOfEnvironment({ A_TOKEN: value, B_TOKEN: "true", HOME: "/root", C_KEY: undefined })).toEqual([
    { name: "A_TOKEN", value },
  ]);
});

function streamed(redactor: Redactor, pieces: readonly string[]): string {
  const stream = redactor.openStream();
  return pieces.map((piece) => stream.push(piece)).join("") + stream.end();
}
