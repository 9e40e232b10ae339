// Not from zod/mini, which would take it along into every start: see scripts/bundle.mjs.
import { toJSONSchema } from "zod";
import { ConfigFileSchema } from "./schema/config-file.ts";
import { KEY_DESCRIPTIONS } from "./schema/key-descriptions.ts";
import { KEY_STATUS } from "./schema/key-status.ts";
import { isTable, type Table } from "./table.ts";

const STATUS_WORDS = {
  not_yet: "Known, has no effect yet.",
  hosted_only: "Known, has no effect here.",
  removed: "No longer supported.",
};

/** The JSON Schema of a configuration file, for editors. Not on the start path. */
export function configJsonSchema(): Table {
  const schema: Table = { ...toJSONSchema(ConfigFileSchema, { target: "draft-7" }) };
  describe(schema, []);
  return { ...schema, title: "Quire configuration", description: "config.toml of Quire." };
}

/** The text of the published file, before the repository's formatter. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

function describe(schema: Table, path: readonly string[]): void {
  const key = path.join(".");
  const status = Object.hasOwn(KEY_STATUS, key) ? KEY_STATUS[key] : undefined;
  const description = status === undefined ? KEY_DESCRIPTIONS[key] : statusText(status.status, status.note);
  if (description !== undefined && key !== "") schema.description = description;
  if (status?.status === "removed") schema.deprecated = true;
  if (isTable(schema.properties)) {
    for (const [name, child] of Object.entries(schema.properties)) {
      if (isTable(child)) describe(child, [...path, name]);
    }
  }
  if (isTable(schema.additionalProperties)) describe(schema.additionalProperties, [...path, "*"]);
}

function statusText(status: keyof typeof STATUS_WORDS, note: string | undefined): string {
  return note === undefined ? STATUS_WORDS[status] : `${STATUS_WORDS[status]} ${note}.`;
}
