/** The page's types for the golden files that are no frames: an atlas' answers by question, synced traits by name. */
import type { AtlasInfo, Want, Wants } from "../../src/wire/atlas-protocol.ts";
import type { AtlasMessage } from "../../src/wire/protocol.ts";
import type { BlindInfo } from "../../src/wire/results/blind.ts";
import type { ComparisonInfo } from "../../src/wire/results/comparison.ts";
import type { GroupsInfo } from "../../src/wire/results/groups.ts";
import type { HealthInfo } from "../../src/wire/results/health.ts";
import type { LocalisedInfo } from "../../src/wire/results/localised.ts";
import type { PatternsInfo } from "../../src/wire/results/patterns.ts";
import type { ShortcutsInfo } from "../../src/wire/results/shortcuts.ts";
import type { Catalog, Evidence, Names } from "../../src/wire/traits.ts";

export type AtlasAnswerOf<W extends Want | "error"> = AtlasMessage &
  (W extends Want ? Wants[W]["answer"] : object);

type Known = {
  catalog: Catalog;
  atlas_info: AtlasInfo;
  labels: Names;
  evidence: Evidence;
  patterns_info: PatternsInfo;
  groups_info: GroupsInfo;
  comparison_info: ComparisonInfo;
  health_info: HealthInfo;
  blind_info: BlindInfo;
  localised_info: LocalisedInfo;
  shortcuts_info: ShortcutsInfo;
};
export type TraitOf<N extends keyof Known> = Known[N];
