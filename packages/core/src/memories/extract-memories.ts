import { cutToBytes } from "../compaction/bytes.ts";
import { MOST_MEMORY_BYTES, type Provenance } from "./memory-file.ts";
import type { ThreadFacts } from "./thread-facts.ts";

/** A memory that a thread gives, before it is kept. */
export interface ProposedMemory {
  text: string;
  scope: "global" | "project";
  provenance: Provenance;
  quote: string | null;
}

const MOST_PROPOSED = 8;

/** Words with which people say what holds beyond the moment. */
const LASTING =
  /\b(?:always|never|from now on|in (?:the )?future|remember|don't ever|do not ever|we (?:always|never|only)|i (?:always|never) want|i prefer|prefer to)\b/i;
const EVERYWHERE = /\b(?:everywhere|in (?:all|every) (?:my )?(?:projects?|repositor(?:y|ies))|in general)\b/i;
/** Commands that check a project; no list of options, only what everybody runs. */
const CHECK =
  /^(?:npm (?:test|t|run (?:test|lint|check|build|typecheck)\b)|(?:pnpm|yarn|bun) (?:run )?(?:test|lint|check|build)\b|npx (?:vitest|jest|tsc|eslint|biome)\b|(?:python3? -m )?pytest\b|cargo (?:test|clippy|build|check)\b|go (?:test|vet|build)\b|make (?:test|check|lint|build)\b|mvn (?:test|verify)\b|(?:\.\/)?gradlew? (?:test|check|build)\b|ruff\b|mypy\b|tox\b)/;

/**
 * What a thread says by itself: the user's sentences about what always holds, word for word, and checks of the project that
 * passed when they last ran. Needs no model.
 */
export function extractMemories({ requests, commands }: ThreadFacts): ProposedMemory[] {
  const said = requests.flatMap(sentences).filter((sentence) => LASTING.test(sentence));
  const rules = [...new Set(said)].slice(-MOST_PROPOSED).map(
    (sentence): ProposedMemory => ({
      text: cutToBytes(sentence, MOST_MEMORY_BYTES),
      scope: EVERYWHERE.test(sentence) ? "global" : "project",
      provenance: "user",
      quote: cutToBytes(sentence, MOST_MEMORY_BYTES),
    }),
  );
  const passed = new Map<string, boolean>();
  for (const { command, exitCode } of commands) {
    const line = command.trim();
    if (CHECK.test(line) && !/[\n;&|><`$]/.test(line)) passed.set(line, exitCode === 0);
  }
  const checks = [...passed].filter(([, ok]) => ok).map(([command]) => command);
  return [
    ...rules,
    ...checks.slice(0, MOST_PROPOSED).map(
      (command): ProposedMemory => ({
        text: `A check of this project: \`${command}\``,
        scope: "project",
        provenance: "observed",
        quote: null,
      }),
    ),
  ];
}

/** Blocks of code and quoted output are not what the user says. */
function sentences(message: string): string[] {
  return message
    .replace(/```[\s\S]*?(?:```|$)/g, "\n")
    .split("\n")
    .filter((line) => !/^\s*(?:>|[|$#<])/.test(line))
    .flatMap((line) => line.split(/(?<=[.!?])\s+/))
    .map((sentence) => sentence.replace(/^[\s*•-]+/, "").trim())
    .filter((sentence) => sentence.length >= 12 && sentence.length <= 400);
}
