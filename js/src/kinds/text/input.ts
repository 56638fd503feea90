/** Texts as inputs: how they are read and sent, and the words for them. */
import type { InputKind, KindWords } from "../../session/kind.ts";
import { textOf } from "../../wire/inputs.ts";
import { LIMITS } from "../../wire/shared.ts";

declare module "../../wire/protocol.ts" {
  interface InputAsks {
    /** `focus`: an offset that must lie inside the window that is looked at (the cursor). */
    text: { kind: "text"; text: string; focus: number };
  }
}

export const TEXT_WORDS: KindWords = {
  input: "text",
  document: ["document", "documents"],
  things: "tokens",
  reused: (count) => `${count} tokens reused from the pass before`,
  noUnit: "No unit is chosen, so the text has no colours yet: click a cell below, or a unit in the list.",
  noUnits: "Put the cursor on a token, or click one in a picture, to see which units answer to it.",
};

export const TEXT_INPUT: InputKind = {
  name: "text",
  words: TEXT_WORDS,
  hasTokens: true,
  read: (value) => (typeof value === "string" ? withPlainNewlines(value) : ""),
  ask(input, focus) {
    const text = textOf(input);
    return { kind: "text", text, focus: Math.min(focus, text.length) };
  },
  // Jupyter drops the connection over a message of more than 10 MiB; the text may be in it twice, at three bytes each.
  refuse(input) {
    const { length } = textOf(input);
    const most = LIMITS.typedText;
    if (length <= most) return null;
    return {
      message: `A text of ${length.toLocaleString("en")} characters is more than a notebook's connection carries.`,
      hint: `Keep it under ${most.toLocaleString("en")} characters.`,
    };
  },
};

/** The newlines a textarea knows: a page that kept \r\n would count other offsets than its editor. */
export function withPlainNewlines(text: string): string {
  return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
}
