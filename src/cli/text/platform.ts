/** "linux/arm64/v8" in parts. @throws in docker's words for what cannot be one */
export function platformOf(text: string): { os: string; architecture?: string; variant?: string } {
  const parts = text.split("/");
  const bad = parts.length > 3 || parts.some((part) => !/^[A-Za-z0-9_.-]+$/.test(part));
  if (bad)
    throw new Error(
      `error parsing specified platform: ${JSON.stringify(text)}: cannot parse platform specifier: invalid argument`,
    );
  const [os = "", architecture, variant] = parts;
  return { os, ...(architecture && { architecture }), ...(variant && { variant }) };
}
