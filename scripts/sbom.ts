/**
 * The bill of materials: what the package depends on at run time, as bun.lock
 * has it, in CycloneDX 1.6.
 */
import { join } from "node:path";

import {
  Contrib,
  Enums,
  Models,
  Serialize,
  Spec,
} from "@cyclonedx/cyclonedx-library";

import lock from "../bun.lock";
import self from "../package.json" with { type: "json" };

const ROOT = join(import.meta.dir, "..");

/** Of serial numbers that are made of a bill's text. */
const NAMESPACE = "url";

interface Needs {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  optionalPeers?: string[];
  peerDependencies?: Record<string, string>;
}

/** What bun.lock says of a package: `name@version`, source, needs, integrity. */
type Locked = [id: string, source: string, needs: Needs, integrity: string];

/** By the path in node_modules, without those folders' names: `a` or `b/a`. */
const locked = lock.packages as unknown as Record<string, Locked>;

/** Where a package of this place finds another: nearest first. */
function placeOf(name: string, from: string): string | undefined {
  for (let folder = from; folder !== ""; folder = parentOf(folder)) {
    if (Object.hasOwn(locked, `${folder}/${name}`)) return `${folder}/${name}`;
  }
  return Object.hasOwn(locked, name) ? name : undefined;
}

function parentOf(place: string): string {
  const [, parent = ""] = /^(.*)\/(?:@[^/]+\/)?[^/]+$/.exec(place) ?? [];
  // A scope alone is no package.
  return /^@[^/]+$/.test(parent) ? "" : parent;
}

function needsOf(needs: Needs): string[] {
  const peers = Object.keys(needs.peerDependencies ?? {}).filter(
    (name) => !needs.optionalPeers?.includes(name),
  );
  return [
    ...Object.keys(needs.dependencies ?? {}),
    ...Object.keys(needs.optionalDependencies ?? {}),
    ...peers,
  ];
}

function edgesOf(place: string, needs: Needs): string[] {
  return needsOf(needs).map((name) => {
    const found = placeOf(name, place);
    if (found === undefined) throw new Error(`bun.lock does not have ${name}`);
    return found;
  });
}

/** An expression of SPDX: names, with AND, OR and WITH between. */
const EXPRESSION = /^[\w.+()-]+( (AND|OR|WITH) [\w.+()-]+)*$/;

const licenses = new Contrib.License.Factories.LicenseFactory((text) => {
  if (!EXPRESSION.test(text)) throw new Error(`"${text}" is no expression`);
});

interface Described {
  name: string;
  version: string;
  description?: string;
  license?: string;
}

function component(
  type: Enums.ComponentType,
  { name, version, description, license }: Described,
): Models.Component {
  const [base, group] = name.split("/").toReversed() as [string, string?];
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return new Models.Component(type, base, {
    ...(group !== undefined && { group }),
    version,
    bomRef: purl,
    purl,
    ...(description !== undefined && { description }),
    licenses: new Models.LicenseRepository(
      license === undefined ? [] : [licenses.makeFromString(license)],
    ),
  });
}

async function library(place: string): Promise<Models.Component> {
  const [id, , , integrity] = locked[place]!;
  const folder = place.replaceAll(/\/(?=@|(?<!@[^/]*\/))/g, "/node_modules/");
  const file = Bun.file(join(ROOT, "node_modules", folder, "package.json"));
  const made = component(Enums.ComponentType.Library, {
    ...((await file.json()) as Described),
    name: id.slice(0, id.lastIndexOf("@")),
    version: id.slice(id.lastIndexOf("@") + 1),
  });
  const [, sum] = /^sha512-(.+)$/.exec(integrity) ?? [];
  if (sum === undefined) throw new Error(`bun.lock has no sum of ${id}`);
  const hex = Buffer.from(sum, "base64").toString("hex");
  made.hashes.set(Enums.HashAlgorithm["SHA-512"], hex);
  return made;
}

/** What every executable has in it. */
function bun(): Models.Component {
  const version = self.packageManager.replace("bun@", "");
  const description = "The runtime: a part of each executable";
  return component(Enums.ComponentType.Framework, {
    name: "bun",
    version,
    description,
    license: "MIT",
  });
}

/** @param time of the release */
export async function billOfMaterials(time: Date): Promise<string> {
  const root = component(Enums.ComponentType.Application, self);
  const parts = new Map<string, Models.Component>();
  async function add(to: Models.Component, from: string, needs: Needs) {
    for (const place of edgesOf(from, needs)) {
      const known = parts.get(place);
      const part = known ?? (await library(place));
      to.dependencies.add(part.bomRef);
      if (known !== undefined) continue;
      parts.set(place, part);
      await add(part, place, locked[place]![2]);
    }
  }
  await add(root, "", { dependencies: self.dependencies });
  const runtime = bun();
  parts.set("bun", runtime);
  root.dependencies.add(runtime.bomRef);

  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: root, timestamp: time }),
    components: new Models.ComponentRepository(parts.values()),
  });
  const serializer = new Serialize.JsonSerializer(
    new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6),
  );
  const options = { sortLists: true, space: 2 };
  const text = serializer.serialize(bom, options);
  bom.serialNumber = `urn:uuid:${Bun.randomUUIDv5(text, NAMESPACE)}`;
  return `${serializer.serialize(bom, options)}\n`;
}
