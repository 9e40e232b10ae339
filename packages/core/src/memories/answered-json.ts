/**
 * What lies between the first brace of a model's answer and the last: it may have put words or a fence around the object
 * that it was asked for. Undefined when that is no JSON.
 */
export function answeredJson(answer: string): unknown {
  try {
    return JSON.parse(answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1));
  } catch {
    // No answer in the form that was asked for.
    return undefined;
  }
}
