/* A careful single-threaded epoll echo: what a good C programmer would write.
 * Each connection holds what the kernel did not take, and is not read from
 * meanwhile. Prints the port it chose. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 512 * 1024, EVENTS = 1024 };

struct connection {
  int fd;
  char *pending;
  size_t sent, length;
};

static int poller;
static char chunk[CHUNK];

static void watch(struct connection *c, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(poller, operation, c->fd, &event);
}

static void drop(struct connection *c) {
  close(c->fd);
  free(c->pending);
  free(c);
}

static void accept_all(int listener) {
  int fd, one = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
      close(fd);
      return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->fd = fd;
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
  }
}

/* Returns 0 once the connection is gone. */
static int flush(struct connection *c) {
  ssize_t n = send(c->fd, c->pending + c->sent, c->length - c->sent, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN;
  c->sent += (size_t)n;
  if (c->sent < c->length) return 1;
  free(c->pending);
  c->pending = NULL;
  watch(c, EPOLL_CTL_MOD, EPOLLIN);
  return 1;
}

static int echo(struct connection *c) {
  ssize_t got = recv(c->fd, chunk, sizeof chunk, 0);
  if (got < 0) return errno == EAGAIN;
  if (got == 0) return 0;
  ssize_t n = send(c->fd, chunk, (size_t)got, MSG_NOSIGNAL);
  if (n < 0) {
    if (errno != EAGAIN) return 0;
    n = 0;
  }
  if (n == got) return 1;
  c->length = (size_t)(got - n);
  c->sent = 0;
  c->pending = malloc(c->length);
  if (c->pending == NULL) return 0;
  memcpy(c->pending, chunk + n, c->length);
  watch(c, EPOLL_CTL_MOD, EPOLLOUT);
  return 1;
}

int main(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  struct epoll_event events[EVENTS];
  struct epoll_event accepting = {.events = EPOLLIN, .data.ptr = NULL};
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

  if (bind(listener, (struct sockaddr *)&address, length) != 0 ||
      listen(listener, 512) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
    perror("epoll_echo");
    return 1;
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  poller = epoll_create1(0);
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &accepting);

  for (;;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) accept_all(listener);
      else if (!(c->pending == NULL ? echo(c) : flush(c))) drop(c);
    }
  }
}
