/** The entry of all widgets of text. */
import { TokenStripView } from "./views/editor/strip.tsx";
import { Explorer } from "./views/explorer.tsx";
import { HeatmapView } from "./views/heatmap.tsx";
import { defineLive } from "./widget.ts";

const VIEWS = { explorer: Explorer, strip: TokenStripView, heatmap: HeatmapView };

export default defineLive((session) => VIEWS[session.kind]);
