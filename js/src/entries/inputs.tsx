/** The entry of Explorers of pictures and tables: a module of its own, because each widget is sent all of its module. */

// Sheets overrule each other in this order: it must not follow from how imports are sorted.
import "../ui/styles.css";
import "../ui/status.css";
import "../ui/layout.css";
import "../ui/naming/naming.css";
import "../ui/screen/screen.css";
import "../ui/plot/pictures.css";
import "../panels/panels.css";
import "../kinds/inputs.css";

import { IMAGE } from "../kinds/image/kind.ts";
import { TABLE } from "../kinds/table/kind.ts";
import { defineLive } from "./define.ts";

export default defineLive([IMAGE, TABLE]);
