/** A language of MultiPL-E's that can be judged here. */
export interface MultiplLanguage {
  /** What rows call it. */
  readonly id: string;
  readonly title: string;
  /** How code blocks of it are marked in an answer. */
  readonly fences: readonly string[];
  /** Matches a definition of a function up to behind its name, which is the first group. */
  readonly definition: RegExp;
  /** What runs a program; undefined where isolates of our own Node do. */
  readonly interpreter?: Interpreter;
}

/** A program of the system that runs a file. */
export interface Interpreter {
  readonly program: string;
  /** Words that fail where it, or what the tests need, is not installed. */
  readonly probe: readonly string[];
  /** How to get what is missing. */
  readonly remedy: string;
  /** Printed by tests that failed, though they ended with 0. */
  readonly failureWord?: string;
}

/** In MultiPL-E's names. Another one is a line here where an interpreter runs a file of it. */
export const MULTIPL_LANGUAGES: readonly MultiplLanguage[] = [
  {
    id: "js",
    title: "JavaScript",
    fences: ["javascript", "js"],
    definition: /\bfunction\s+([\w$]+)\s*(?=\()/,
  },
  {
    id: "ts",
    title: "TypeScript",
    fences: ["typescript", "ts"],
    definition: /\bfunction\s+([\w$]+)\s*(?=[(<])/,
  },
  {
    id: "sh",
    title: "Bash",
    fences: ["bash", "sh", "shell"],
    definition: /^[ \t]*(?:function[ \t]+)?(\w+)[ \t]*(?=\(\))/m,
    interpreter: { program: "bash", probe: ["--version"], remedy: "Install bash." },
  },
  {
    id: "pl",
    title: "Perl",
    fences: ["perl", "pl"],
    definition: /^[ \t]*sub[ \t]+(\w+)\s*(?=\{)/m,
    interpreter: {
      program: "perl",
      probe: ["-MTest::Deep", "-e", "1"],
      remedy: "Install Perl and its Test::Deep, which MultiPL-E's tests use (libtest-deep-perl).",
      failureWord: "ERROR",
    },
  },
  {
    id: "py",
    title: "Python",
    fences: ["python", "py"],
    definition: /^[ \t]*def[ \t]+(\w+)[ \t]*(?=\()/m,
    interpreter: { program: "python3", probe: ["-c", "1"], remedy: "Install Python for the whole system." },
  },
];
