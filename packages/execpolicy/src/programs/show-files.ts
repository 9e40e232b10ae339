import { optionTable, type ProgramRule } from "./program-rule.ts";

const files = (notation: string): ProgramRule =>
  optionTable(notation, { operands: "files", anyOptionHarmless: true });
const text = (notation: string): ProgramRule =>
  optionTable(notation, { operands: "text", anyOptionHarmless: true });

const LS =
  "-aAbBcCdDfFgGhHiklLmnNopqQrRsStuUvxXZ1 -I: -T: -w: --all --almost-all --author --escape --block-size= " +
  "--ignore-backups --color? --directory --dired --classify? --file-type --format= --full-time " +
  "--group-directories-first --no-group --human-readable --si --dereference-command-line " +
  "--dereference-command-line-symlink-to-dir --hide= --hyperlink? --indicator-style= --inode --ignore= --kibibytes " +
  "--dereference --numeric-uid-gid --literal --hide-control-chars --show-control-chars --quote-name " +
  "--quoting-style= --reverse --recursive --size --sort= --time= --time-style= --tabsize= --width= --context --zero";

const DU =
  "-0abcDhHklLmPSsx -B: -d: -t: -X@ --null --all --apparent-size --block-size= --bytes --total " +
  "--dereference-args --max-depth= --human-readable --inodes --dereference --count-links --no-dereference " +
  "--separate-dirs --si --summarize --threshold= --time? --time-style= --exclude-from@ --exclude= --one-file-system";

const DIGEST =
  "-bctz --binary --check --tag --text --zero --ignore-missing --quiet --status --strict --warn -w -l: --length= -a: --algorithm=";

/** Programs that print files, folders or facts about them. Options are those of GNU coreutils and file(1). */
export const SHOW_FILES: Readonly<Record<string, ProgramRule>> = {
  ls: files(LS),
  cat: files(
    "-AbeEnstTuv --show-all --number-nonblank --show-ends --number --squeeze-blank --show-tabs --show-nonprinting",
  ),
  tac: files("-br -s: --before --regex --separator="),
  head: files("-# -qvz -c: -n: --bytes= --lines= --quiet --silent --verbose --zero-terminated"),
  // -f never ends; it is left out on purpose.
  tail: files("-# -qvz -c: -n: --bytes= --lines= --quiet --silent --verbose --zero-terminated"),
  wc: files("-clLmw --bytes --chars --lines --max-line-length --words --total="),
  nl: files(
    "-p -b: -d: -f: -h: -i: -l: -n: -s: -v: -w: --body-numbering= --section-delimiter= --footer-numbering= " +
      "--header-numbering= --line-increment= --join-blank-lines= --number-format= --no-renumber " +
      "--number-separator= --starting-line-number= --number-width=",
  ),
  od: files(
    "-abcdfilosxvD -A: -j: -N: -S: -t: -w? --address-radix= --endian= --skip-bytes= --read-bytes= --strings? " +
      "--format= --output-duplicates --width? --traditional",
  ),
  hexdump: files("-bcCdovx -e: -f@ -n: -s: --canonical --length= --skip= --no-squeezing"),
  hd: files("-bcCdovx -e: -f@ -n: -s:"),
  // `@file` stands for the options and operands in that file.
  strings: optionTable(
    "-# -afow -n: -t: -e: -s: --all --data --print-file-name --bytes= --radix= --encoding= --include-all-whitespace",
    {
      operands: "files",
      check: (_options, operands) =>
        operands.some((each) => each.startsWith("@")) ? "an operand that stands for others in a file" : null,
    },
  ),
  stat: files("-Lft -c: --dereference --file-system --cached= --format= --printf= --terse"),
  file: optionTable(
    "-bEhikLNnrS0 -F: --brief --dereference --no-dereference --mime --mime-type --mime-encoding --extension " +
      "--keep-going --no-pad --no-buffer --print0 --raw --separator=",
    { operands: "files" },
  ),
  du: files(DU),
  df: files(
    "-ahHiklPTv -B: -t: -x: --all --block-size= --direct --human-readable --si --inodes --local --no-sync --output? " +
      "--portability --total --type= --print-type --exclude-type=",
  ),
  // -o writes; -R with -L starts tree again with -o.
  tree: optionTable(
    "-adfilnNqpsughDFQxvtcrUCAJXS -L: -P: -I: --charset= --dirsfirst --filesfirst --filelimit= --du --gitignore " +
      "--ignore-case --inodes --device --matchdirs --metafirst --noreport --nolinks --prune --si --sort= " +
      "--timefmt= --fullpath",
    { operands: "files", separateValues: true },
  ),
  realpath: files(
    "-eELmPqsz --canonicalize-existing --canonicalize-missing --logical --physical --quiet --relative-to@ " +
      "--relative-base@ --strip --no-symlinks --zero",
  ),
  readlink: files(
    "-efmnqsvz --canonicalize --canonicalize-existing --canonicalize-missing --no-newline --quiet --silent --verbose --zero",
  ),
  basename: text("-az -s: --multiple --suffix= --zero"),
  dirname: text("-z --zero"),
  md5sum: files(DIGEST),
  sha1sum: files(DIGEST),
  sha224sum: files(DIGEST),
  sha256sum: files(DIGEST),
  sha384sum: files(DIGEST),
  sha512sum: files(DIGEST),
  b2sum: files(DIGEST),
  cksum: files(DIGEST),
  sum: files("-rs --sysv"),
  base64: files("-di -w: --decode --ignore-garbage --wrap="),
  base32: files("-di -w: --decode --ignore-garbage --wrap="),
};
