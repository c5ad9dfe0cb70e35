/** Headers of every answer of the page's server. */
import type { ServerResponse } from "node:http";

/** Nothing from elsewhere, nothing inline, in nobody's frame. data: for the pictures in style sheets. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS: [string, string][] = [
  ["Content-Security-Policy", POLICY],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "no-referrer"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Permissions-Policy", "camera=(), microphone=(), geolocation=()"],
  ["Cache-Control", "no-store"],
];

/** A page of a few sentences: signing in, and being refused. `goTo` sends the browser on. */
export function sendNote(
  response: ServerResponse,
  status: number,
  note: { title: string; text: string; goTo?: string; headers?: Record<string, string> },
): void {
  // By an element, not by a redirect: after a link on another site a redirect would not be sent the strict cookie.
  const next = note.goTo === undefined ? "" : `<meta http-equiv="refresh" content="0; url=${entities(note.goTo)}">`;
  const body = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">${next}<title>${entities(note.title)} · Cloche</title></head><body><main><h1>${entities(note.title)}</h1><p>${entities(note.text)}</p></main></body></html>\n`;
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", ...note.headers }).end(body);
}

const entities = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
