/** The entry of the small views of a text: a module of its own, because each widget is sent all of its module. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/status.css";
import "../kinds/text/editor/editor.css";
import "../kinds/text/strip.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../ui/plot/pictures.css";
import "../ui/plot/tokens.css";
import "../ui/edited/pill.css";
import "../panels/panels.css";
import "../panels/guesses/guesses.css";
import "../panels/map/map.css";
import "../ui/styles.css";

import { HeatmapView } from "../kinds/text/heatmap.tsx";
import { textKind } from "../kinds/text/kind.ts";
import { TokenStripView } from "../kinds/text/strip.tsx";
import { defineLive } from "./define.ts";

export default defineLive([textKind({ strip: TokenStripView, heatmap: HeatmapView })]);
