/** The entry of Explorers of pictures and tables, with an atlas or without, and of the views of such an atlas. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/styles.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../ui/plot/pictures.css";
import "../ui/edited/pill.css";
import "../panels/panels.css";
import "../panels/edits/edits.css";
import "../panels/edits/questions/questions.css";
import "../panels/pattern/pattern.css";
import "../panels/studies/studies.css";
import "../kinds/inputs.css";
import "../kinds/table/table.css";
import "../atlas/card/histogram.css";
import "../atlas/card/card.css";
import "../atlas/exemplars/exemplars.css";
import "../atlas/exemplars/list/list.css";
import "../atlas/exemplars/list/contents.css";
import "../atlas/finder/finder.css";
import "../atlas/views/side.css";

import { IMAGE_EXEMPLARS } from "../kinds/image/exemplar.tsx";
import { IMAGE } from "../kinds/image/kind.ts";
import { TABLE_EXEMPLARS } from "../kinds/table/exemplar.tsx";
import { TABLE } from "../kinds/table/kind.ts";
import { PATTERN } from "../panels/pattern/view.tsx";
import { registerPanel } from "../panels/registry.tsx";
import { defineExplorer } from "./define-explorer.tsx";

registerPanel(PATTERN);

export default defineExplorer([IMAGE, IMAGE_EXEMPLARS, TABLE, TABLE_EXEMPLARS]);
