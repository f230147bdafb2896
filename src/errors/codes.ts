/**
 * Every code that an error of ours can have, and what it means, in the words
 * that stand before it in a message. docs/ERRORS.md says more of each.
 */
export const CODES = {
  // Ours.
  EACTIVATION: "systemd's sockets were not given to this process",
  EADDRESS: "it is not an address",
  EBASELINE: "the command is no good for a trial",
  ECIDR: "it is not a block of addresses",
  ECLIENTCERT: "it wants a certificate of ours that it trusts",
  EEARLY: "the server finished before its answer was complete",
  EFAULT: "our own code failed",
  EFINGERPRINT: "its certificate has another fingerprint",
  ELINES: "it answers whole lines only",
  EMERGE: "the results do not belong together",
  EMISMATCH: "the answer is not what was sent",
  EMISSING: "the answer is shorter than what was sent",
  ENOCLIENT: "the command never connected to the address it was given",
  EOPTION: "an option has a value that makes no sense",
  ERESULT: "it is not a result",
  ESURPLUS: "the answer is longer than what was sent",
  ETLS: "TLS can't use the file",
  ETRACE: "it is not a trace, or the traces don't belong together",
  ETRUNCATED: "its TLS stream was cut off: a FIN came without close_notify",
  EUNKNOWN: "it failed for a reason without a code",
  EWORKER: "a worker process ended or can't work",

  // The operating system's.
  EACCES: "permission denied",
  EADDRINUSE: "the address is in use",
  EADDRNOTAVAIL: "no local port is left",
  EAFNOSUPPORT: "this machine has no such address family",
  EAGAIN: "it has no room at the moment",
  EBADF: "there is no such descriptor, or it is closed",
  EBUSY: "it is in use",
  ECONNABORTED: "the connection was given up",
  // Bun tells that a router knows no way as this, too.
  ECONNREFUSED: "nothing listens there, or no route leads there",
  ECONNRESET: "the peer reset the connection",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EFBIG: "the file would be too large",
  EHOSTUNREACH: "no route to the host",
  EINTR: "it was interrupted",
  EINVAL: "the system does not take it",
  EIO: "reading or writing failed",
  EISDIR: "it is a directory",
  ELOOP: "too many symbolic links lead there",
  EMFILE: "this process has too many files open",
  EMSGSIZE: "it is too long for one message",
  ENAMETOOLONG: "the name is too long",
  ENETDOWN: "the network is down",
  ENETUNREACH: "no route to the network",
  ENFILE: "this machine has too many files open",
  ENOBUFS: "the system has no buffer left",
  ENODEV: "there is no such device",
  ENOENT: "no such file",
  ENOEXEC: "it is no program",
  ENOMEM: "no memory is left",
  ENOSPC: "no space is left",
  ENOTCONN: "the connection is gone",
  ENOTDIR: "a part of the path is no directory",
  ENOTSOCK: "it is not a socket",
  ENOTSUP: "this combination is not supported",
  ENXIO: "nothing is behind the file",
  EPERM: "the operation is not permitted",
  EPIPE: "the reader closed it",
  EPROTO: "it does not speak TLS, or not the same kind",
  EPROTOTYPE: "it is a socket of another kind",
  EROFS: "the file system is read-only",
  ETIMEDOUT: "no answer in time",
  ETXTBSY: "the program is being written",

  // The resolver's.
  EAI_AGAIN: "the name server does not answer",
  ENOTFOUND: "the name is not known",

  // OpenSSL's, of a certificate that was not trusted.
  CERT_CHAIN_TOO_LONG: "its chain of certificates is too long",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REJECTED: "its certificate is not for this use",
  CERT_REVOKED: "its certificate is revoked",
  CERT_SIGNATURE_FAILURE: "its certificate's signature is wrong",
  CERT_UNTRUSTED: "its certificate is not trusted for this use",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  HOSTNAME_MISMATCH: "its certificate is for another name",
  INVALID_CA: "its certificate was signed by one that is no authority",
  INVALID_PURPOSE: "its certificate is not for servers",
  PATH_LENGTH_EXCEEDED: "its chain of certificates is longer than allowed",
  SELF_SIGNED_CERT_IN_CHAIN:
    "an authority that is not trusted signed its certificate",
  UNABLE_TO_GET_ISSUER_CERT: "an unknown authority signed its certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "an unknown authority signed its certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "an unknown authority signed its certificate",
} as const;

export type ErrorCode = keyof typeof CODES;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CODES, code);
}

/** What a code means; empty for one that is not ours, as in another's file. */
export function wordsOf(code: string): string {
  return isErrorCode(code) ? CODES[code] : "";
}
