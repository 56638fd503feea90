/** Finds the token under the pointer: the textarea is on top, its mirror below. */

/** Number of the token in the whole text, or null. */
export function tokenUnder(area: Element, x: number, y: number): number | null {
  const root = area.getRootNode() as Document | ShadowRoot;
  if (typeof root.elementsFromPoint !== "function") return null;
  for (const element of root.elementsFromPoint(x, y)) {
    const part = element instanceof HTMLElement ? element : null;
    // A character that several tokens share knows its part under the pointer.
    if (part?.tagName === "I" && part.dataset.token) return Number(part.dataset.token);
    const token = part?.closest<HTMLElement>("[data-token]");
    if (!token) continue;
    if (token.dataset.tokens) {
      const parts = [...token.querySelectorAll("i")];
      const hit = parts.find((item) => {
        const box = item.getBoundingClientRect();
        return x >= box.left && x < box.right;
      });
      return Number((hit ?? token).dataset.token);
    }
    return Number(token.dataset.token);
  }
  return null;
}
