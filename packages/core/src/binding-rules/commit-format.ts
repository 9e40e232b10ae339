const CONVENTIONAL_TYPES = "feat fix docs style refactor perf test build ci chore revert".split(" ");

/** What the first line of a commit message must look like. */
export interface CommitFormat {
  label: string;
  /** Source of a regular expression that is safe to run on any line. */
  source: string;
}

/** `type(scope)!: subject`; without a list, the usual types. */
export function conventionalFormat(types: readonly string[] = []): CommitFormat {
  const allowed = types.length > 0 ? types : CONVENTIONAL_TYPES;
  const label = `type(scope): subject, where type is one of ${allowed.join(", ")}`;
  return { label, source: `^(?:${allowed.join("|")})(?:\\([^()]{1,60}\\))?!?: \\S` };
}

/** The format that an example or a template shows; null where it is not understood. */
export function formatOfTemplate(template: string): CommitFormat | null {
  const text = template.trim();
  if (/^[<{[]?type[>}\]]?(?:\([^)]*\)|[<{[]\([^)]*\)[>}\]])?!?: ?\S/i.test(text)) return conventionalFormat();
  const listed = /^\(?([a-z]{2,12}(?:[|/][a-z]{2,12})+)\)?(?:\([^)]*\))?(?::.*)?$/.exec(text)?.[1];
  if (listed !== undefined) return conventionalFormat(listed.split(/[|/]/));
  if (/^[A-Z]{2,10}-(?:\d+|[XN#]+)(:?) /.test(text)) {
    return { label: "a ticket such as ABC-123, then the subject", source: "^[A-Z][A-Z0-9]+-\\d+:? \\S" };
  }
  return null;
}
