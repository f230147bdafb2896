import { SounderError } from "../errors/errors.ts";

/**
 * The way to tell the process that started this one as its worker.
 * @throws SounderError `EWORKER` if none did
 */
export function toParent<Report>(): (report: Report) => void {
  if (process.send === undefined) {
    throw new SounderError(
      "cannot work: this command is for processes that sounder itself starts",
      "EWORKER",
    );
  }
  return (report) => {
    try {
      if (process.connected) process.send!(report);
    } catch {
      // It is gone, which "disconnect" tells.
    }
  };
}
