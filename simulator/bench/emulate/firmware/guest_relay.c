/* In the guest: joins TCP port 6001 to a Bluetooth adapter (/dev/vhci, HCI in H4 packets) and TCP
 * port 6002 to the D-Bus of the system. A process a connection. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HCI_PORT 6001
#define BUS_PORT 6002
#define BUS "/run/dbus/system_bus_socket"

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_at(int port)
{
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&here, sizeof here) || listen(s, 16))
        die("listen");
    return s;
}

static void read_all(int from, unsigned char *to, int size)
{
    for (int got = 0, n; got < size; got += n)
        if ((n = read(from, to + got, size - got)) <= 0)
            exit(0);
}

static void write_all(int to, const unsigned char *data, int size)
{
    for (int put = 0, n; put < size; put += n)
        if ((n = write(to, data + put, size - put)) <= 0)
            exit(0);
}

/* Takes one H4 packet from a stream; returns its size. */
static int take_packet(int from, unsigned char *packet)
{
    int head, rest;
    read_all(from, packet, 1);
    switch (packet[0]) {
    case 2: /* data */
    case 5: /* isochronous data */
        head = 4;
        break;
    case 3: /* voice */
        head = 3;
        break;
    case 4: /* event */
        head = 2;
        break;
    default:
        exit(0);
    }
    read_all(from, packet + 1, head);
    rest = head == 4 ? (packet[3] | packet[4] << 8) & 0x3fff : packet[head];
    read_all(from, packet + 1 + head, rest);
    return 1 + head + rest;
}

static void be_adapter(int host)
{
    static unsigned char packet[20000];
    const unsigned char create[2] = {0xff, 0x00};
    int vhci = open("/dev/vhci", O_RDWR);
    if (vhci < 0 || write(vhci, create, 2) != 2)
        die("/dev/vhci");
    struct pollfd ways[2] = {{vhci, POLLIN, 0}, {host, POLLIN, 0}};
    for (;;) {
        poll(ways, 2, -1);
        if (ways[0].revents & POLLIN) {
            int size = read(vhci, packet, sizeof packet);
            if (size > 0 && packet[0] != 0xff)
                write_all(host, packet, size);
        }
        if (ways[1].revents) {
            int size = take_packet(host, packet);
            if (write(vhci, packet, size) < 0)
                perror("to /dev/vhci");
        }
    }
}

static void be_bus(int host)
{
    static unsigned char chunk[65536];
    struct sockaddr_un bus = {.sun_family = AF_UNIX, .sun_path = BUS};
    int there = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(there, (struct sockaddr *)&bus, sizeof bus))
        die("D-Bus");
    struct pollfd ways[2] = {{host, POLLIN, 0}, {there, POLLIN, 0}};
    for (;;) {
        poll(ways, 2, -1);
        for (int i = 0; i < 2; i++) {
            if (!ways[i].revents)
                continue;
            int size = read(ways[i].fd, chunk, sizeof chunk);
            if (size <= 0)
                exit(0);
            write_all(ways[!i].fd, chunk, size);
        }
    }
}

int main(void)
{
    int one = 1;
    struct pollfd doors[2] = {{listen_at(HCI_PORT), POLLIN, 0}, {listen_at(BUS_PORT), POLLIN, 0}};
    signal(SIGCHLD, SIG_IGN);
    puts("GUEST READY");
    fflush(stdout);
    for (;;) {
        poll(doors, 2, -1);
        for (int i = 0; i < 2; i++) {
            if (!doors[i].revents)
                continue;
            int caller = accept(doors[i].fd, 0, 0);
            setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            if (!fork()) {
                close(doors[0].fd);
                close(doors[1].fd);
                i ? be_bus(caller) : be_adapter(caller);
            }
            close(caller);
        }
    }
}
