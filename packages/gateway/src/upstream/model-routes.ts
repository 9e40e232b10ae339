import { ApiError } from "../http/api-error.ts";
import type { Route } from "../http/router.ts";
import type { ModelRouter } from "./model-router.ts";

/** `/v1/models`. */
export function modelRoutes(router: ModelRouter): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/models",
      handle: (exchange) => exchange.json({ object: "list", data: router.list() }),
    },
    {
      method: "GET",
      path: "/v1/models/*id",
      handle(exchange) {
        const id = exchange.param("id");
        const model = router.list().find((candidate) => candidate.id === id);
        if (model === undefined) {
          throw new ApiError(404, `The model "${id}" does not exist here.`, {
            param: "model",
            code: "model_not_found",
          });
        }
        exchange.json(model);
      },
    },
  ];
}
