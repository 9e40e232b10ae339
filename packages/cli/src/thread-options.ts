import { type CodedError, findPreset, PRESETS, type SandboxMode, SandboxModeSchema } from "@quire/protocol";

/** The options about a thread that `quire` and `quire exec` have in common, as `parseArgs` gives them. */
export interface ThreadOptionValues {
  readonly sandbox?: string | undefined;
  readonly preset?: string | undefined;
  readonly "full-auto"?: boolean | undefined;
  readonly "approve-for-me"?: boolean | undefined;
  readonly "dangerously-bypass-approvals-and-sandbox"?: boolean | undefined;
  readonly yolo?: boolean | undefined;
  readonly oss?: boolean | undefined;
  readonly "local-provider"?: string | undefined;
  readonly search?: boolean | undefined;
  readonly enable?: readonly string[] | undefined;
  readonly disable?: readonly string[] | undefined;
  readonly config?: readonly string[] | undefined;
}

/** Makes the error for a wrong word, with where to read on. */
type WrongUse = (message: string) => CodedError;

/**
 * `--oss`, `--local-provider`, `--search`, `--enable` and `--disable` are short for configuration values; what stands in
 * `-c` outranks them.
 */
export function overridesOf(values: ThreadOptionValues): string[] {
  const provider = values["local-provider"] ?? (values.oss ? "oss" : undefined);
  return [
    ...(provider === undefined ? [] : [`model_provider=${JSON.stringify(provider)}`]),
    ...(values.search ? ['web_search="live"'] : []),
    ...(values.enable ?? []).map((name) => `features.${JSON.stringify(name)}=true`),
    ...(values.disable ?? []).map((name) => `features.${JSON.stringify(name)}=false`),
    ...(values.config ?? []),
  ];
}

/** The sandbox mode that is asked for, by whichever flag; null when none is. Fails with what `wrongUse` makes. */
export function sandboxOf(values: ThreadOptionValues, wrongUse: WrongUse): SandboxMode | null {
  if (values["dangerously-bypass-approvals-and-sandbox"] || values.yolo) return "danger-full-access";
  const preset = values.preset === undefined ? null : presetMode(values.preset, wrongUse);
  if (values.sandbox === undefined)
    return preset ?? (values["full-auto"] || values["approve-for-me"] ? "workspace-write" : null);
  const mode = modeNamed(values.sandbox, wrongUse);
  if (preset === null || preset === mode) return mode;
  throw wrongUse(`--preset ${values.preset} and --sandbox ${values.sandbox} contradict each other`);
}

/** The names of presets are understood as modes, so that nobody has to remember which flag takes which word. */
function modeNamed(name: string, wrongUse: WrongUse): SandboxMode {
  const mode = SandboxModeSchema.safeParse(name);
  if (mode.success) return mode.data;
  const preset = findPreset(name);
  if (preset !== null) return preset.sandboxMode;
  const known = new Set([...SandboxModeSchema.options, ...PRESETS.map((each) => each.name)]);
  throw wrongUse(`unknown sandbox mode ${JSON.stringify(name)}; known: ${[...known].join(", ")}`);
}

function presetMode(name: string, wrongUse: WrongUse): SandboxMode {
  const preset = findPreset(name);
  if (preset !== null) return preset.sandboxMode;
  const known = PRESETS.map((each) => each.name).join(", ");
  throw wrongUse(`unknown preset ${JSON.stringify(name)}; known: ${known}`);
}
