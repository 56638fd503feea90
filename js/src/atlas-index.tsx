/** The entry of all widgets of text that have an atlas. */

import { withSide } from "./atlas/explorer-side.tsx";
import { ExemplarGrid } from "./atlas/grid.tsx";
import { defineAtlas } from "./atlas/widget.tsx";
import { Explorer } from "./views/explorer.tsx";

const WithSide = withSide(Explorer);

export default defineAtlas({
  live: { explorer: { name: "explorer", view: () => WithSide } },
  alone: { exemplars: { name: "exemplar-grid", view: ExemplarGrid } },
});
