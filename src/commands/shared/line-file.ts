import { closeSync, openSync, writeSync } from "node:fs";

import { failure } from "../../errors/errors.ts";

/** A file that grows line by line. */
export class LineFile implements Disposable {
  private readonly file: number;

  /**
   * @param how `a`: behind what is in it; `w`: in its place
   * @throws SounderError that names what can't be written
   */
  constructor(
    private readonly path: string,
    how: "a" | "w" = "a",
  ) {
    try {
      this.file = openSync(path, how);
    } catch (error) {
      throw failure(`cannot write ${path}`, error);
    }
  }

  /** @throws SounderError */
  write(text: string): void {
    try {
      writeSync(this.file, text);
    } catch (error) {
      throw failure(`cannot write ${this.path}`, error);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.file);
  }
}
