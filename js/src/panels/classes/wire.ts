/** Classes on the wire: the probabilities of all classes. */
import type { PanelWire } from "../../session/panel.ts";
import { isList, isNumber, isText, mustBe } from "../../wire/checks.ts";

/** `before`: in the model before its edits. */
export type ClassesPart = { names: string[]; probabilities: number[]; before?: number[] };

declare module "../../wire/protocol.ts" {
  interface Asks {
    classes: object;
  }
  interface PanelParts {
    classes: ClassesPart;
  }
}
declare module "../../session/panel.ts" {
  interface PanelNeeds {
    classes: object;
  }
}

export const CLASSES_WIRE: PanelWire = {
  name: "classes",
  check: (part) =>
    mustBe(part, "classes", {
      names: (x) => isList(x, isText),
      probabilities: (x) => isList(x, isNumber),
      before: (x) => x === undefined || isList(x, isNumber),
    }),
};
