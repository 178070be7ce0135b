/* A target that costs less than any client: one epoll loop, keep-alive, bodies by length, and the
   answers of AURA for a token and for a device event, whose callout is the number of the device.

     cc -O2 -o sink sink.c && ./sink        prints its port, on 127.0.0.1; ends with its input */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 16384, ROOM = 16384 };
static char *heard[MOST];
static int length[MOST];

static const char TOKEN[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Content-Length: 45\r\n\r\n{\"accessToken\":\"made-up\",\"expiresIn\": 86400 }";
static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    "Content-Length: %d\r\n\r\n%s";
static const char EVENT[] = "{\"message\":\"Event processed\",\"resolvedAuraEvent\":{\"eventTypes\":"
    "\"NEW_CALLOUT\",\"eventResponse\":{\"calloutId\":%ld,\"deviceId\":\"%ld\"}}}";

static int answer(int file, const char *request, const char *body) {
  char said[256], whole[512];
  if (memmem(request, body - request, "/oauth/token", 12))
    return write(file, TOKEN, sizeof TOKEN - 1);
  const char *found = strstr(body, "\"device_id\":\"");
  if (!found) found = strstr(body, "\"device\":\"");
  long device = found ? strtol(strchr(found, ':') + 2, NULL, 10) : 0;
  int size = snprintf(said, sizeof said, EVENT, device + 1, device);
  size = snprintf(whole, sizeof whole, HEAD, size, said);
  return write(file, whole, size);
}

static void listen_to(int file) {
  int size = read(file, heard[file] + length[file], ROOM - 1 - length[file]);
  if (size <= 0) { close(file); return; }
  length[file] += size;
  char *begin = heard[file], *end = begin + length[file];
  *end = 0;
  for (;;) {
    char *head = memmem(begin, end - begin, "\r\n\r\n", 4);
    if (!head) break;
    *head = 0;
    char *said = strcasestr(begin, "\ncontent-length:");
    int body = said ? atoi(said + 16) : 0;
    *head = '\r';
    if (head + 4 + body > end) break;
    char kept = head[4 + body];
    head[4 + body] = 0;
    if (answer(file, begin, head + 4) < 0) break;
    head[4 + body] = kept;
    begin = head + 4 + body;
  }
  length[file] = end - begin;
  if (length[file] && begin != heard[file]) memmove(heard[file], begin, length[file]);
}

static void take(int door, int loop) {
  int one = 1, file = accept4(door, 0, 0, SOCK_NONBLOCK);
  if (file < 0) return;
  if (file >= MOST) { close(file); return; }
  setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (!heard[file]) heard[file] = malloc(ROOM);
  length[file] = 0;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
  epoll_ctl(loop, EPOLL_CTL_ADD, file, &event);
}

int main(void) {
  int door = socket(AF_INET, SOCK_STREAM, 0), loop = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(door, (void *)&address, size) || listen(door, 4096)) { perror("sink"); return 1; }
  getsockname(door, (void *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, ready[256];
  epoll_ctl(loop, EPOLL_CTL_ADD, door, &event);
  event.data.fd = 0;
  epoll_ctl(loop, EPOLL_CTL_ADD, 0, &event);
  for (;;) {
    int count = epoll_wait(loop, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      if (ready[i].data.fd == 0) return 0;
      if (ready[i].data.fd == door) take(door, loop);
      else listen_to(ready[i].data.fd);
    }
  }
}
