import fs from "node:fs";
import path from "node:path";
import type { ModelProviderConfig, QuireConfig } from "@quire/config";
import {
  createRedactor,
  isWorthHiding,
  type KnownSecret,
  type Redactor,
  secretsOfEnvironment,
} from "@quire/core";
import type { System } from "../system.ts";
import type { ModelChoice } from "./model/model-choice.ts";

/**
 * The redactor of a session. It knows the model's key, what providers are configured to send, secrets in our environment
 * and what the home keeps of logins. What `auth` commands print is learned when they have run.
 */
export function sessionRedactor(
  system: System,
  home: string,
  config: QuireConfig,
  choice: ModelChoice | null,
): Redactor {
  return createRedactor({
    values: [
      ...secretsOfEnvironment(system.env),
      ...(choice === null ? [] : keyOf(choice)),
      ...Object.values(config.modelProviders).flatMap((provider) => secretsOfProvider(provider, system.env)),
      ...named(Object.entries(config.shellEnvironment.set).filter(([name]) => isSecretVariable(name))),
      ...secretsOfLogin(path.join(home, "auth.json")),
    ],
  });
}

function isSecretVariable(name: string): boolean {
  return secretsOfEnvironment({ [name]: "a-value-that-is-long-enough-1" }).length > 0;
}

function keyOf(choice: ModelChoice): KnownSecret[] {
  if (choice.kind === "offline" || choice.credential.kind !== "token") return [];
  return [{ name: choice.provider.envKey ?? "MODEL_KEY", value: choice.credential.token }];
}

/** Ordinary headers such as a content type are not worth hiding and would garble the log. */
function secretsOfProvider(provider: ModelProviderConfig, env: System["env"]): KnownSecret[] {
  const fromEnv = [provider.envKey, ...Object.values(provider.envHttpHeaders)].flatMap((name) =>
    name === null ? [] : [[name, env[name] ?? ""] as const],
  );
  return [
    ...named(fromEnv),
    ...named([[`${provider.id}-token`, provider.bearerToken ?? ""]]),
    ...named(Object.entries(provider.httpHeaders).filter(([, value]) => !/^[a-z]+\/[a-z.+-]+$/i.test(value))),
    ...named(Object.entries(provider.queryParams).filter(([, value]) => value.length >= 16)),
  ];
}

function named(entries: Iterable<readonly [name: string, value: string]>): KnownSecret[] {
  return [...entries].filter(([, value]) => isWorthHiding(value)).map(([name, value]) => ({ name, value }));
}

const LOGIN_FILE_LIMIT = 256 * 1024;

/** Every longer text in a file of logins; what the file looks like does not matter. */
function secretsOfLogin(file: string): KnownSecret[] {
  let content: unknown;
  try {
    if (fs.statSync(file).size > LOGIN_FILE_LIMIT) return [];
    content = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    // Absent, or none of ours: then nothing of it is used either.
    return [];
  }
  return textsIn(content, "login").filter(({ value }) => value.length >= 16 && isWorthHiding(value));
}

function textsIn(value: unknown, name: string): KnownSecret[] {
  if (typeof value === "string") return [{ name, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => textsIn(entry, Array.isArray(value) ? name : key));
}
