import { optionTable, type ProgramRule } from "./program-rule.ts";

const files = (notation: string): ProgramRule =>
  optionTable(notation, { operands: "files", anyOptionHarmless: true });

/** Comparing and reshaping text: programs that write to standard output only, with the options that keep it so. */
export const FILTER_TEXT: Readonly<Record<string, ProgramRule>> = {
  cut: files(
    "-nsz -b: -c: -d: -f: --bytes= --characters= --delimiter= --fields= --complement --only-delimited " +
      "--output-delimiter= --zero-terminated",
  ),
  tr: optionTable("-cCdst --complement --delete --squeeze-repeats --truncate-set1", {
    operands: "text",
    anyOptionHarmless: true,
  }),
  // -o writes, --compress-program starts a program, -T chooses where temporary files go.
  sort: optionTable(
    "-bcCdfghiMmnrRsuVz -k: -t: -S: --ignore-leading-blanks --check? --dictionary-order --ignore-case " +
      "--general-numeric-sort --human-numeric-sort --ignore-nonprinting --key= --month-sort --merge --numeric-sort " +
      "--reverse --random-sort --stable --field-separator= --unique --version-sort --zero-terminated --sort= " +
      "--parallel= --buffer-size= --batch-size= --debug",
    { operands: "files" },
  ),
  // -o writes; --random-source reads any file.
  shuf: optionTable("-erz -n: -i: --echo --head-count= --input-range= --repeat --zero-terminated", {
    operands: "files",
  }),
  uniq: optionTable(
    "-cdDiuz -f: -s: -w: --count --repeated --all-repeated? --skip-fields= --group? --ignore-case --skip-chars= " +
      "--unique --check-chars= --zero-terminated",
    {
      operands: "one-file",
      check: (_options, operands) =>
        operands.some((each) => each.startsWith("+")) ? "an old-style option" : null,
    },
  ),
  comm: files("-123z --check-order --nocheck-order --output-delimiter= --total --zero-terminated"),
  join: files("-i -1: -2: -a: -e: -j: -o: -t: -v: --check-order --nocheck-order --header --ignore-case -z"),
  paste: files("-sz -d: --delimiters= --serial --zero-terminated"),
  expand: files("-i -t: --initial --tabs="),
  unexpand: files("-a -t: --all --first-only --tabs="),
  fold: files("-bs -w: --bytes --spaces --width="),
  fmt: files(
    "-cstu -p: -w: -g: --crown-margin --prefix= --split-only --tagged-paragraph --uniform-spacing --width= --goal=",
  ),
  column: files(
    "-entxJ -c: -s: -o: -N: -R: -T: -H: -O: -W: -d -L --table --separator= --output-separator= --table-columns= " +
      "--table-right= --table-truncate= --table-noheadings --json --output-width= --fillrows --keep-empty-lines",
  ),
  rev: files(""),
  tsort: files(""),
  // -l pipes the output through pr.
  diff: optionTable(
    "-# -abBcdeEfHiNnpPqrstTuwyZ -C: -F: -I: -S: -U: -W: -x: -X@ --normal --brief --report-identical-files --context? " +
      "--unified? --ed --rcs --side-by-side --width= --left-column --suppress-common-lines --show-c-function " +
      "--show-function-line= --label= --expand-tabs --initial-tab --tabsize= --suppress-blank-empty --recursive " +
      "--no-dereference --new-file --unidirectional-new-file --ignore-file-name-case --no-ignore-file-name-case " +
      "--exclude= --exclude-from@ --starting-file= --from-file@ --to-file@ --ignore-case --ignore-tab-expansion " +
      "--ignore-trailing-space --ignore-space-change --ignore-all-space --ignore-blank-lines " +
      "--ignore-matching-lines= --text --strip-trailing-cr --horizon-lines= --minimal --speed-large-files --color?",
    { operands: "files" },
  ),
  cmp: files("-bls -i: -n: --print-bytes --ignore-initial= --verbose --bytes= --quiet --silent"),
};
