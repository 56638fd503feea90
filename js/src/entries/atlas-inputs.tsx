/** The entry of Explorers of pictures and tables that have an atlas. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/styles.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/plot/pictures.css";
import "../panels/panels.css";
import "../kinds/inputs.css";
import "../atlas/card/card.css";
import "../atlas/exemplars/exemplars.css";
import "../atlas/finder/finder.css";
import "../atlas/views/side.css";

import { CardPicture, CardRow } from "../atlas/views/card-inputs.tsx";
import { withCard, withSide } from "../atlas/views/explorer-side.tsx";
import { ImageExplorer } from "../kinds/image/explorer.tsx";
import { TableExplorer } from "../kinds/table/explorer.tsx";
import type { Session } from "../session/session.ts";
import { defineAtlas } from "./define-atlas.tsx";

const WithImage = withSide(ImageExplorer);
const WithTable = withSide(TableExplorer);
const PictureCard = withCard(CardPicture, "beside");
const RowCard = withCard(CardRow, "beside");
const isTable = (session: Session) => session.catalog.peek().input?.kind === "table";

export default defineAtlas({
  live: {
    explorer: { name: "explorer", view: (session) => (isTable(session) ? WithTable : WithImage) },
    card: { name: "unit-card", view: (session) => (isTable(session) ? RowCard : PictureCard) },
  },
  alone: {},
});
