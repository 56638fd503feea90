/** The entry of all widgets of text. */
import { TokenStripView } from "./views/editor/strip.tsx";
import { Explorer } from "./views/explorer.tsx";
import { HeatmapView } from "./views/heatmap.tsx";
import { define } from "./widget.ts";

const VIEWS = { explorer: Explorer, strip: TokenStripView, heatmap: HeatmapView };

export default define((session) => VIEWS[session.kind]);
