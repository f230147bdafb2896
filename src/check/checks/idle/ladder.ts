/**
 * Devices that end idle connections, and after how many seconds by default: the
 * sources are in docs/CHECK.md. Those that have the same are named together.
 */
export const DEFAULTS: readonly { seconds: number; devices: string }[] = [
  {
    seconds: 50,
    devices: "HAProxy's examples (timeout client, timeout server)",
  },
  { seconds: 60, devices: "AWS's application and classic load balancers" },
  { seconds: 240, devices: "Azure's load balancer and NAT" },
  { seconds: 300, devices: "many firewalls" },
  { seconds: 350, devices: "AWS's network load balancer and NAT gateway" },
  {
    seconds: 600,
    devices: "nginx's stream module (proxy_timeout), Google's firewall",
  },
  { seconds: 900, devices: "IPVS, as in kube-proxy" },
  { seconds: 1200, devices: "Google's Cloud NAT" },
  {
    seconds: 3600,
    devices: "Envoy's TCP proxy, Cisco's and Juniper's firewalls",
  },
  {
    seconds: 7440,
    devices: "NATs that keep to RFC 5382 (2 hours and 4 minutes)",
  },
];

const FIRST = 1;
/** From one rung to the next. */
const STEP = 1.25;
/** How far below and above a known default a rung lies. */
const BESIDE = 0.02;
/** Rungs that are closer than this share are one. */
const SAME = 0.005;

/**
 * Idle times to try, in seconds and ascending: in equal steps of a logarithm,
 * and just below and above each known default, up to one that is asked for.
 */
export function rungsUpTo(most: number): number[] {
  const rungs: number[] = [];
  for (let rung = FIRST; rung < most; rung *= STEP) rungs.push(rung);
  for (const { seconds } of DEFAULTS) {
    rungs.push(seconds * (1 - BESIDE), seconds * (1 + BESIDE));
  }
  // Who asks for 60 s wants to know whether a timeout of 60 s is there.
  const isDefault = DEFAULTS.some(({ seconds }) => seconds === most);
  const highest = isDefault ? most * (1 + BESIDE) : most;
  const within = rungs.filter((rung) => rung < highest).concat(highest);
  const sorted = within.toSorted((a, b) => a - b);
  return sorted.filter((rung, index) => {
    const next = sorted[index + 1];
    return next === undefined || next > rung * (1 + SAME);
  });
}

/**
 * The same in the order in which they tell most, where not all can be tried: the
 * highest, then halves, quarters, …
 */
export function bisecting(ascending: readonly number[]): number[] {
  const order: number[] = ascending.slice(-1);
  let parts = [ascending.slice(0, -1)];
  while (parts.length > 0) {
    const next: number[][] = [];
    for (const part of parts) {
      if (part.length === 0) continue;
      const middle = part.length >> 1;
      order.push(part[middle]!);
      next.push(part.slice(0, middle), part.slice(middle + 1));
    }
    parts = next;
  }
  return order;
}

/** Connections inside of a bracket. */
const INSIDE = 16;
/** A bracket that is narrower than this share of its upper end will do. */
export const NARROW = 0.05;

/** Evenly between the two, without them. */
export function rungsBetween(survived: number, killed: number): number[] {
  const step = (killed - survived) / (INSIDE + 1);
  return Array.from(
    { length: INSIDE },
    (_, index) => survived + (index + 1) * step,
  );
}

/** Devices whose default may be what was found. */
export function devicesAt(
  survived: number,
  killed: number,
): string | undefined {
  const known = DEFAULTS.find(
    ({ seconds }) =>
      seconds >= survived * (1 - BESIDE) && seconds <= killed * (1 + BESIDE),
  );
  // A wide bracket holds some default by chance.
  return killed <= survived * 1.15 ? known?.devices : undefined;
}
