/** One step of building the file tree a command sees. Order matters: later steps cover earlier ones. */
export type Mount =
  /** Shows a host path at its own place. The source is checked again, by descriptor, when it is mounted. */
  | { readonly kind: "bind"; readonly path: string; readonly writable: boolean }
  /** Shows a host path somewhere else, or only if it exists. */
  | {
      readonly kind: "bind-as";
      readonly source: string;
      readonly path: string;
      readonly access: "read-only" | "writable";
    }
  | { readonly kind: "empty-folder"; readonly path: string; readonly mode: "0000" | "0555" | "0755" | "1777" }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  /** The folder around everything, where that is not the host's: nothing is made in it any more. */
  | { readonly kind: "sealed"; readonly path: "/" }
  | { readonly kind: "fresh"; readonly what: "dev" | "proc"; readonly path: string };

/** The bubblewrap options for one step. With a `descriptor` the source is that, not whatever the path names. */
export function mountOptions(mount: Mount, descriptor: number | undefined): string[] {
  switch (mount.kind) {
    case "bind": {
      const option = mount.writable ? "--bind" : "--ro-bind";
      return descriptor === undefined
        ? [option, mount.path, mount.path]
        : [`${option}-fd`, String(descriptor), mount.path];
    }
    case "bind-as":
      return [mount.access === "writable" ? "--bind" : "--ro-bind", mount.source, mount.path];
    case "empty-folder":
      // Of its own memory, so it need not be read-only: nothing written there leaves the sandbox.
      return ["--perms", mount.mode, "--tmpfs", mount.path];
    case "link":
      return ["--symlink", mount.target, mount.path];
    case "sealed":
      return ["--remount-ro", mount.path];
    case "fresh":
      return [`--${mount.what}`, mount.path];
  }
}
