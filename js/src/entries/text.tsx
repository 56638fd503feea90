/** The entry of all widgets of text. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/status.css";
import "../kinds/text/editor/editor.css";
import "../ui/layout.css";
import "../ui/plot/pictures.css";
import "../panels/panels.css";
import "../ui/styles.css";

import { Explorer } from "../kinds/text/explorer.tsx";
import { HeatmapView } from "../kinds/text/heatmap.tsx";
import { TokenStripView } from "../kinds/text/strip.tsx";
import { defineLive } from "./define.ts";

const VIEWS = { explorer: Explorer, strip: TokenStripView, heatmap: HeatmapView };

export default defineLive((session) => VIEWS[session.kind]);
