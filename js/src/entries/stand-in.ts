/**
 * The picture that a notebook keeps of a widget, an output beside the live view: it is hidden while the view has more
 * to show. `widgets/saved/` makes it.
 *
 * It is hidden by sheets, since it comes after the view, and a host may draw it anew.
 */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { HostModel } from "../wire/kernel/host.ts";

const WAIT = "neuronwidget-await-view";
const UNSEEN = "height:0;padding:0;border-width:0;overflow:hidden;opacity:0";

/**
 * From now on new pictures in this page keep out of sight for a moment, in which their views may come. Where no widget
 * lives, a picture is seen at once.
 */
export function awaitViews(): void {
  if (document.getElementById(WAIT)) return;
  const sheet = document.createElement("style");
  sheet.id = WAIT;
  sheet.textContent = `[class^=neuronwidget-saved-]{animation:${WAIT} 3s}@keyframes ${WAIT}{from,to{${UNSEEN}}}`;
  document.head.append(sheet);
}

/** Hides the picture until `life` aborts, but not while the view is `blank`. */
export function hideStandIn(model: HostModel, blank: ReadonlySignal<boolean>, life: AbortSignal): void {
  const name = model.get("saved_as");
  if (typeof name !== "string" || !/^[\w-]+$/.test(name)) return;
  const sheet = document.createElement("style");
  const hidden = "{display:none!important}";
  // The row that JupyterLab and Notebook 7 put around it goes too; a browser that cannot find that row still hides the
  // picture.
  sheet.textContent = `.${name}${hidden}.jp-OutputArea-child:has(.${name})${hidden}`;
  const stop = effect(() => {
    if (blank.value) sheet.remove();
    else document.head.append(sheet);
  });
  life.addEventListener("abort", () => {
    stop();
    sheet.remove();
  });
}
