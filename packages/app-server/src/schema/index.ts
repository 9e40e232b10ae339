export { jsonSchemaDocument } from "./json-schema.ts";
export { typescriptModule } from "./typescript.ts";
