import { dirname } from "node:path";
import { isWithin } from "@quire/protocol";
import { type ConfigFs, realpathOrNull } from "./config-fs.ts";
import { copyTable, deleteAt, isTable, setAt, type Table, valueAt } from "./table.ts";

/** A key that a project file set and may not set. */
export interface IgnoredKey {
  path: string[];
  reason: string;
}

export interface RestrictionContext {
  /** The values of the layers below, which the project may tighten and not loosen. */
  base: Table;
  /** Real path of the project root. */
  root: string;
  fs: ConfigFs;
}

/** Keys that a trusted project may set freely. What is not here or in `GUARDED` is ignored. */
const FREE_KEYS = new Set([
  "model",
  "review_model",
  "model_reasoning_effort",
  "plan_mode_reasoning_effort",
  "model_reasoning_summary",
  "model_supports_reasoning_summaries",
  "model_verbosity",
  "model_context_window",
  "model_max_output_tokens",
  "model_auto_compact_token_limit",
  "model_auto_compact_token_limit_scope",
  "model_post_turn_compact_threshold_percent",
  "compact_prompt",
  "compactor",
  "personality",
  "tool_output_token_limit",
  "instructions",
  "developer_instructions",
  // They only run in the sandbox, and only as the user has trusted them.
  "hooks",
  "include_permissions_instructions",
  "include_environment_context",
  "include_environment_context_time",
  "project_doc_max_bytes",
  "project_doc_fallback_filenames",
  "background_terminal_max_timeout",
  "hide_agent_reasoning",
  "show_raw_agent_reasoning",
  "file_opener",
]);

const REASONS: Readonly<Record<string, string>> = {
  model_provider: "the provider decides who receives your code and which of your credentials is used",
  model_providers: "providers decide where your credentials and code are sent",
  openai_base_url: "it would send your credentials elsewhere",
  chatgpt_base_url: "it would send your credentials elsewhere",
  oss_provider: "the provider decides who receives your code",
  model_catalog_json: "it can redirect model names and prices",
  mcp_servers: "a server is a program that runs on this machine and needs your own approval",
  language_servers: "a server is a program that runs on this machine and needs your own approval",
  notify: "it is a program that runs on this machine",
  otel: "it would send what happens here elsewhere",
  projects: "a project cannot decide whom you trust",
  project_root_markers: "a project cannot decide where it ends",
  cli_auth_credentials_store: "a project cannot decide where your credentials are kept",
  mcp_oauth_credentials_store: "a project cannot decide where your credentials are kept",
  approvals_reviewer: "a project cannot decide who approves",
  auto_review: "a project cannot decide what is approved",
  permissions: "a project cannot grant itself permissions",
  default_permissions: "a project cannot grant itself permissions",
  network: "a project may only deny hosts; who is reached, and with which credentials, you decide",
  features: "only your own configuration can set options of a feature",
};

type Judge = (value: unknown, context: RestrictionContext) => string | null | Promise<string | null>;

const SANDBOX_ORDER = ["read-only", "workspace-write", "danger-full-access"];
const APPROVAL_ORDER = ["untrusted", "on-request", "on-failure", "never"];
const WEB_SEARCH_ORDER = ["disabled", "cached", "indexed", "live"];
const INHERIT_ORDER = ["none", "core", "all"];

/** Keys of which some values are allowed; the judge gives the reason against a value, or null. */
const GUARDED: readonly { path: readonly string[]; judge: Judge }[] = [
  { path: ["sandbox_mode"], judge: notLooser("sandbox_mode", SANDBOX_ORDER, "workspace-write") },
  { path: ["approval_policy"], judge: notLooser("approval_policy", APPROVAL_ORDER, "on-request") },
  { path: ["web_search"], judge: notLooser("web_search", WEB_SEARCH_ORDER, "disabled") },
  { path: ["allow_login_shell"], judge: only(false) },
  { path: ["disable_response_storage"], judge: only(true) },
  { path: ["sandbox_workspace_write", "network_access"], judge: only(false) },
  { path: ["sandbox_workspace_write", "exclude_tmpdir_env_var"], judge: only(true) },
  { path: ["sandbox_workspace_write", "exclude_slash_tmp"], judge: only(true) },
  { path: ["sandbox_workspace_write", "writable_roots"], judge: insideProject },
  { path: ["model_instructions_file"], judge: insideProject },
  { path: ["experimental_compact_prompt_file"], judge: insideProject },
  {
    path: ["shell_environment_policy", "inherit"],
    judge: notLooser("shell_environment_policy.inherit", INHERIT_ORDER, "core"),
  },
  { path: ["shell_environment_policy", "ignore_default_excludes"], judge: only(false) },
  { path: ["shell_environment_policy", "exclude"], judge: onlyWhenUnset },
  { path: ["shell_environment_policy", "include_only"], judge: onlyWhenUnset },
  { path: ["shell_environment_policy", "set", "*"], judge: () => null },
  { path: ["network", "domains", "*"], judge: onlyWord("deny") },
  { path: ["network", "unknown_hosts"], judge: onlyWord("deny") },
  // Where the network is on, the proxy is what narrows it.
  { path: ["features", "network_proxy"], judge: () => REASONS.network ?? "" },
  ...["turn", "thread", "day", "month", "user"].flatMap((span) =>
    ["max_cost", "max_tokens", "max_calls"].map((key) => ({ path: ["budget", span, key], judge: notMore })),
  ),
  { path: ["budget", "retries_per_turn"], judge: notMore },
  { path: ["features", "*"], judge: only(false) },
  { path: ["tools", "view_image"], judge: only(false) },
  { path: ["tools", "web_search"], judge: only(false) },
  { path: ["tools", "update_plan", "enabled"], judge: () => null },
  { path: ["tools", "experimental_request_user_input"], judge: () => null },
];

