import fs from "node:fs";
import path from "node:path";
import type { ModelProviderConfig } from "@quire/config";
import type { Capabilities } from "@quire/models";
import * as z from "zod/mini";

const AnswerSchema = z.enum(["yes", "no", "unclear"]);
export type ProbeAnswer = z.infer<typeof AnswerSchema>;

/** What small real requests found out about a model at an endpoint, and when. */
const ModelProbeSchema = z.object({
  provider: z.string(),
  model: z.string(),
  base_url: z.string(),
  wire_api: z.string(),
  /** Unix seconds. */
  probed_at: z.number(),
  streaming: AnswerSchema,
  usage: AnswerSchema,
  tools: AnswerSchema,
  parallel: AnswerSchema,
  images: AnswerSchema,
  structured_output: AnswerSchema,
  /** How the endpoint words that a request is too long; null when it was not asked. */
  context_error: z.nullable(z.string()),
});
export type ModelProbe = z.infer<typeof ModelProbeSchema>;

const ProbesFileSchema = z.object({ probes: z.array(ModelProbeSchema) });

export function probesFile(home: string): string {
  return path.join(home, "model-probes.json");
}

/** The kept probes; none when the file is absent or was made by another version: a probe can be made again. */
export function readProbes(home: string): readonly ModelProbe[] {
  try {
    return ProbesFileSchema.parse(JSON.parse(fs.readFileSync(probesFile(home), "utf8"))).probes;
  } catch {
    // Absent, unreadable or of another form: nothing is known then.
    return [];
  }
}

/** Keeps a probe in place of the one before of the same model at the same provider. */
export function keepProbe(home: string, probe: ModelProbe): void {
  const others = readProbes(home).filter(
    (known) => known.provider !== probe.provider || known.model !== probe.model,
  );
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const file = probesFile(home);
  const staged = `${file}.new`;
  fs.writeFileSync(staged, `${JSON.stringify({ probes: [...others, probe] }, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(staged, file);
}

/** The probe of a model at this very endpoint. One that was made at another address says nothing. */
export function probeOf(
  probes: readonly ModelProbe[],
  provider: Pick<ModelProviderConfig, "id" | "baseUrl" | "wireApi">,
  model: string,
): ModelProbe | null {
  const found = probes.find((probe) => probe.provider === provider.id && probe.model === model);
  if (found === undefined || found.base_url !== provider.baseUrl || found.wire_api !== provider.wireApi)
    return null;
  return found;
}

/** What a probe settles. Only a clear no takes something away, and a clear yes says nothing that is not assumed. */
export function probedCapabilities(probe: ModelProbe | null): Partial<Capabilities> {
  if (probe === null) return {};
  return {
    ...(probe.tools === "no" ? { tools: false } : {}),
    ...(probe.images === "no" ? { images: false } : {}),
    ...(probe.parallel === "no" ? { parallelToolCalls: false } : {}),
    ...(probe.structured_output === "no" ? { structuredOutput: false } : {}),
  };
}
