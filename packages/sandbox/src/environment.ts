import type { EnvironmentPolicy } from "./policy.ts";

/** Needed by ordinary programs and known to carry no secrets. */
const CORE_NAMES =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TERM|COLORTERM|TZ|CI|NO_COLOR|FORCE_COLOR|EDITOR|NODE_ENV)$/;

/** Looks like a credential, or changes which code other programs load. */
const GUARDED_NAMES = [
  /(?:^|_)(?:(?:API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|SSH)?KEYS?|[A-Z]*TOKENS?|[A-Z]*SECRETS?|[A-Z]*PASSWORDS?|[A-Z]*PASSWD|PASSPHRASE|CREDENTIALS?|COOKIES?|AUTH)(?:_|$)/i,
  /^(?:[A-Z]+_)*(?:DATABASE|REDIS|MONGO(?:DB)?|POSTGRES(?:QL)?|AMQP|SENTRY)_(?:URL|URI|DSN)$/i,
  /^(?:SSH_|GPG_|GIT_|LD_|DYLD_|PYTHON(?:PATH|STARTUP|HOME)|PERL5|RUBYOPT|BASH_ENV$|ENV$|BASH_FUNC|PROMPT_COMMAND$)/,
  /^(?:NODE_OPTIONS|NODE_EXTRA_CA_CERTS|JAVA_TOOL_OPTIONS|DBUS_SESSION_BUS_ADDRESS|DOCKER_HOST|KUBECONFIG)$/,
];

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const compiled = patterns.map(
    (pattern) => new RegExp(`^${pattern.split("*").map(escapeLiteral).join(".*")}$`, "s"),
  );
  return (name) => compiled.some((expression) => expression.test(name));
}

function escapeLiteral(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function isGuarded(name: string): boolean {
  return GUARDED_NAMES.some((expression) => expression.test(name));
}

/** The variables a command starts with, before its own additions. */
export function commandEnvironment(
  policy: EnvironmentPolicy,
  inherited: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inherit = policy.inherit ?? "core";
  const allowed = matcher(policy.allow ?? []);
  const namedExactly = new Set((policy.allow ?? []).filter((pattern) => !pattern.includes("*")));
  const excluded = matcher(policy.exclude ?? []);
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value === undefined || excluded(name)) continue;
    const wanted =
      inherit === "all" ||
      (inherit === "core" && CORE_NAMES.test(name)) ||
      (allowed(name) && inherit !== "none");
    if (namedExactly.has(name) || (wanted && !isGuarded(name))) result[name] = value;
  }
  return { ...result, ...policy.set };
}
