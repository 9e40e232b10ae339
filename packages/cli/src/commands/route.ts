import { loadConfig, resolveHome, SYSTEM_CONFIG_FILE } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { routeTask } from "../routing/route-task.ts";
import { readRouting, routingFile } from "../routing/routing-file.ts";
import { routeTurn } from "../routing/session-router.ts";
import { modelCatalogue } from "../session/model-catalogue.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";

const HELP = `Say which rule of routing.toml decides about a task, and why.

Usage: quire route explain [--role ROLE] [-c KEY=VALUE] "TASK"

routing.toml lies in the Quire home. The first rule of which every given condition holds decides:

  [[rule]]
  name = "docs"
  tags = ["docs"]               # one of them stands in the task as #docs
  words = ["typo", "changelog"] # one of them is said
  files = ["docs/**", "*.md"]   # every file that is mentioned fits one of them
  roles = ["turn", "review"]
  min_prompt_chars = 0
  max_prompt_chars = 400
  model = "gpt-5.1-codex-mini"  # of the same provider
  effort = "low"
  budget = { max_cost = 0.05, max_tokens = 50000 }
  fallback = { model = "gpt-5.3-codex", on = ["model_overloaded", "model_rate_limited"] }

What is given with -m or -c wins over a rule. model_reasoning_effort = "auto" chooses an effort where no rule does.
`;

/** `quire route explain`: a decision without a thread. */
export async function runRoute(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("route", argv, {
    help: { type: "boolean", short: "h" },
    role: { type: "string" },
    config: { type: "string", short: "c", multiple: true },
  });
  if (values.help) {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const [topic, task, stray] = positionals;
  if (topic !== "explain" || task === undefined) throw wrongUse("route", 'say: quire route explain "TASK"');
  if (stray !== undefined) throw wrongUse("route", "put the task in quotes");
  const { env, cwd, homeDir } = system;
  const home = await resolveHome(env, homeDir);
  const loaded = await loadConfig({
    home,
    cwd,
    env,
    systemFile: SYSTEM_CONFIG_FILE,
    overrides: values.config ?? [],
  });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const rules = await readRouting(home);
  const role = values.role ?? "turn";
  const facts = { loaded, catalogue: modelCatalogue(loaded.config), role };
  const { verdicts } = routeTask({ prompt: task, role }, rules);
  const route = routeTurn(task, rules, facts);
  const lines = verdicts.map(({ rule, against }) =>
    against === null
      ? `rule "${visibleLine(rule.name)}" decides`
      : `rule "${visibleLine(rule.name)}" does not fit: ${visibleLine(against)}`,
  );
  if (rules.length === 0) lines.push(`There are no rules in ${routingFile(home)}.`);
  lines.push(visibleLine(route.reason ?? "Model and effort stay as they are configured."));
  if (Object.keys(route.budget).length > 0) lines.push(`budget: ${JSON.stringify(route.budget)}`);
  if (route.fallback !== null) {
    const { settings, on } = route.fallback;
    lines.push(`fallback: ${visibleLine(settings.model ?? "")} after ${on.join(", ")}`);
  }
  system.stdout.write(`${lines.join("\n")}\n`);
  return EXIT.done;
}
