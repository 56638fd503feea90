/** What stands beside a card of a model of pictures or rows: its input, to be changed like that of an Explorer. */

import { ExplorerFrame } from "../../kinds/explorer-frame.tsx";
import { PICTURE_HELP, PictureDesk, useStudio } from "../../kinds/image/image-panel.tsx";
import { ROW_HELP, RowDesk, useRow } from "../../kinds/table/row-panel.tsx";
import type { Session } from "../../session/session.ts";

export function CardPicture({ session }: { session: Session }) {
  const studio = useStudio(session);
  return (
    <ExplorerFrame session={session} help={PICTURE_HELP}>
      <PictureDesk session={session} studio={studio} />
    </ExplorerFrame>
  );
}

export function CardRow({ session }: { session: Session }) {
  const work = useRow(session);
  return (
    <ExplorerFrame session={session} help={ROW_HELP}>
      <RowDesk session={session} work={work} />
    </ExplorerFrame>
  );
}
