import fs from "node:fs/promises";
import path from "node:path";
import { jsonSchemaDocument, typescriptModule } from "@quire/app-server/schema";
import type { System } from "../system.ts";

/** Writes the protocol's schemas into a folder, which is made if need be, and says which file it wrote. */
export async function writeSchemas(
  kind: "generate-ts" | "generate-json-schema",
  folder: string,
  system: System,
): Promise<void> {
  const [name, text] =
    kind === "generate-ts"
      ? ["app-server.generated.ts", typescriptModule()]
      : ["app-server.schema.generated.json", `${JSON.stringify(jsonSchemaDocument(), null, 2)}\n`];
  const file = path.join(path.resolve(system.cwd, folder), name);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, text);
  system.stdout.write(`${file}\n`);
}
