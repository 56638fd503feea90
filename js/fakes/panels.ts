/** All panels and kinds of input that pages have: for whoever plays a page without an entry. */

import { IMAGE_EXEMPLARS } from "../src/kinds/image/exemplar.tsx";
import { IMAGE } from "../src/kinds/image/kind.ts";
import { registerKind, TABLES } from "../src/kinds/registry.ts";
import { TABLE_EXEMPLARS } from "../src/kinds/table/exemplar.tsx";
import { TABLE } from "../src/kinds/table/kind.ts";
import { TEXT_EXEMPLARS } from "../src/kinds/text/exemplar.tsx";
import { HeatmapView } from "../src/kinds/text/heatmap.tsx";
import { textKind } from "../src/kinds/text/kind.ts";
import { TokenStripView } from "../src/kinds/text/strip.tsx";
import { PATTERN_WIRE } from "../src/panels/pattern/wire.ts";
import { registerWires } from "../src/panels/registry.tsx";

registerKind(textKind({ strip: TokenStripView, heatmap: HeatmapView }), TEXT_EXEMPLARS);
registerWires([PATTERN_WIRE]);
registerKind(IMAGE, IMAGE_EXEMPLARS, TABLE, TABLE_EXEMPLARS);

export const ALL = TABLES;
export const ALL_PANELS = TABLES.panels;
