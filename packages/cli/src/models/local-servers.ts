import { request } from "node:http";
import * as z from "zod/mini";
import { LOCAL_PROVIDERS } from "../session/model/builtin-providers.ts";

const TIMEOUT_MS = 800;
const MAX_BYTES = 1024 * 1024;

const ModelListSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      /** vLLM and LM Studio name a window under these. */
      max_model_len: z.optional(z.nullable(z.number())),
      max_context_length: z.optional(z.nullable(z.number())),
      meta: z.optional(
        z.nullable(z.looseObject({ n_ctx: z.optional(z.number()), n_ctx_train: z.optional(z.number()) })),
      ),
    }),
  ),
});

/** What answered at a well-known port of this machine. */
export interface LocalServer {
  provider: string;
  base_url: string;
  models: { id: string; context_window: number | null }[];
}

/** Asks the well-known ports of this machine for their models, all at once. Silent ones are left out. */
export async function findLocalServers(
  signal: AbortSignal,
  ports: Readonly<Record<string, number>> = wellKnownPorts(),
): Promise<LocalServer[]> {
  const found = await Promise.all(
    Object.entries(ports).map(async ([provider, port]): Promise<LocalServer[]> => {
      const base_url = `http://127.0.0.1:${port}/v1`;
      const text = await get(`${base_url}/models`, signal);
      const models = text === null ? null : modelsIn(text);
      return models === null ? [] : [{ provider, base_url, models }];
    }),
  );
  return found.flat();
}

function wellKnownPorts(): Record<string, number> {
  return Object.fromEntries(Object.entries(LOCAL_PROVIDERS).map(([id, { port }]) => [id, port]));
}

function modelsIn(text: string): LocalServer["models"] | null {
  try {
    return ModelListSchema.parse(JSON.parse(text)).data.map((model) => ({
      id: model.id,
      context_window:
        model.max_model_len ??
        model.max_context_length ??
        model.meta?.n_ctx ??
        model.meta?.n_ctx_train ??
        null,
    }));
  } catch {
    // Something else listens at this port.
    return null;
  }
}

/** Null when nobody answers with a 200 in time. */
function get(url: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const call = request(url, { signal, timeout: TIMEOUT_MS, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_BYTES) call.destroy();
      });
      response.on("end", () =>
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString("utf8") : null),
      );
      response.on("error", () => resolve(null));
      response.on("close", () => resolve(null));
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(null));
    call.end();
  });
}
