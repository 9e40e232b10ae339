import type { Table } from "./table.ts";

/** From lowest to highest; a later layer wins. */
export const LAYER_KINDS = ["default", "system", "user", "profile", "project", "override", "flag"] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/**
 * What became of a layer. `untrusted`: the file exists and was not read, because its folder is not trusted.
 * `changed`: it was read and is not what the user trusted, so it has no effect. `broken`: it could not be read or parsed and was passed over.
 */
export type LayerStatus = "loaded" | "absent" | "untrusted" | "changed" | "broken";

export interface LayerReport {
  kind: LayerKind;
  /** Absolute path; null for layers that are not files. */
  file: string | null;
  status: LayerStatus;
  /** Why it is broken, untrusted or changed. */
  reason: string | null;
}

/** Where an effective value was set. */
export interface ConfigOrigin {
  layer: LayerKind;
  file: string | null;
}

/** A layer on its way into the configuration. */
export interface LayerContent {
  kind: LayerKind;
  file: string | null;
  /** The text of the file, for line numbers. */
  source: string | null;
  table: Table;
}
