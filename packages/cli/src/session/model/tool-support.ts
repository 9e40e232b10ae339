import { CodedError } from "@quire/protocol";
import type { SessionWarning } from "../session-request.ts";
import type { ModelChoice } from "./model-choice.ts";
import { probeOf, readProbes } from "./model-probes.ts";

/**
 * What follows where a model is known to make no tool calls, by the provider's capabilities or by a probe: over `chat` it
 * gets the tools in words, and a note says so; over another wire API it cannot work here. Fails with `config_invalid` then.
 */
export function toolSupport(choice: ModelChoice, model: string, home: string): SessionWarning[] {
  if (choice.kind === "offline") return [];
  const { provider } = choice;
  const { tools: said } = provider.capabilities;
  const bySource = said !== undefined ? "capabilities in config.toml" : "quire models probe";
  if (said ?? probeOf(readProbes(home), provider, model)?.tools !== "no") return [];
  const message = `The model "${model}" makes no tool calls of its own (${bySource})`;
  if (provider.wireApi === "chat") {
    return [
      {
        code: "model_without_tools",
        message: `${message}: it gets the tools in words and writes its calls as text.`,
      },
    ];
  }
  throw new CodedError(
    "config_invalid",
    `${message}, and the wire API ${provider.wireApi} has no way around that`,
    {
      nextStep: `Choose another model, or reach this one over wire_api = "chat", where tools are described in words. If it can call tools by now, probe it again, or set capabilities.tools = true for the provider.`,
    },
  );
}
