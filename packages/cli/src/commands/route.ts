import { loadConfig, resolveHome, SYSTEM_CONFIG_FILE } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { repositorySize } from "../routing/repository-size.ts";
import { EFFORT_RULES } from "../routing/route-task.ts";
import { readRouting } from "../routing/routing-file.ts";
import { homeRoutingFile, projectRoutingFile, routingPlaces } from "../routing/routing-places.ts";
import { routeTurn } from "../routing/session-router.ts";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { wireApiOf } from "../session/model/model-choice.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Say which rule of routing decides about a task, and why the others do not.

Usage: quire route explain [--role ROLE] [-c KEY=VALUE] "TASK"

Rules lie in .quire/routing.toml of a trusted project and in routing.toml of the Quire home; the project's come first. The
first rule of which every given condition holds decides:

  [[rule]]
  name = "docs"
  tags = ["docs"]               # one of them stands in the task as #docs
  words = ["typo", "changelog"] # one of them is said
  files = ["docs/**", "*.md"]   # every file that is mentioned fits one of them
  roles = ["turn", "review"]    # your own turns, or the role of an agent
  min_prompt_chars = 0
  max_prompt_chars = 400
  min_repo_files = 0            # files that git knows in the repository
  max_repo_files = 5000
  model = "gpt-5.1-codex-mini"  # of the same provider
  effort = "low"
  budget = { max_cost = 0.05, max_tokens = 50000 }
  fallback = { model = "gpt-5.3-codex", on = ["model_overloaded", "model_rate_limited"] }

What is given with -m or -c wins over a rule. model_reasoning_effort = "auto" chooses an effort where no rule does:
${EFFORT_RULES.map((rule) => `  ${rule}\n`).join("")}`;

const VERDICTS = {
  decides: "decides",
  "does not fit": "does not fit",
  "not reached": "is not reached",
} as const;

/** `quire route explain`: a decision without a thread. */
export async function runRoute(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("route", argv, {
    help: { type: "boolean", short: "h" },
    role: { type: "string" },
    config: { type: "string", short: "c", multiple: true },
  });
  if (values.help) return showHelp(HELP, system);
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
  const workspace = { cwd, gitRoot: findGitRoot(cwd) };
  const places = routingPlaces(home, loaded, workspace);
  const { rules, ignored } = await readRouting(places);
  const { route, decision } = await routeTurn(task, rules, {
    loaded,
    catalogue: modelCatalogue(loaded.config),
    wireApi: wireApiOf(loaded.config),
    role: values.role ?? "turn",
    repositorySize: repositorySize(workspace, system, home),
  });
  const lines = decision.verdicts.map(
    ({ rule, kind, why }) =>
      `rule "${visibleLine(rule.name)}" (${rule.file}) ${VERDICTS[kind]}: ${visibleLine(why)}`,
  );
  if (ignored !== null) {
    const why = ignored.why === "changed" ? "it is not what you trusted" : "the project is not trusted";
    lines.push(`${visibleLine(ignored.file)} does not count: ${why}. Look at it, then use --trust.`);
  }
  if (rules.length === 0) {
    const of = places.project === null ? "" : ` or ${visibleLine(projectRoutingFile(places.project.root))}`;
    lines.push(`There are no rules in ${visibleLine(homeRoutingFile(home))}${of}.`);
  }
  lines.push(visibleLine(route.reason ?? "Model and effort stay as they are configured."));
  if (Object.keys(route.budget).length > 0) lines.push(`budget: ${JSON.stringify(route.budget)}`);
  if (route.fallback !== null) {
    const { settings, on } = route.fallback;
    lines.push(`fallback: ${visibleLine(settings.model ?? "")} after ${on.join(", ")}`);
  }
  system.stdout.write(`${lines.join("\n")}\n`);
  return EXIT.done;
}
