/** The entry of Explorers of pictures and tables: a module of its own, because each widget is sent all of its module. */
// First, so that the sheets of the parts have the last word.
import "./styles.css";
import { ImageExplorer } from "./views/image/explorer.tsx";
import { TableExplorer } from "./views/table/explorer.tsx";
import { defineLive } from "./widget.ts";

export default defineLive((session) =>
  session.catalog.peek().input?.kind === "table" ? TableExplorer : ImageExplorer,
);
