import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { configJsonSchema, configJsonSchemaText } from "./json-schema.ts";
import { KEY_DESCRIPTIONS } from "./schema/key-descriptions.ts";
import { KEY_STATUS } from "./schema/key-status.ts";
import { isTable } from "./table.ts";

const publishedFile = new URL("../config.schema.json", import.meta.url);

test("the published schema is current (else run: npm run schema -w @quire/config)", async () => {
  if (process.env.UPDATE_SCHEMA) await writeFile(publishedFile, configJsonSchemaText());
  const published = await readFile(publishedFile, "utf8");
  expect(JSON.parse(published)).toStrictEqual(configJsonSchema());
});

test.each([...Object.keys(KEY_STATUS), ...Object.keys(KEY_DESCRIPTIONS)])(
  "%s names a key of the schema",
  (key) => {
    let here: unknown = configJsonSchema();
    for (const part of key.split(".")) {
      if (!isTable(here)) break;
      const properties = here.properties;
      here =
        isTable(properties) && Object.hasOwn(properties, part) ? properties[part] : here.additionalProperties;
    }
    expect(isTable(here) && typeof here.description === "string").toBe(true);
  },
);
