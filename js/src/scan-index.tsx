/** The entry of the view of a running scan. */

import type { HostModel } from "./host.ts";
import { mountAlone } from "./mount.tsx";
import { ScanProgress } from "./scan/progress.tsx";
import { watch } from "./scan/session.ts";
import { lifetime } from "./widget.ts";

type Args = { model: HostModel; el: HTMLElement; signal?: AbortSignal };

export default {
  render({ model, el, signal }: Args): () => void {
    const life = lifetime(signal);
    const session = watch(model, life.signal);
    mountAlone("scan-progress", session.phase, <ScanProgress session={session} />, el, life.signal);
    return () => life.abort();
  },
};
