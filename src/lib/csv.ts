/**
 * One line of comma-separated fields; a field in double quotes may hold commas, and quotes when doubled.
 * @throws in the words of Go's encoding/csv
 */
export function csvFields(line: string): string[] {
  if (line === "") throw new Error("EOF");
  const fields: string[] = [];
  for (let at = 0; ; ) {
    if (line[at] === '"') {
      const match = /^"((?:[^"]|"")*)"(,|$)/.exec(line.slice(at));
      if (!match)
        throw new Error(`parse error on line 1, column ${line.length + 1}: extraneous or missing " in quoted-field`);
      fields.push((match[1] ?? "").replaceAll('""', '"'));
      at += match[0].length;
      if (match[2] === "") return fields;
      continue;
    }
    const comma = line.indexOf(",", at);
    const field = line.slice(at, comma < 0 ? line.length : comma);
    const stray = field.indexOf('"');
    if (stray >= 0) throw new Error(`parse error on line 1, column ${at + stray + 1}: bare " in non-quoted-field`);
    fields.push(field);
    if (comma < 0) return fields;
    at = comma + 1;
  }
}

/** "key=value" cut at the first sign; value undefined without one. */
export function cut(field: string): [key: string, value: string | undefined] {
  const at = field.indexOf("=");
  return at < 0 ? [field, undefined] : [field.slice(0, at), field.slice(at + 1)];
}
