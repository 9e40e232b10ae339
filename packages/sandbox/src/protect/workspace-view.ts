/** What of the host's files a command may write and must not read. Canonical absolute paths throughout. */
export interface WorkspaceView {
  /** Outermost writable folders. */
  readonly writable: readonly string[];
  /** Folders between a root and something protected: mounted on themselves, because a mount point cannot be renamed. */
  readonly pinned: readonly string[];
  /** Existing protected files and folders. */
  readonly readOnly: readonly string[];
  /** Protected names that do not exist, each to be covered by an empty folder. */
  readonly missing: readonly string[];
  readonly hiddenFolders: readonly string[];
  readonly hiddenFiles: readonly string[];
  /** Protected names that are symbolic links; nothing can be mounted on those, so they are checked afterwards. */
  readonly links: readonly ProtectedLink[];
}

export interface ProtectedLink {
  readonly path: string;
  readonly target: string;
}