/** Variables that decide which code programs load, or where they send things. */
const DANGEROUS_VARIABLE =
  /^(?:PATH|HOME|SHELL|IFS|ENV|BASH_ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|ZDOTDIR|CDPATH|EDITOR|VISUAL|PAGER|MANPAGER|LESSOPEN|BROWSER|LD_.*|DYLD_.*|GCONV_PATH|NODE_.*|NPM_CONFIG_.*|YARN_.*|PYTHON.*|PIP_.*|RUBY.*|GEM_.*|BUNDLE_.*|PERL.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|MAVEN_.*|GRADLE_.*|CLASSPATH|GO(?:PATH|ROOT|FLAGS|PROXY|ENV)|CARGO_.*|RUSTC.*|RUSTFLAGS|GIT_.*|SSH_.*|GPG_.*|RIPGREP_CONFIG_PATH|OPENSSL_.*|SSL_.*|CURL_.*|REQUESTS_CA_BUNDLE|.*_PROXY|.*_BASE_URL|QUIRE_.*|CODEX_.*)$/i;

/**
 * Takes out of a trusted project's layer what a project may never set, however much it is trusted. It may tighten
 * what the user set, never loosen it. The given table is left as it is.
 */
export async function restrictProjectTable(
  table: Table,
  context: RestrictionContext,
): Promise<{ table: Table; ignored: IgnoredKey[] }> {
  const kept = copyTable(table);
  const ignored: IgnoredKey[] = [];
  for (const path of decisionPaths(table)) {
    const reason = await reasonAgainst(path, valueAt(table, path), context);
    if (reason === null) continue;
    deleteAt(kept, path);
    ignored.push({ path, reason });
  }
  return { table: kept, ignored };
}

/** The paths that are decided on one by one: leaves of tables that have guarded parts, else whole top-level keys. */
function decisionPaths(table: Table): string[][] {
  const guardedTables = new Set(GUARDED.filter(({ path }) => path.length > 1).map(({ path }) => path[0]));
  return Object.keys(table).flatMap((key) => {
    const value = table[key];
    return guardedTables.has(key) && isTable(value) ? leafPaths(value, [key]) : [[key]];
  });
}

function leafPaths(table: Table, path: string[]): string[][] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTable(value) ? leafPaths(value, [...path, key]) : [[...path, key]],
  );
}

async function reasonAgainst(
  path: string[],
  value: unknown,
  context: RestrictionContext,
): Promise<string | null> {
  const [head = "", second, third] = path;
  if (FREE_KEYS.has(head)) return null;
  if (head === "shell_environment_policy" && second === "set" && DANGEROUS_VARIABLE.test(third ?? "")) {
    return "this variable decides what programs run or where they send things";
  }
  const guard = GUARDED.find(
    (entry) =>
      entry.path.length === path.length && entry.path.every((part, at) => part === "*" || part === path[at]),
  );
  if (guard !== undefined)
    return await guard.judge(value, { ...context, base: narrowed(context.base, path) });
  return REASONS[head] ?? "only your own configuration can set this";
}

/** The base reduced to the value at the same path, under the key `value`, for judges that compare. */
function narrowed(base: Table, path: readonly string[]): Table {
  const value = valueAt(base, path);
  const table: Table = {};
  if (value !== undefined) setAt(table, ["value"], value);
  return table;
}

function notLooser(name: string, order: readonly string[], otherwise: string): Judge {
  return (value, { base }) => {
    const current = base.value ?? otherwise;
    if (value === current) return null;
    const wanted = order.indexOf(typeof value === "string" ? value : "");
    const allowed = order.indexOf(typeof current === "string" ? current : "");
    if (wanted >= 0 && allowed >= 0 && wanted <= allowed) return null;
    return `a project may only tighten ${name}, and yours is ${typeof current === "string" ? current : "a table"}`;
  };
}

function notMore(value: unknown, { base }: RestrictionContext): string | null {
  if (typeof value !== "number") return "it is not a number";
  const yours = base.value;
  return typeof yours !== "number" || value <= yours
    ? null
    : `a project may only tighten a budget, and yours is ${yours}`;
}

function only(allowed: boolean): Judge {
  return (value, { base }) =>
    value === allowed || value === base.value ? null : `a project may only set this to ${allowed}`;
}

function onlyWord(allowed: string): Judge {
  return (value, { base }) =>
    value === allowed || value === base.value ? null : `a project may only set this to "${allowed}"`;
}

function onlyWhenUnset(_: unknown, { base }: RestrictionContext): string | null {
  return base.value === undefined
    ? null
    : "your own configuration sets it, and a project may not replace that";
}

async function insideProject(value: unknown, context: RestrictionContext): Promise<string | null> {
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  for (const path of paths) {
    if (typeof path !== "string" || !(await isBelow(path, context))) {
      return `${String(path)} lies outside of the project`;
    }
  }
  return null;
}

/** Resolves links of the deepest part of the path that exists; what is missing below it cannot lead away. */
async function isBelow(path: string, { root, fs }: RestrictionContext): Promise<boolean> {
  for (let here = path; ; here = dirname(here)) {
    const real = await realpathOrNull(fs, here);
    if (real !== null) return isWithin(real, root);
    if (dirname(here) === here) return false;
  }
}
