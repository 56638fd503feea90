/** The entry of Explorers of texts, with an atlas or without, and of the views of such an atlas. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../kinds/text/editor/editor.css";
import "../kinds/text/strip.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../atlas/finder/finder.css";
import "../atlas/card/histogram.css";
import "../atlas/card/card.css";
import "../atlas/exemplars/exemplars.css";
import "../atlas/exemplars/list/list.css";
import "../atlas/exemplars/list/contents.css";
import "../atlas/views/side.css";
import "../ui/styles.css";
import "../ui/plot/pictures.css";
import "../ui/plot/tokens.css";
import "../ui/edited/pill.css";
import "../panels/panels.css";
import "../panels/edits/edits.css";
import "../panels/edits/questions/questions.css";
import "../panels/pattern/pattern.css";
import "../panels/studies/studies.css";
import "../panels/guesses/guesses.css";
import "../panels/map/map.css";

import { TEXT_EXEMPLARS } from "../kinds/text/exemplar.tsx";
import { Explorer } from "../kinds/text/explorer.tsx";
import { textKind } from "../kinds/text/kind.ts";
import { PATTERN } from "../panels/pattern/view.tsx";
import { registerPanel } from "../panels/registry.tsx";
import { defineExplorer } from "./define-explorer.tsx";

registerPanel(PATTERN);

export default defineExplorer([textKind({ explorer: Explorer }), TEXT_EXEMPLARS]);
