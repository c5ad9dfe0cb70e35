#include "context.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* What a writer can have left in a pipe or terminal when the process ends (pipe(7): at most 1 MiB by default). */
enum { MAX_LEFT = 1 << 20 };

static void stream_end(struct context *context, struct stream *stream) {
    struct monitor *monitor = &context->monitor;
    if (stream->source.fd < 0) return;
    if (monitor->pty) monitor->stdin_source.fd = -1; /* the same descriptor */
    source_close(monitor, &stream->source);
    if (monitor->log) log_end(monitor->log, stream->number);
}

/* One read. False when there is nothing now, or no more at all. */
static ssize_t pump(struct context *context, struct stream *stream) {
    struct monitor *monitor = &context->monitor;
    monitor->touched = true;
    ssize_t got = read(stream->source.fd, monitor->buffer, MONITOR_BUFFER);
    if (got > 0) {
        if (monitor->log) log_write(monitor->log, stream->number, monitor->buffer, (size_t)got);
        clients_output(context, stream->number, monitor->buffer, (size_t)got);
        return got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    stream_end(context,
               stream); /* a terminal says EIO when its last user has closed it (tty_ioctl(4) is silent on it) */
    return 0;
}

static void stream_ready(struct context *context, struct source *source, uint32_t events) {
    struct stream *stream = (struct stream *)source;
    if (events & EPOLLOUT) clients_unblock(context);
    if (source->fd >= 0 && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pump(context, stream);
}

static void stdin_ready(struct context *context, struct source *source, uint32_t events) {
    (void)source, (void)events;
    clients_unblock(context);
}

static int receive_terminal(int socket) {
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) < 1) return -1;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    int fd = -1;
    if (rights && rights->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(rights), sizeof(fd));
    return fd;
}

static void watch_stream(struct monitor *monitor, int number) {
    struct stream *stream = &monitor->stream[number - 1];
    stream->number = (uint8_t)number;
    stream->source.ready = stream_ready;
    fcntl(stream->source.fd, F_SETFL, O_NONBLOCK | O_RDWR);
    source_watch(monitor, &stream->source, EPOLLIN);
}

int streams_open(struct context *context) {
    struct monitor *monitor = &context->monitor;
    for (int i = 0; i < 3; i++) close_fd(&monitor->child_stdio[i]);
    close_fd(&monitor->pty_socket[1]);
    if (monitor->pty) {
        int master = receive_terminal(monitor->pty_socket[0]);
        close_fd(&monitor->pty_socket[0]);
        if (master < 0) return -1;
        monitor->stream[0].source.fd = master;
        monitor->stdin_source.fd = monitor->keep_stdin ? master : -1;
    }
    watch_stream(monitor, 1);
    if (!monitor->pty) {
        watch_stream(monitor, 2);
        if (monitor->stdin_source.fd >= 0) fcntl(monitor->stdin_source.fd, F_SETFL, O_NONBLOCK | O_WRONLY);
        monitor->stdin_source.ready = stdin_ready;
    }
    return 0;
}

void streams_watch(struct context *context) {
    struct monitor *monitor = &context->monitor;
    uint32_t input = clients_hold(context) ? 0 : EPOLLIN;
    for (int i = 0; i < 2; i++) {
        struct source *source = &monitor->stream[i].source;
        source_watch(monitor, source, (source->events & EPOLLOUT) | input);
    }
}

void streams_drain(struct context *context) {
    for (int i = 0; i < 2; i++) {
        struct stream *stream = &context->monitor.stream[i];
        ssize_t got = 1;
        for (ssize_t total = 0; stream->source.fd >= 0 && got > 0 && total < MAX_LEFT; total += got)
            got = pump(context, stream);
        stream_end(context, stream); /* others may still hold the writing end: they are not waited for */
    }
}

/* Ask to be woken when stdin has room, or no longer. */
static void stdin_wait(struct monitor *monitor, bool wait) {
    if (!monitor->pty)
        source_watch(monitor, &monitor->stdin_source, wait ? EPOLLOUT : 0);
    else if (monitor->stream[0].source.fd >= 0)
        source_watch(monitor, &monitor->stream[0].source, EPOLLIN | (wait ? EPOLLOUT : 0));
}

size_t stdin_write(struct context *context, const char *bytes, size_t length) {
    struct monitor *monitor = &context->monitor;
    size_t done = 0;
    while (done < length) {
        if (monitor->stdin_source.fd < 0) return length;
        ssize_t written = write(monitor->stdin_source.fd, bytes + done, length - done);
        if (written >= 0)
            done += (size_t)written;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            stdin_close(context); /* EPIPE: nobody reads it any more */
    }
    if (monitor->stdin_source.fd >= 0) stdin_wait(monitor, done < length);
    return done;
}

void stdin_close(struct context *context) {
    struct monitor *monitor = &context->monitor;
    if (monitor->pty)
        monitor->stdin_source.fd = -1; /* half a terminal cannot be closed */
    else
        source_close(monitor, &monitor->stdin_source);
}

int stdin_resize(struct context *context, uint16_t rows, uint16_t cols) {
    struct monitor *monitor = &context->monitor;
    struct winsize size = {.ws_row = rows, .ws_col = cols};
    if (!monitor->pty)
        errno = ENOTTY;
    else if (monitor->stream[0].source.fd < 0)
        errno = ESRCH;
    else
        return ioctl(monitor->stream[0].source.fd, TIOCSWINSZ, &size);
    return -1;
}
