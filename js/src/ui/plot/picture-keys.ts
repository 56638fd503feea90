/** Keys in the heatmap and the overview, and what each does. */

export type MapAction =
  | { kind: "move"; rows: number; cols: number }
  | { kind: "edge"; to: "start" | "end" }
  | { kind: "pan"; rows: number; cols: number }
  | { kind: "zoom"; factor: number }
  | { kind: "reset" }
  | { kind: "select" }
  | { kind: "pin" }
  | { kind: "away" };

const ARROWS: Record<string, [rows: number, cols: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
};

/** null: the key is not ours and belongs to the notebook. */
export function actionOf(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
): MapAction | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const arrow = ARROWS[event.key];
  if (arrow) return { kind: event.shiftKey ? "pan" : "move", rows: arrow[0], cols: arrow[1] };
  switch (event.key) {
    case "Home":
      return { kind: "edge", to: "start" };
    case "End":
      return { kind: "edge", to: "end" };
    case "+":
    case "=":
      return { kind: "zoom", factor: 0.5 };
    case "-":
    case "_":
      return { kind: "zoom", factor: 2 };
    case "0":
      return { kind: "reset" };
    case "Enter":
    case " ":
      return { kind: "select" };
    case "p":
    case "P":
      return { kind: "pin" };
    case "Escape":
      return { kind: "away" };
    default:
      return null;
  }
}
