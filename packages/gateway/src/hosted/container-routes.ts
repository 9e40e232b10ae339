import { ApiError } from "../http/api-error.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { Container, ContainerFile, Containers } from "./containers.ts";

/** `/v1/containers/{id}/files`: what hosted tools left behind. */
export function containerRoutes(containers: Containers): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/containers/:id/files",
      handle(exchange) {
        const container = containerOf(containers, exchange);
        const data = containers.files(container).map((file) => wireFile(file, container));
        exchange.json({
          object: "list",
          data,
          first_id: data.at(0)?.id ?? null,
          last_id: data.at(-1)?.id ?? null,
          has_more: false,
        });
      },
    },
    {
      method: "GET",
      path: "/v1/containers/:id/files/:file",
      handle(exchange) {
        const container = containerOf(containers, exchange);
        exchange.json(wireFile(fileOf(containers, container, exchange), container));
      },
    },
    {
      method: "GET",
      path: "/v1/containers/:id/files/:file/content",
      handle(exchange) {
        const container = containerOf(containers, exchange);
        const read = containers.read(container, fileOf(containers, container, exchange));
        if (read.kind === "refused") throw new ApiError(409, `The file cannot be read: ${read.why}.`);
        exchange.bytes(read.content, "application/octet-stream");
      },
    },
  ];
}

function wireFile(file: ContainerFile, container: Container) {
  return {
    id: file.id,
    object: "container.file",
    container_id: container.id,
    path: file.path,
    bytes: file.bytes,
    created_at: file.createdAt,
    source: "assistant",
  };
}

function containerOf(containers: Containers, exchange: Exchange): Container {
  const container = containers.find(exchange.param("id"));
  if (container !== null) return container;
  throw new ApiError(404, `The container '${exchange.param("id")}' was not found.`, { code: "not_found" });
}

function fileOf(containers: Containers, container: Container, exchange: Exchange): ContainerFile {
  const file = containers.files(container).find(({ id }) => id === exchange.param("file"));
  if (file !== undefined) return file;
  throw new ApiError(404, `The file '${exchange.param("file")}' was not found.`, { code: "not_found" });
}
