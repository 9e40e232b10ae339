import * as z from "zod";
import { ApiError, invalidValue } from "../http/api-error.ts";
import type { Exchange } from "../http/exchange.ts";
import { listPage } from "../http/list-page.ts";
import type { Route } from "../http/router.ts";
import type { FileStore, StoredFile } from "../store/file-store.ts";
import { parseRequest } from "../wire/parse-request.ts";

/** Purposes for which files are read here. Others belong to services that the gateway does not have. */
const PURPOSES = ["user_data", "assistants", "vision"] as const;

const UploadSchema = z.strictObject({
  file: z.file(),
  purpose: z.enum(PURPOSES, `one of ${PURPOSES.join(", ")}`),
  "expires_after[anchor]": z.literal("created_at").optional(),
  "expires_after[seconds]": z.coerce.number().int().min(3_600).max(2_592_000).optional(),
});

/** `/v1/files`. */
export function fileRoutes(files: FileStore): Route[] {
  return [
    { method: "POST", path: "/v1/files", body: "form", handle: (exchange) => upload(files, exchange) },
    { method: "GET", path: "/v1/files", handle: (exchange) => list(files, exchange) },
    {
      method: "GET",
      path: "/v1/files/:id",
      handle: (exchange) => exchange.json(wireFile(known(files, exchange))),
    },
    { method: "DELETE", path: "/v1/files/:id", handle: (exchange) => remove(files, exchange) },
    { method: "GET", path: "/v1/files/:id/content", handle: (exchange) => content(files, exchange) },
  ];
}

async function upload(files: FileStore, exchange: Exchange): Promise<void> {
  const given = parseRequest(UploadSchema, await exchange.form());
  const outcome = files.add(Buffer.from(await given.file.arrayBuffer()), {
    filename: given.file.name.slice(0, 255),
    purpose: given.purpose,
    expiresAfterSeconds: given["expires_after[seconds]"] ?? null,
  });
  if (outcome.kind === "full") throw invalidValue("file", outcome.why, "file_limit_exceeded");
  exchange.json(wireFile(outcome.file));
}

function list(files: FileStore, exchange: Exchange): void {
  const purpose = exchange.query.get("purpose");
  const wanted = files.list().filter((file) => purpose === null || file.purpose === purpose);
  exchange.json(listPage(wanted.map(wireFile), exchange, { defaultLimit: 10_000, maxLimit: 10_000 }));
}

function remove(files: FileStore, exchange: Exchange): void {
  const { id } = known(files, exchange);
  files.delete(id);
  exchange.json({ id, object: "file", deleted: true });
}

function content(files: FileStore, exchange: Exchange): void {
  const read = files.read(known(files, exchange));
  if (read.kind === "refused") throw new ApiError(500, `The file cannot be read: ${read.why}.`);
  exchange.bytes(read.content, "application/octet-stream");
}

function wireFile(file: StoredFile) {
  return {
    id: file.id,
    object: "file",
    bytes: file.bytes,
    created_at: file.createdAt,
    ...(file.expiresAt === null ? {} : { expires_at: file.expiresAt }),
    filename: file.filename,
    purpose: file.purpose,
    status: "processed",
  };
}

function known(files: FileStore, exchange: Exchange): StoredFile {
  const file = files.find(exchange.param("id"));
  if (file !== null) return file;
  throw new ApiError(404, `No such File object: ${exchange.param("id")}`, { param: "id", code: "not_found" });
}
