/** The entry of Explorers of pictures and tables that have an atlas. */
// First, so that the sheets of the parts have the last word.
import "./styles.css";
import { withCard, withSide } from "./atlas/explorer-side.tsx";
import { defineAtlas } from "./atlas/widget.tsx";
import { Head } from "./views/head.tsx";
import { ImageExplorer } from "./views/image/explorer.tsx";
import { TableExplorer } from "./views/table/explorer.tsx";

const WithImage = withSide(ImageExplorer);
const WithTable = withSide(TableExplorer);
// Pictures and rows are changed from Python here; the Explorer has what paints and pulls.
const CardAlone = withCard(Head);

export default defineAtlas({
  live: {
    explorer: {
      name: "explorer",
      view: (session) => (session.catalog.peek().input?.kind === "table" ? WithTable : WithImage),
    },
    card: { name: "unit-card", view: () => CardAlone },
  },
  alone: {},
});
