import { KNOWN_EFFORTS, ReasoningEffortSchema } from "@quire/protocol";
import { type Choice, pickDialog } from "../dialogs/pick.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { PRESET_CHOICES, presetOf } from "./presets.ts";

export const MODEL: SlashCommand = {
  name: "model",
  help: "choose the model for the next turns",
  argument: "[ID]",
  whileRunning: true,
  async run(argument, context) {
    const { client, ask, thread } = context;
    const { data } = await client.request("model/list", {});
    const choices: Choice<string>[] = data
      .filter((model) => !model.hidden)
      .map(({ model, description, isDefault }) => ({
        label: model,
        hint: `${isDefault ? "default · " : ""}${description}`,
        value: model,
      }));
    const current = choices.findIndex(({ value }) => value === thread.settings.model);
    const model =
      argument ||
      (await ask(
        pickDialog({ title: "Which model?", choices, isSearchable: true, chosen: Math.max(0, current) }),
      ));
    if (!model) return;
    thread.change({ model });
    context.say([lineOf(`The next turn uses ${safeLine(model)}.`, { ink: "muted" })]);
  },
};

export const EFFORT: SlashCommand = {
  name: "effort",
  help: "how much the model should think",
  argument: "[LEVEL]",
  whileRunning: true,
  async run(argument, context) {
    const effort = argument === "" ? await pickEffort(context) : argument;
    if (effort === null) return;
    const parsed = ReasoningEffortSchema.safeParse(effort);
    if (!parsed.success) {
      const known = KNOWN_EFFORTS.join(", ");
      context.say([lineOf(`"${safeLine(effort)}" is not one word. Known are: ${known}.`, { ink: "bad" })]);
      return;
    }
    context.thread.change({ effort: parsed.data });
    context.say([lineOf(`The next turn thinks with effort ${parsed.data}.`, { ink: "muted" })]);
  },
};

/** What the catalogue lists for the model; all that are known where it lists nothing. */
async function pickEffort({ client, ask, thread }: CommandContext): Promise<string | null> {
  const { data } = await client.request("model/list", { includeHidden: true });
  const listed = data.find(({ model }) => model === thread.settings.model)?.supportedReasoningEfforts ?? [];
  const choices: Choice<string>[] =
    listed.length > 0
      ? listed.map(({ reasoningEffort, description }) => ({
          label: reasoningEffort,
          hint: description,
          value: reasoningEffort,
        }))
      : KNOWN_EFFORTS.map((label) => ({ label, hint: "", value: label }));
  const chosen = Math.max(
    0,
    choices.findIndex(({ value }) => value === thread.settings.effort),
  );
  return ask(pickDialog({ title: `Effort of ${thread.settings.model}`, choices, chosen }));
}

export const PERMISSIONS: SlashCommand = {
  name: "permissions",
  help: "what the agent may do: read-only, auto or full-access",
  argument: "[PRESET]",
  whileRunning: true,
  async run(argument, { ask, say, thread }) {
    const current = presetOf(thread.settings.sandbox);
    const named = PRESET_CHOICES.find(({ label }) => label === argument);
    if (argument !== "" && named === undefined) {
      const known = PRESET_CHOICES.map(({ label }) => label).join(", ");
      say([lineOf(`"${safeLine(argument)}" is no preset. There are: ${known}.`, { ink: "bad" })]);
      return;
    }
    const chosen = Math.max(
      0,
      PRESET_CHOICES.findIndex(({ label }) => label === current),
    );
    const preset =
      named?.value ??
      (await ask(pickDialog({ title: "What may the agent do?", choices: PRESET_CHOICES, chosen })));
    if (preset === null) return;
    thread.change(preset);
    say([lineOf(`The next turn runs as ${presetOf(preset.sandboxPolicy)}.`, { ink: "muted" })]);
  },
};
