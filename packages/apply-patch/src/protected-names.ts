/** Characters that HFS+ leaves out when it compares names. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Whether some common file system takes `name` for one of the protected names: other case, other Unicode form,
 * trailing dots or spaces and `:stream` suffixes (NTFS), characters that are ignored (HFS+), short names (`GIT~1`).
 */
export function isProtectedName(name: string, protectedNames: readonly string[]): boolean {
  const folded = fold(name);
  return protectedNames.some((candidate) => {
    const wanted = fold(candidate);
    return folded === wanted || isShortName(folded, wanted);
  });
}

function fold(name: string): string {
  const composed = name.normalize("NFKC").replace(IGNORED_BY_HFS, "").toLowerCase();
  const stream = composed.indexOf(":");
  let end = stream > 0 ? stream : composed.length;
  while (end > 1 && (composed[end - 1] === "." || composed[end - 1] === " ")) end -= 1;
  return composed.slice(0, end);
}

/** NTFS and FAT make `GIT~1` of `.git`: the first six letters without dots, a tilde and a digit. */
function isShortName(folded: string, wanted: string): boolean {
  const letters = wanted.replaceAll(".", "").slice(0, 6);
  return folded.length === letters.length + 2 && /~[1-9]$/.test(folded) && folded.startsWith(letters);
}
