import type { SelfsignedOptions } from "selfsigned";

import type { ActionName, Fault } from "../protocol/faults/fault.ts";

/** What a certificate is wrong in; PEM texts. */
export interface FaultyIdentity {
  cert: string;
  key: string;
  /** Whom a client trusts so that nothing else is wrong; itself if self-signed. */
  ca: string;
}

const CERTIFICATE_FAULTS: readonly ActionName[] = [
  "tls-expired",
  "tls-wrong-host",
  "tls-self-signed",
];

/** Reserved, so that it is nobody's: RFC 2606. */
const WRONG_HOST = "wrong-host.invalid";

const DAY = 24 * 3600e3;

const KIND = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;

const AUTHORITY = [
  { name: "basicConstraints", cA: true, critical: true },
  { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
] as const;

type Extension = NonNullable<SelfsignedOptions["extensions"]>[number];
type AltName = Extract<
  Extension,
  { name: "subjectAltName" }
>["altNames"][number];

function leafOf(names: readonly string[], ips: readonly string[]): Extension[] {
  return [
    { name: "basicConstraints", cA: false, critical: true },
    { name: "keyUsage", digitalSignature: true, critical: true },
    { name: "extKeyUsage", serverAuth: true },
    {
      name: "subjectAltName",
      altNames: [
        ...names.map((value): AltName => ({ type: 2, value })),
        ...ips.map((ip): AltName => ({ type: 7, ip })),
      ],
    },
  ];
}

/** Whether a fault is made by another certificate. */
export function isCertificateFault({ action }: Fault): boolean {
  return CERTIFICATE_FAULTS.includes(action);
}

/**
 * A certificate that is wrong in what `actions` say, and in nothing else: one
 * that is not self-signed is signed by an authority of its own.
 * @param names that clients use, besides `ips`
 */
export async function faultyIdentity(
  actions: readonly ActionName[],
  names: readonly string[] = ["localhost"],
  ips: readonly string[] = ["127.0.0.1", "::1"],
): Promise<FaultyIdentity> {
  // Half a second to load, and few need it.
  const { generate } = await import("selfsigned");
  const now = Date.now();
  const isExpired = actions.includes("tls-expired");
  const extensions = actions.includes("tls-wrong-host")
    ? leafOf([WRONG_HOST], [])
    : leafOf(names, ips);
  const options = {
    ...KIND,
    notBeforeDate: new Date(now - (isExpired ? 30 : 1) * DAY),
    notAfterDate: new Date(now + (isExpired ? -1 : 30) * DAY),
    extensions,
  };
  const subject = [{ name: "commonName", value: "sounder" }];
  if (actions.includes("tls-self-signed")) {
    const made = await generate(subject, options);
    return { cert: made.cert, key: made.private, ca: made.cert };
  }
  const authority = await generate(
    [{ name: "commonName", value: "sounder's authority" }],
    {
      ...KIND,
      notBeforeDate: new Date(now - 60 * DAY),
      notAfterDate: new Date(now + 60 * DAY),
      extensions: [...AUTHORITY],
    },
  );
  const ca = { cert: authority.cert, key: authority.private };
  const made = await generate(subject, { ...options, ca });
  return { cert: made.cert, key: made.private, ca: authority.cert };
}
