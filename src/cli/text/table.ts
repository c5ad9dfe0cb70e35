/**
 * Aligns tab-separated lines as Go's tabwriter does: cells at least so wide, so many blanks apart, the last one as it is.
 * A column is a run of neighbouring lines that have a cell there: an empty or shorter line begins a new one.
 */
export function alignTabs(text: string, least = 10, apart = 3): string {
  const rows = text.split("\n").map((line) => line.split("\t"));
  const widths = rows.map((row) => row.map(() => 0));
  for (let start = 0; start < rows.length; start++) {
    const row = rows[start] ?? [];
    for (let column = 0; column < row.length - 1; column++) {
      if (widths[start]?.[column]) continue;
      let end = start;
      let width = least;
      for (; end < rows.length && column < (rows[end]?.length ?? 0) - 1; end++)
        width = Math.max(width, widthOf(rows[end]?.[column] ?? "") + apart);
      for (let i = start; i < end; i++) (widths[i] ?? [])[column] = width;
    }
  }
  return rows.map((row, i) => row.map((cell, c) => pad(cell, widths[i]?.[c] ?? 0)).join("")).join("\n");
}

const pad = (cell: string, width: number) => cell + " ".repeat(Math.max(0, width - widthOf(cell)));

/** Columns that a text takes on a terminal; East Asian wide characters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += /[ᄀ-ᅟ⺀-꓏가-힣豈-﫿︰-﹏＀-｠￠-￦]|\p{Emoji_Presentation}/u.test(char) ? 2 : 1;
  return width;
}
