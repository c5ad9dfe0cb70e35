/**
 * xterm.js writes its colours into style elements; the page's policy forbids those, as it forbids everything inline. Style sheets
 * made by script are no part of the document's text, and so allowed: each such element gets one in its stead.
 */
let done = false;

export function adoptStyles(): void {
  if (done) return;
  done = true;
  const create = document.createElement.bind(document) as (
    name: string,
    options?: ElementCreationOptions,
  ) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    // A template stands for it in the document: even an empty style element is a breach of the policy.
    return name.toLowerCase() === "style" ? adopting(create("template")) : create(name, options);
  }) as typeof document.createElement;
}

function adopting(element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  let text = "";
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", {
    get: () => text,
    set(value: string) {
      text = value;
      sheet.replaceSync(value);
    },
  });
  const remove = element.remove.bind(element);
  element.remove = () => {
    remove();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  };
  return element;
}
