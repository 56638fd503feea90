/** The entry of all widgets of text that have an atlas. */

import { CardText, FinderAlone } from "./atlas/card-alone.tsx";
import { withCard, withSide } from "./atlas/explorer-side.tsx";
import { ExemplarGrid } from "./atlas/grid.tsx";
import { defineAtlas } from "./atlas/widget.tsx";
import { Explorer } from "./views/explorer.tsx";

const WithSide = withSide(Explorer);
const CardAlone = withCard(CardText);

export default defineAtlas({
  live: {
    explorer: { name: "explorer", view: () => WithSide },
    card: { name: "unit-card", view: () => CardAlone },
  },
  alone: {
    exemplars: { name: "exemplar-grid", view: ExemplarGrid },
    finder: { name: "unit-finder", view: FinderAlone },
  },
});
