/** Help for edits of the model. */
import type { HelpParts } from "../../ui/help.tsx";

export const EDITS_HELP: HelpParts = [
  [
    "Edit the model",
    [
      ["Slider", "how strong the unit is: off, as it is in the middle, up to ten times"],
      ["Keys on it", "← → a step, Page Up/Down more, Home switches off, End is ten times"],
      ["before, after", "everything in the view as the model was, or as the edited model does it"],
      ["difference", "everything is after less before: red is more, blue is less"],
      ["Changed most", "the units behind the edit that moved most, each by its own standard deviation"],
      [
        "Is it this unit?",
        "the same edit on random units, as large a change: an effect must be larger to mean anything",
      ],
      ["Straight to the output?", "what the unit’s weights say of outputs, beside what was measured"],
      ["Draw dose", "effect here and damage on other inputs, from an eighth to eight times as strong"],
      ["Continue the text", "as the model is and as it is edited; ← → from token to token"],
      ["Ctrl/⌘ Z", "in the panel: undo"],
    ],
  ],
];
