import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLIENT_REQUESTS } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { jsonSchemaDocument } from "./json-schema.ts";
import { typescriptModule } from "./typescript.ts";

const FOLDER = join(import.meta.dirname, "../../schema");

test("the checked-in schemas are those of the code: run `bin/quire app-server generate-… --out packages/app-server/schema`", () => {
  const json: unknown = JSON.parse(readFileSync(join(FOLDER, "app-server.schema.generated.json"), "utf8"));
  expect(json).toEqual(JSON.parse(JSON.stringify(jsonSchemaDocument())));
  expect(readFileSync(join(FOLDER, "app-server.generated.ts"), "utf8")).toBe(typescriptModule());
});

test("every method is in the schemas, and every reference leads somewhere", () => {
  const document = JSON.stringify(jsonSchemaDocument());
  for (const method of Object.keys(CLIENT_REQUESTS)) expect(document).toContain(JSON.stringify(method));
  const { definitions } = JSON.parse(document);
  const references = [...document.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name ?? "");
  expect(references.filter((name) => !(name in definitions))).toEqual([]);
});
