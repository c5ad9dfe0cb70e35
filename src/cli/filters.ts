/** --filter's values as the API has them; undefined for none. */
export const filtersText = (filters: Record<string, string[]>): string | undefined =>
  Object.keys(filters).length
    ? JSON.stringify(
        Object.fromEntries(
          Object.entries(filters)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, values]) => [name, Object.fromEntries(values.map((v) => [v, true]))]),
        ),
      )
    : undefined;
