/** The entry of all widgets of text that have an atlas. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../kinds/text/editor/editor.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../atlas/finder/finder.css";
import "../atlas/card/card.css";
import "../atlas/exemplars/exemplars.css";
import "../atlas/views/side.css";
import "../ui/styles.css";
import "../ui/plot/pictures.css";
import "../panels/panels.css";

import { ExemplarGrid } from "../atlas/exemplars/grid.tsx";
import { CardText, FinderAlone } from "../atlas/views/card-text.tsx";
import { withCard, withSide } from "../atlas/views/explorer-side.tsx";
import { Explorer } from "../kinds/text/explorer.tsx";
import { defineAtlas } from "./define-atlas.tsx";

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
