/** What both sides of the wire read from shared.json is what the page goes by. */
import { expect, test } from "vitest";
import shared from "../../../neuronwidget/stream/protocol/shared.json";
import { Host, opened } from "../../fakes/host.ts";
import { ALL, ALL_PANELS } from "../../fakes/panels.ts";
import { GROUP_WORDS } from "../../src/atlas/exemplars/store/words.ts";
import { MAP_PICTURE } from "../../src/panels/map/cells.ts";
import { ORDERS } from "../../src/panels/map/toolbar.tsx";
import { OVERVIEW_PICTURE } from "../../src/panels/overview/cells.ts";

test("kinds and panels are those that are registered", () => {
  expect([...ALL_PANELS.keys()].sort()).toEqual([...shared.panels].sort());
  expect(shared.kinds.map((name) => ALL.kindOf(name).name)).toEqual(shared.kinds);
});

test("orders, groups and pictures that are read are those that the page has words for", () => {
  expect(ORDERS.map(([order]) => order)).toEqual(shared.orders);
  expect(Object.keys(GROUP_WORDS)).toEqual(shared.groups);
  expect([MAP_PICTURE.where, OVERVIEW_PICTURE.where, "unit"]).toEqual(shared.readings);
});

test("a view begins as both say", () => {
  const { session } = opened(new Host({ view: {} }));
  expect(session.view.value).toEqual(shared.view);
});

test("what a person changes are traits that the page may set", () => {
  const host = new Host({ input: "abc" });
  const { session, view } = opened(host);
  session.setText("abcd", 4);
  session.setUnit("mlp.1:3");
  session.togglePin("mlp.0:1");
  session.setEdits([{ edit: "scale", unit: "mlp.1:3", factor: 0, scope: "all", when: null, on: true }]);
  session.setView({ order: "strength" });
  session.setLabels({ "mlp.1:3": "digits" });
  session.mark(0, 1);
  view.abort();
  const changes = host.sent.flatMap((message) => ("changes" in message ? Object.keys(message.changes) : []));
  expect(new Set(changes)).toEqual(
    new Set(["input", "site", "unit", "selection", "pins", "edits", "view", "labels", "status"]),
  );
  for (const name of changes) expect(shared.traitsFromPage).toContain(name);
});
