import type { TraceEvent } from "../socket/trace/event.ts";
import type { CodeName } from "./code.ts";

/** A sentence in each language, and where the code is that did it. */
export interface Lesson {
  en: string;
  zh: string;
  code: CodeName;
}

/** What each step is, for someone who sees it for the first time. */
const LESSONS: Readonly<Record<string, Lesson>> = {
  "client.socket": {
    en: "(4) The client makes a socket: an end of a connection that is not there yet. Nothing is sent.",
    zh: "(4) 客户端创建套接字：连接的一端，此时连接还不存在，什么也没有发送。",
    code: "connect.ts",
  },
  "client.connect": {
    en: "(5) connect: the client's kernel sends a SYN. A blocking program would stand here until the answer comes.",
    zh: "(5) connect：客户端内核发出 SYN。阻塞式程序会停在这里等待应答。",
    code: "connect.ts",
  },
  "client.connected": {
    en: "(7) The SYN-ACK is here: the client is connected, even before the server's program has called accept.",
    zh: "(7) 收到 SYN-ACK：客户端已连接，此时服务器程序甚至还没有从 accept 返回。",
    code: "connect.ts",
  },
  "client.failed": {
    en: "Nobody listens there: the kernel answers the SYN with a RST, and connect fails.",
    zh: "没有程序在那里监听：内核用 RST 回答 SYN，connect 失败。",
    code: "connect.ts",
  },
  "server.request": {
    en: "(6) The server's kernel has answered the SYN by itself. The program learns of it with accept.",
    zh: "(6) 服务器内核自己回答了 SYN，程序要到 accept 时才知道。",
    code: "bind.ts",
  },
  "server.accept": {
    en: "(8) accept gives the server a new socket for this client; the listening one goes on listening.",
    zh: "(8) accept 为这个客户端返回一个新套接字；监听套接字继续监听。",
    code: "bind.ts",
  },
  "client.write": {
    en: "(9) write copies the bytes into the kernel's send buffer, and returns. That they have arrived it does not say.",
    zh: "(9) write 把字节复制到内核发送缓冲区后返回，并不表示对方已收到。",
    code: "connection.ts",
  },
  "server.read": {
    en: "(10) The server reads what has come: as many bytes as are there, which need not be one message.",
    zh: "(10) 服务器读取已到达的字节：有多少读多少，不一定正好是一条消息。",
    code: "handlers.ts",
  },
  "server.write": {
    en: "(9) The server puts the time before the bytes and writes them back, in one segment.",
    zh: "(9) 服务器在字节前加上时间，写回客户端，合为一个报文段。",
    code: "reply.ts",
  },
  "client.read": {
    en: "(10) The client reads the answer.",
    zh: "(10) 客户端读取应答。",
    code: "connection.ts",
  },
  "client.finish": {
    en: "The client sends its FIN: “I have no more to say”. It can still read: the connection is half closed.",
    zh: "客户端发送 FIN：“我没有更多要说的”。它仍然可以读：连接处于半关闭状态。",
    code: "connection.ts",
  },
  "server.finish": {
    en: "The server sends its FIN, behind everything that it owed.",
    zh: "服务器把欠的数据全部发出后，发送自己的 FIN。",
    code: "handlers.ts",
  },
  "client.finished": {
    en: "The server's FIN has come: read returns nothing. Whoever sent the first FIN waits in TIME-WAIT.",
    zh: "收到服务器的 FIN：read 返回空。先发 FIN 的一方停在 TIME-WAIT。",
    code: "connection.ts",
  },
  "server.finished": {
    en: "The client's FIN has come. The server's kernel is in CLOSE-WAIT until the program closes, too.",
    zh: "收到客户端的 FIN。在程序也关闭之前，服务器内核处于 CLOSE-WAIT。",
    code: "handlers.ts",
  },
  "client.reset": {
    en: "RST: the connection is gone at once. What was on its way is lost, and a read fails with ECONNRESET.",
    zh: "RST：连接立即消失，途中的数据丢失，read 以 ECONNRESET 失败。",
    code: "connection.ts",
  },
  "server.reset": {
    en: "RST: the connection is gone at once, for the other side as a failure, not as an end.",
    zh: "RST：连接立即消失；对另一端来说是故障，而不是正常结束。",
    code: "handlers.ts",
  },
  "server.pause": {
    en: "The client does not read. The server's send buffer is full, so the server stops reading from it: its window closes. Others are served.",
    zh: "客户端不读取。服务器发送缓冲区已满，于是不再读取它：窗口关闭。其他客户端照常服务。",
    code: "handlers.ts",
  },
  "server.resume": {
    en: "The client reads again: there is room, and the server goes on where it was.",
    zh: "客户端恢复读取：有了空间，服务器从原处继续。",
    code: "handlers.ts",
  },
  "server.waiting": {
    en: "Nothing to read. A thread for this client would be blocked in recv; the event loop serves others.",
    zh: "没有可读的数据。每客户端一线程的服务器会有一个线程阻塞在 recv；事件循环则去服务别人。",
    code: "handlers.ts",
  },
  "client.closed": {
    en: "The client has closed its socket.",
    zh: "客户端已关闭套接字。",
    code: "connection.ts",
  },
  "server.closed": {
    en: "The server has closed the socket of this client.",
    zh: "服务器已关闭这个客户端的套接字。",
    code: "handlers.ts",
  },
  "client.state": {
    en: "What is left in the client's kernel: TIME-WAIT holds the port for 60 s on Linux, so that late segments disturb nobody.",
    zh: "客户端内核中剩下的：TIME-WAIT 在 Linux 上占用端口 60 秒，以免迟到的报文段干扰他人。",
    code: "connection.ts",
  },
  "server.state": {
    en: "What is left of it in the server's kernel.",
    zh: "服务器内核中剩下的状态。",
    code: "handlers.ts",
  },
};

/** Undefined of what needs no explaining. */
export function lessonOf({ side, verb }: TraceEvent): Lesson | undefined {
  return LESSONS[`${side}.${verb}`];
}
