import {
  CLIENT_NOTIFICATIONS,
  CLIENT_REQUESTS,
  NAMED_WIRE_TYPES,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
} from "@quire/protocol/app-server";
// Not from zod/mini, which would take it along into every start: see scripts/bundle.mjs.
import { toJSONSchema } from "zod";
import * as z from "zod/mini";

export type JsonSchemaObject = { [key: string]: unknown };

/** The whole protocol as JSON schemas: shapes with names, and what each method takes and gives. */
export interface ProtocolSchemas {
  definitions: Record<string, JsonSchemaObject>;
  clientRequests: Record<string, { params: string; result: string }>;
  serverRequests: Record<string, { params: string; result: string }>;
  serverNotifications: Record<string, { params: string }>;
  clientNotifications: Record<string, { params: string }>;
}

/** Made from the schemas that the server itself checks with; nothing is written twice. */
export function protocolSchemas(): ProtocolSchemas {
  const registry = z.registry<{ id: string }>();
  const add = (name: string, schema: z.core.$ZodType): string => {
    const known = registry.get(schema)?.id;
    if (known !== undefined) return known;
    registry.add(schema, { id: name });
    return name;
  };
  for (const [name, schema] of Object.entries(NAMED_WIRE_TYPES)) add(name, schema);
  const requests = (table: Record<string, { params: z.core.$ZodType; result: z.core.$ZodType }>) =>
    mapEntries(table, (method, { params, result }) => ({
      params: add(`${typeName(method)}Params`, params),
      result: add(`${typeName(method)}Response`, result),
    }));
  const notifications = (table: Record<string, z.core.$ZodType>) =>
    mapEntries(table, (method, params) => ({ params: add(`${typeName(method)}Notification`, params) }));
  const methods = {
    clientRequests: requests(CLIENT_REQUESTS),
    serverRequests: requests(SERVER_REQUESTS),
    serverNotifications: notifications(SERVER_NOTIFICATIONS),
    clientNotifications: notifications(CLIENT_NOTIFICATIONS),
  };
  // The input form leaves objects open: fields may be added to any of them.
  const { schemas } = toJSONSchema(registry, {
    uri: (id) => `#/definitions/${id}`,
    io: "input",
    target: "draft-7",
  });
  return { definitions: mapEntries(schemas, (_name, schema) => cleaned(schema)), ...methods };
}

/** One document with every definition, for validators and generators of other languages. */
export function jsonSchemaDocument(): JsonSchemaObject {
  const { definitions, ...methods } = protocolSchemas();
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Quire app-server protocol",
    definitions,
    "x-methods": methods,
  };
}

/** `thread/tokenUsage/updated` becomes `ThreadTokenUsageUpdated`. */
function typeName(method: string): string {
  return method
    .split(/[/_]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

function mapEntries<T, R>(table: Record<string, T>, map: (key: string, value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, map(key, value)]));
}

/** Each schema came as a document of its own; inside of one document these marks say nothing. */
function cleaned(schema: object): JsonSchemaObject {
  const { $schema: _schema, $id: _id, id: _name, ...rest } = schema as JsonSchemaObject;
  return rest;
}
