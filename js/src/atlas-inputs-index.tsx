/** The entry of Explorers of pictures and tables that have an atlas. */
// First, so that the sheets of the parts have the last word.
import "./styles.css";
import { CardPicture, CardRow } from "./atlas/card-inputs.tsx";
import { withCard, withSide } from "./atlas/explorer-side.tsx";
import { defineAtlas } from "./atlas/widget.tsx";
import type { Session } from "./session.ts";
import { ImageExplorer } from "./views/image/explorer.tsx";
import { TableExplorer } from "./views/table/explorer.tsx";

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
