/** A place in a rules file; both numbers start at 1, the column counts UTF-16 units. */
export interface SourcePlace {
  line: number;
  column: number;
}

/** A rules file that cannot be used. The message names file, line and column, what is wrong and what to write. */
export class RulesError extends Error {
  readonly code = "rules_invalid";
  readonly file: string;
  readonly place: SourcePlace;
  constructor(file: string, place: SourcePlace, problem: string, remedy: string) {
    super(`${file}:${place.line}:${place.column}: ${problem}. ${remedy}`);
    this.name = "RulesError";
    this.file = file;
    this.place = place;
  }
}
