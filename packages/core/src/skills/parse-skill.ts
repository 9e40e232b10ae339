import * as z from "zod/mini";

/** A SKILL.md taken apart. */
export interface SkillFile {
  readonly name: string;
  readonly description: string;
  readonly license: string | null;
  readonly allowedTools: readonly string[];
  /** The text below the frontmatter. */
  readonly body: string;
  /** What a linter says and a reader of the skill need not know. */
  readonly remarks: readonly string[];
}

export type ParsedSkill =
  | { readonly ok: true; readonly skill: SkillFile }
  | { readonly ok: false; readonly message: string };

const FRONTMATTER = /^\ufeff?---[ \t]*\r?\n(?<yaml>[\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/;
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Names that still work as a mention, though they are not what the format asks for. */
const USABLE_NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;
const DESCRIPTION_LIMIT = 1024;
const KNOWN_KEYS = new Set(["name", "description", "license", "allowed-tools", "metadata", "compatibility"]);

const HeadSchema = z.object({
  name: z.string(),
  description: z.string(),
  license: z.optional(z.unknown()),
  "allowed-tools": z.optional(z.union([z.string(), z.array(z.string())])),
  metadata: z.optional(z.record(z.string(), z.unknown())),
});

/** Reads the text of a SKILL.md. What the format forbids but can still be used is a remark. */
export async function parseSkill(text: string): Promise<ParsedSkill> {
  const match = FRONTMATTER.exec(text);
  if (match === null) return wrong("it does not begin with frontmatter between two lines of ---");
  const yaml = await parseYaml(match.groups?.yaml ?? "");
  if (!yaml.ok) return wrong(`its frontmatter is not YAML: ${yaml.message}`);
  const parsed = z.safeParse(HeadSchema, yaml.value);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join(".") || "frontmatter"))];
    return wrong(`its frontmatter needs name and description as text (wrong: ${fields.join(", ")})`);
  }
  const { data } = parsed;
  const name = data.name.trim();
  const description = data.description.trim().replace(/\s+/g, " ");
  if (!USABLE_NAME.test(name))
    return wrong("its name may hold letters, digits, dots, - and _ only, at most 64");
  if (description === "") return wrong("its description is empty");
  const tools = data["allowed-tools"] ?? [];
  return {
    ok: true,
    skill: {
      name,
      description: description.slice(0, DESCRIPTION_LIMIT),
      license: typeof data.license === "string" ? data.license : null,
      allowedTools: typeof tools === "string" ? tools.split(/[\s,]+/).filter(Boolean) : tools,
      body: text.slice(match[0].length).trim(),
      remarks: remarks(name, description, Object.keys(yaml.value)),
    },
  };
}

function remarks(name: string, description: string, keys: readonly string[]): string[] {
  const unknown = keys.filter((key) => !KNOWN_KEYS.has(key));
  return [
    ...(NAME.test(name) ? [] : ["the name should be lower-case letters, digits and -"]),
    ...(description.length > DESCRIPTION_LIMIT
      ? [`the description has ${description.length} characters; ${DESCRIPTION_LIMIT} are used`]
      : []),
    ...unknown.map((key) => `the key ${JSON.stringify(key)} is not known`),
  ];
}

type Yaml = { ok: true; value: Record<string, unknown> } | { ok: false; message: string };

/** The parser is only loaded where there is something to parse. */
async function parseYaml(text: string): Promise<Yaml> {
  const { readYaml } = await import("./yaml.ts");
  try {
    const value: unknown = readYaml(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return { ok: false, message: "it is not a list of keys and values" };
    }
    return { ok: true, value: { ...value } };
  } catch (thrown) {
    return {
      ok: false,
      message: thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown),
    };
  }
}

function wrong(message: string): ParsedSkill {
  return { ok: false, message };
}
