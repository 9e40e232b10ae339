import type { ConfigFile } from "./schema/config-file.ts";

type Profiles = NonNullable<ConfigFile["permissions"]>;
type Profile = Profiles[string];
type NetworkTable = NonNullable<Profile["network"]>;
type Word = "allow" | "deny";

interface ProfileNetwork {
  readonly enabled: boolean;
  readonly domains: Readonly<Record<string, Word>>;
}

/** What the permission profile that `default_permissions` names says of the network. */
export interface ProfileInForce {
  /** Whether commands have a network by this profile. */
  readonly isOpen: boolean;
  /** Without any, an open network is open to all hosts. */
  readonly domains: Readonly<Record<string, Word>>;
}

interface Problem {
  readonly path: string[];
  readonly problem: string;
}

const CLOSED: ProfileNetwork = { enabled: false, domains: {} };
const BUILT_IN: ReadonlyMap<string, ProfileNetwork> = new Map([
  [":read-only", CLOSED],
  [":workspace", CLOSED],
]);
const FULL_ACCESS = ":danger-full-access";

/**
 * The network of the chosen profile, with what it extends. As in Codex a profile counts for nothing where somebody set a
 * sandbox mode (`olderSettings`).
 */
export function profileInForce(file: ConfigFile, olderSettings: boolean): ProfileInForce {
  const { chain, problems } = chosenProfiles(file);
  const usable = problems.length > 0 ? [] : chain;
  // Nearest first: a profile decides over what it extends.
  const { enabled, domains } = usable
    .map((name) => BUILT_IN.get(name) ?? file.permissions?.[name]?.network ?? {})
    .reduceRight<ProfileNetwork>(
      (base, { enabled = base.enabled, domains }) => ({ enabled, domains: { ...base.domains, ...domains } }),
      CLOSED,
    );
  return { isOpen: enabled && !olderSettings, domains };
}

/** What the schema cannot express, and what would open more here than it does in Codex. */
export function profileProblems(file: ConfigFile): Problem[] {
  const { chain, problems } = chosenProfiles(file);
  return [
    ...problems,
    ...chain.flatMap((name) =>
      unkept(file.permissions?.[name]?.network).map(([key, problem]) => ({
        path: ["permissions", name, "network", key],
        problem,
      })),
    ),
  ];
}

function unkept(network: NetworkTable | undefined): [key: string, problem: string][] {
  const found: [string, string][] = [];
  if (network?.mode === "limited") {
    found.push(["mode", "cannot be kept here, where methods are not looked at; remove it, or the network"]);
  }
  if (network?.mitm !== undefined && network.mitm.enabled !== false) {
    found.push([
      "mitm",
      "cannot be kept here, where encrypted requests are not opened; remove it, or the network",
    ]);
  }
  return found;
}

/** The chosen profile and what it extends, nearest first. */
function chosenProfiles(file: ConfigFile): { chain: string[]; problems: Problem[] } {
  const chosen = file.default_permissions;
  if (chosen === undefined || chosen === FULL_ACCESS) return { chain: [], problems: [] };
  const profiles = file.permissions ?? {};
  const chain: string[] = [];
  let path = ["default_permissions"];
  for (let name: string | undefined = chosen; name !== undefined; ) {
    if (chain.includes(name)) return { chain: [], problems: [{ path, problem: "leads back to itself" }] };
    const profile: Profile | undefined = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (profile === undefined && !BUILT_IN.has(name)) {
      const names = [...BUILT_IN.keys(), ...Object.keys(profiles)].join(", ");
      return { chain: [], problems: [{ path, problem: `must be one of ${names}, and is "${name}"` }] };
    }
    chain.push(name);
    path = ["permissions", name, "extends"];
    name = profile?.extends;
  }
  return { chain, problems: [] };
}
