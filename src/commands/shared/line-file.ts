import { closeSync, openSync, writeSync } from "node:fs";

import { failure } from "../../errors/errors.ts";

/** A file that grows line by line, behind what is in it. */
export class LineFile implements Disposable {
  private readonly file: number;

  /** @throws SounderError that names what can't be written */
  constructor(private readonly path: string) {
    try {
      this.file = openSync(path, "a");
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
