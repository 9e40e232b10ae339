import type { FileSearch } from "../files/file-search.ts";
import type { Handlers } from "./handlers.ts";

/** Finding files by a few letters of their path. */
export function fileMethods(search: FileSearch): Handlers<"fuzzyFileSearch"> {
  return {
    async fuzzyFileSearch({ query, roots, cancellationToken }, { signal }) {
      return { files: await search.find({ query, roots, token: cancellationToken ?? null, signal }) };
    },
  };
}
