/** Keys whose values may be secrets, or tables of them. A client has no use for them. */
const SECRET_KEYS = new Set([
  "experimental_bearer_token",
  "bearer_token",
  "http_headers",
  "env",
  "set",
  "headers",
]);

/** A copy of a configuration without what may be secret. */
export function withoutSecrets(table: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    if (SECRET_KEYS.has(key)) continue;
    copy[key] = isTable(value) ? withoutSecrets(value) : value;
  }
  return copy;
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
