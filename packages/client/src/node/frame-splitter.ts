/** Gives every whole line that is not empty, however the text was cut into pieces. */
export function frameSplitter(onLine: (line: string) => void): (text: string) => void {
  let begun: string[] = [];
  return (text) => {
    const [head = "", ...lines] = text.split("\n");
    begun.push(head);
    for (const next of lines) {
      const line = begun.join("");
      begun = [next];
      if (line !== "") onLine(line);
    }
  };
}
