import type { LanguageName } from "./languages.ts";

/** What a word says when it stands in the beginning of a line; several may be said at once. */
export const ROLE = {
  /** The next word is the name of what is declared. */
  declares: 1,
  /** What stands further in belongs to it and is declared as well; without `declares` it has no name (`impl`). */
  opens: 2,
  /** Its functions are written without a word before their names. */
  hasMethods: 4,
  /** What is declared on this line is known to other files. */
  shows: 8,
  /** What is declared on this line is not. */
  hides: 16,
  /** Nothing is declared on this line. */
  ends: 32,
  /** Says more of what is declared, and is no part of a type. */
  qualifies: 128,
  /** Declares only with a body: in C, `struct a x;` declares no struct. */
  withBody: 256,
  /** Its name stands at the end: `typedef int length;`. */
  namesLast: 512,
  /** Brackets behind it hold a list of declarations: `var (` in Go. */
  grouped: 1024,
  /** Its name counts with a value only: `#define`. */
  withValue: 2048,
  /** Brackets between it and the name say whose method it is. */
  receives: 4096,
} as const;

/** How declarations without a word before their name are known. */
type Bare =
  | "none"
  /** `NAME() {` */
  | "function"
  /** `NAME(…)` directly inside of a class. */
  | "method"
  /** `TYPE NAME(…)` */
  | "typed";

export interface LexicalRules {
  words: Readonly<Record<string, number>>;
  bare: Bare;
  /** Whether `NAME = …` with a capital at the beginning declares. */
  constants: boolean;
  /** Whether `#` begins a comment. */
  hashComments: boolean;
  /** Whether `public:` stands on a line of its own, which belongs to no level. */
  hasLabels: boolean;
}

const { declares, opens, hasMethods, shows, hides, ends, qualifies, withBody } = ROLE;
const level = declares | opens;
const each = (role: number, words: string): Record<string, number> =>
  Object.fromEntries(words.split(" ").map((word) => [word, role]));

const STATEMENTS = each(
  ends,
  "return if else extends implements throws where for while do switch case break continue throw try catch finally new delete goto import from using package require default assert yield await raise include",
);

const JAVASCRIPT: LexicalRules = {
  words: {
    ...STATEMENTS,
    ...each(qualifies, "async abstract declare static readonly override get set default"),
    ...each(declares, "function interface type enum const let var"),
    ...each(level, "namespace module"),
    ...each(hides, "private protected"),
    class: level | hasMethods,
    export: shows,
    public: qualifies,
  },
  bare: "method",
  constants: false,
  hashComments: false,
  hasLabels: false,
};

const CPP: LexicalRules = {
  words: {
    ...STATEMENTS,
    ...each(declares | withBody, "union enum"),
    ...each(level | withBody, "class struct"),
    ...each(level, "namespace"),
    ...each(declares, "concept"),
    ...each(qualifies, "inline extern constexpr virtual explicit friend template"),
    static: hides,
    define: declares | ROLE.withValue,
    typedef: ROLE.namesLast,
    using: declares,
  },
  bare: "typed",
  constants: false,
  hashComments: false,
  hasLabels: true,
};

const CURLY_CLASSES: LexicalRules = {
  words: {
    ...STATEMENTS,
    ...each(level | hasMethods, "class interface enum record struct"),
    ...each(qualifies, "abstract final sealed synchronized native override virtual async partial readonly"),
    ...each(hides, "private static"),
    ...each(shows, "public protected"),
  },
  bare: "typed",
  constants: false,
  hashComments: false,
  hasLabels: false,
};

const RULES: Readonly<Record<LanguageName, LexicalRules>> = {
  typescript: JAVASCRIPT,
  tsx: JAVASCRIPT,
  javascript: JAVASCRIPT,
  python: {
    words: {
      ...STATEMENTS,
      ...each(opens, "if else elif try except finally"),
      ...each(declares, "def"),
      class: level,
      async: qualifies,
    },
    bare: "none",
    constants: true,
    hashComments: true,
    hasLabels: false,
  },
  go: {
    words: {
      ...STATEMENTS,
      ...each(declares | ROLE.grouped, "type const var"),
      func: declares | ROLE.receives,
    },
    bare: "none",
    constants: false,
    hashComments: false,
    hasLabels: false,
  },
  rust: {
    words: {
      ...STATEMENTS,
      ...each(declares, "fn struct enum union const static type"),
      ...each(level, "trait mod"),
      ...each(opens, "impl extern"),
      ...each(qualifies, "async unsafe mut"),
      pub: shows,
      macro_rules: declares | shows,
      use: ends,
      let: ends,
    },
    bare: "none",
    constants: false,
    hashComments: false,
    hasLabels: false,
  },
  java: CURLY_CLASSES,
  csharp: {
    ...CURLY_CLASSES,
    words: { ...CURLY_CLASSES.words, namespace: opens, delegate: declares, internal: qualifies },
  },
  cpp: CPP,
  ruby: {
    words: { ...STATEMENTS, ...each(level, "class module"), def: declares, self: qualifies },
    bare: "none",
    constants: true,
    hashComments: true,
    hasLabels: false,
  },
  php: {
    words: {
      ...STATEMENTS,
      ...each(level, "class interface trait enum"),
      ...each(declares, "function"),
      ...each(qualifies, "abstract final readonly"),
      ...each(hides, "private static"),
      ...each(shows, "public protected"),
      namespace: ends,
      use: ends,
    },
    bare: "none",
    constants: false,
    hashComments: true,
    hasLabels: false,
  },
  bash: {
    words: { ...STATEMENTS, function: declares },
    bare: "function",
    constants: false,
    hashComments: true,
    hasLabels: false,
  },
};

/** How the declarations of a language look to somebody who only sees its words. */
export function lexicalRules(language: LanguageName): LexicalRules {
  return RULES[language];
}
