/** Help for views of a text. */
import type { HelpParts } from "../../ui/help.tsx";

export const TEXT_HELP: HelpParts = [
  [
    "What you see",
    [
      [
        "First line",
        "the chosen unit and its name; AUROC: how surely it tells that, .5 as chance does, 1 always; untrained twin: the best unit of the same model before training",
      ],
      ["Text", "the chosen unit shades each token; edit the text and everything follows"],
      ["Layers × tokens", "where in the model something happens"],
      ["Units × tokens", "one row a unit, one column a token; colour is the value"],
      ["Lines", "the chosen and the pinned units over the text"],
    ],
  ],
  [
    "Pointer, in the pictures",
    [
      ["Click", "choose the unit and the token"],
      ["Drag", "move the part that is seen"],
      ["Ctrl/⌘ + wheel", "zoom; the wheel alone scrolls the page"],
      ["the same on the numbers", "zoom the units alone"],
      ["Double click", "zoom in; with Shift out"],
    ],
  ],
  [
    "Keys, in the pictures",
    [
      ["← ↑ → ↓", "move the cell; Page Up/Down ten units, Home/End along the text"],
      ["Enter", "choose the cell's unit and token"],
      ["P", "pin or unpin its unit"],
      ["+ − 0", "zoom in, out, show everything"],
      ["Shift + arrows", "move the part that is seen"],
      ["Esc", "put the reading away"],
    ],
  ],
];
