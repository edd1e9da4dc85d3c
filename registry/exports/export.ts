/** The port of this room: what every format may have to say besides what it gives. */

/** Something of the registry that the format has no room for, told to whoever exports. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** One file of an export that is a folder; its path is relative to the folder and uses `/`. */
export interface ExportFile {
  readonly path: string;
  readonly text: string;
}
