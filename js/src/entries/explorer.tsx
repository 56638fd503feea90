/** The entry of Explorers of texts, and of all views of an atlas. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../kinds/text/editor/editor.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../atlas/finder/finder.css";
import "../atlas/card/card.css";
import "../atlas/exemplars/exemplars.css";
import "../atlas/views/side.css";
import "../ui/styles.css";
import "../ui/plot/pictures.css";
import "../ui/plot/tokens.css";
import "../ui/edited/pill.css";
import "../panels/panels.css";
import "../panels/edits/edits.css";
import "../panels/pattern/pattern.css";
import "../panels/guesses/guesses.css";
import "../panels/map/map.css";

import { ExemplarGrid } from "../atlas/exemplars/grid.tsx";
import { FinderAlone } from "../atlas/views/finder-alone.tsx";
import { IMAGE_EXEMPLARS } from "../kinds/image/exemplar.tsx";
import { TABLE_EXEMPLARS } from "../kinds/table/exemplar.tsx";
import { TEXT_EXEMPLARS } from "../kinds/text/exemplar.tsx";
import { Explorer } from "../kinds/text/explorer.tsx";
import { textKind } from "../kinds/text/kind.ts";
import { PATTERN } from "../panels/pattern/view.tsx";
import { registerPanel } from "../panels/registry.tsx";
import { defineExplorer } from "./define-explorer.tsx";

registerPanel(PATTERN);

export default defineExplorer(
  [textKind({ explorer: Explorer }), TEXT_EXEMPLARS, IMAGE_EXEMPLARS, TABLE_EXEMPLARS],
  {
    exemplars: { name: "exemplar-grid", view: ExemplarGrid },
    finder: { name: "unit-finder", view: FinderAlone },
  },
);
