/*
 * Attach clients: docs/protocol.md draws the frames. A client that does not read is cut off, nobody waits for it,
 * unless it subscribed with WAIT: then the process is not read from until the client has caught up.
 */
#include "context.h"

#include <endian.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

enum { MAX_BEHIND = 1 << 20, WAIT_BEHIND = 64 << 10, FRAME_HEADER = 8 };
enum { STDIN = 0, SUBSCRIBE = 16, CLOSE_STDIN = 17, RESIZE = 18, SIGNAL = 19, PACKED = 20, REPLY = 32, ENDED = 33 };

static void cut_off(struct monitor *monitor, struct client *client) {
    if (client->dead) return;
    client->dead = true;
    source_close(monitor, &client->source);
}

static void watch(struct monitor *monitor, struct client *client) {
    if (client->dead) return;
    source_watch(monitor, &client->source, (client->blocked ? 0 : EPOLLIN) | (client->queue.length ? EPOLLOUT : 0));
}

/* -- out ---------------------------------------------------------------------------------------------------------- */

static void send_queue(struct monitor *monitor, struct client *client) {
    ssize_t sent = send(client->source.fd, client->queue.at, client->queue.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return cut_off(monitor, client);
    if (sent <= 0) return;
    client->queue.length -= (size_t)sent;
    memmove(client->queue.at, client->queue.at + sent, client->queue.length);
    if (client->queue.length == 0) text_free(&client->queue);
}

/* Straight into the socket where it has room: only what it does not take is copied. */
static void send_frame(struct monitor *monitor, struct client *client, uint8_t type, const char *bytes, size_t length) {
    if (client->told) return;
    uint32_t size = htobe32((uint32_t)length);
    char header[FRAME_HEADER] = {(char)type};
    memcpy(header + 4, &size, sizeof(size));
    struct iovec parts[2] = {{header, sizeof(header)}, {(void *)bytes, length}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t sent = 0;
    if (client->queue.length == 0) sent = sendmsg(client->source.fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return cut_off(monitor, client);
    size_t out = sent < 0 ? 0 : (size_t)sent;
    if (out == sizeof(header) + length) return;
    if (!(client->mask & WAIT) && client->queue.length + length > MAX_BEHIND) return cut_off(monitor, client);
    if (out < sizeof(header)) text_add(&client->queue, header + out, sizeof(header) - out);
    size_t skip = out > sizeof(header) ? out - sizeof(header) : 0;
    text_add(&client->queue, bytes + skip, length - skip);
    watch(monitor, client);
}

void clients_output(struct context *context, uint8_t stream, const char *bytes, size_t length) {
    for (struct client *client = context->monitor.clients; client; client = client->next)
        if (!client->dead && client->mask & stream) send_frame(&context->monitor, client, stream, bytes, length);
}

void clients_tell_end(struct context *context) {
    for (struct client *client = context->monitor.clients; client; client = client->next)
        if (!client->dead) send_frame(&context->monitor, client, ENDED, "", 0);
}

bool clients_hold(const struct context *context) {
    for (struct client *client = context->monitor.clients; client; client = client->next)
        if (!client->dead && client->mask & WAIT && client->queue.length > WAIT_BEHIND) return true;
    return false;
}

/*
 * Half-close, and wait for the client to close: were we to close first, a client that still writes (a last piece of
 * stdin) would get EPIPE for it, and drop what it has not read yet.
 */
bool clients_farewell(struct context *context) {
    bool left = false;
    for (struct client *client = context->monitor.clients; client; client = client->next) {
        if (client->dead) continue;
        left = true;
        if (client->told || client->queue.length > 0) continue;
        client->told = true;
        shutdown(client->source.fd, SHUT_WR);
    }
    return left;
}

/* -- in ----------------------------------------------------------------------------------------------------------- */

static void reply(struct context *context, struct client *client, uint8_t request, int error) {
    char payload[5] = {(char)request};
    uint32_t number = htobe32((uint32_t)error);
    memcpy(payload + 1, &number, sizeof(number));
    send_frame(&context->monitor, client, REPLY, payload, sizeof(payload));
}

static int packed(struct log *log, const uint8_t *payload) {
    uint64_t inode;
    memcpy(&inode, payload, sizeof(inode));
    if (log) return log_packed(log, be64toh(inode));
    return errno = ENOENT, -1;
}

static void request(struct context *context, struct client *client) {
    const uint8_t *payload = client->payload;
    uint8_t type = client->header[0];
    uint32_t high = (uint32_t)(payload[0] << 8 | payload[1]), low = (uint32_t)(payload[2] << 8 | payload[3]);
    int result = 0;
    if (type == SUBSCRIBE) client->mask = payload[0];
    if (type == CLOSE_STDIN && context->monitor.stdin_once) stdin_close(context);
    if (type == RESIZE) result = stdin_resize(context, (uint16_t)high, (uint16_t)low);
    /* By pidfd: once the process has been reaped, its number may be another's. */
    if (type == SIGNAL) result = pidfd_send_signal(context->pidfd, (int)(high << 16 | low), NULL, 0);
    if (type == PACKED) result = packed(context->monitor.log, payload);
    if (type == RESIZE || type == SIGNAL || type == PACKED) reply(context, client, type, result < 0 ? errno : 0);
}

/* Payload size that a request must have; -1: no such request. */
static int request_size(uint8_t type) {
    switch (type) {
    case SUBSCRIBE:
        return 1;
    case CLOSE_STDIN:
        return 0;
    case RESIZE:
    case SIGNAL:
        return 4;
    case PACKED:
        return 8;
    default:
        return -1;
    }
}

/* Takes bytes of a frame's header, and checks it when it is whole. */
static size_t take_header(struct context *context, struct client *client, const char *bytes, size_t length) {
    size_t missing = FRAME_HEADER - client->header_length, taken = length < missing ? length : missing;
    memcpy(client->header + client->header_length, bytes, taken);
    client->header_length += (uint32_t)taken;
    if (client->header_length < FRAME_HEADER) return taken;
    uint32_t size;
    memcpy(&size, client->header + 4, sizeof(size));
    client->payload_left = be32toh(size);
    client->payload_length = 0;
    uint8_t type = client->header[0];
    if (type != STDIN && (int64_t)client->payload_left != request_size(type)) cut_off(&context->monitor, client);
    return taken;
}

static size_t take_payload(struct context *context, struct client *client, const char *bytes, size_t length) {
    size_t taken = length < client->payload_left ? length : client->payload_left;
    if (client->header[0] == STDIN) {
        size_t offered = taken;
        taken = stdin_write(context, bytes, offered);
        client->blocked = taken < offered;
    } else {
        memcpy(client->payload + client->payload_length, bytes, taken);
    }
    client->payload_length += (uint32_t)taken;
    client->payload_left -= (uint32_t)taken;
    return taken;
}

/* Returns how many bytes were understood; the rest waits for room in stdin. */
static size_t take(struct context *context, struct client *client, const char *bytes, size_t length) {
    size_t done = 0;
    while (!client->dead && !client->blocked) {
        if (client->header_length < FRAME_HEADER) {
            if (done == length) break;
            done += take_header(context, client, bytes + done, length - done);
            continue;
        }
        if (client->payload_left > 0) {
            if (done == length) break;
            done += take_payload(context, client, bytes + done, length - done);
            continue;
        }
        client->header_length = 0;
        if (client->header[0] != STDIN) request(context, client);
    }
    return done;
}

static void read_client(struct context *context, struct client *client) {
    struct monitor *monitor = &context->monitor;
    char *bytes = monitor->buffer; /* nothing of the process's output is in it between two events */
    monitor->touched = true;
    ssize_t got = recv(client->source.fd, bytes, MONITOR_BUFFER, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return cut_off(monitor, client);
    size_t done = take(context, client, bytes, (size_t)got);
    if (!client->dead && done < (size_t)got) text_add(&client->held, bytes + done, (size_t)got - done);
}

void clients_unblock(struct context *context) {
    for (struct client *client = context->monitor.clients; client; client = client->next) {
        if (client->dead || !client->blocked) continue;
        client->blocked = false;
        size_t done = take(context, client, client->held.at, client->held.length);
        client->held.length -= done;
        memmove(client->held.at, client->held.at + done, client->held.length);
        if (client->held.length == 0) text_free(&client->held);
        watch(&context->monitor, client);
    }
}

static void client_ready(struct context *context, struct source *source, uint32_t events) {
    struct client *client = (struct client *)source;
    if (!client->dead && events & EPOLLOUT) send_queue(&context->monitor, client);
    if (!client->dead && !client->blocked && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_client(context, client);
    watch(&context->monitor, client);
}

/* -- coming and going --------------------------------------------------------------------------------------------- */

struct client *client_add(struct context *context, int fd) {
    struct client *client = calloc(1, sizeof(*client));
    if (!client) abort();
    client->source.fd = fd;
    client->source.ready = client_ready;
    client->next = context->monitor.clients;
    context->monitor.clients = client;
    watch(&context->monitor, client);
    return client;
}

void clients_accept(struct context *context, struct source *listener, uint32_t events) {
    (void)events;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) client_add(context, fd);
}

void clients_sweep(struct context *context) {
    for (struct client **at = &context->monitor.clients; *at;) {
        struct client *client = *at;
        if (!client->dead) {
            at = &client->next;
            continue;
        }
        *at = client->next;
        text_free(&client->held);
        text_free(&client->queue);
        free(client);
    }
}
