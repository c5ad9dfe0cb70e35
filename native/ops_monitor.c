/* Operations that prepare the monitor, before the fork. What they keep must outlive the plan. */
#include "context.h"
#include "ops.h"

#include <sys/socket.h>
#include <sys/un.h>

enum { MOST_LOG_FILES = 1000, CHANNEL_BUFFER = 1 << 20 };

int op_log_json(struct context *context, const struct op *op) {
    uint64_t files = op->arg[2].number < MOST_LOG_FILES ? op->arg[2].number : MOST_LOG_FILES;
    /* arg 3, compress: rotated files are compressed by the engine, the monitor only knows their names. */
    context->monitor.log = log_open(op->arg[0].bytes, op->arg[1].number, (uint32_t)files, op->arg[4].bytes);
    return context->monitor.log ? 0 : -1;
}

int op_listen(struct context *context, const struct op *op) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (op->arg[0].size >= sizeof(address.sun_path)) return errno = ENAMETOOLONG, -1;
    memcpy(address.sun_path, op->arg[0].bytes, op->arg[0].size);
    CLEANUP_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) return -1; /* 0600 by our umask */
    context->monitor.socket_path = keep(op->arg[0].bytes);
    if (listen(fd, 64) < 0) return -1;
    context->monitor.listener.fd = fd;
    fd = -1;
    return 0;
}

int op_exit_record(struct context *context, const struct op *op) {
    context->monitor.record_path = keep(op->arg[0].bytes);
    return 0;
}

/* Pipe number `which` of the process: the reading end of stdin, the writing end of stdout and stderr is the child's. */
static int make_pipe(struct monitor *monitor, int which, int *ours) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    monitor->child_stdio[which] = ends[which == 0 ? 0 : 1];
    *ours = ends[which == 0 ? 1 : 0];
    return 0;
}

int op_stdio(struct context *context, const struct op *op) {
    struct monitor *monitor = &context->monitor;
    monitor->pty = op->arg[0].number;
    monitor->rows = (uint16_t)op->arg[1].number;
    monitor->cols = (uint16_t)op->arg[2].number;
    monitor->keep_stdin = op->arg[3].number;
    monitor->stdin_once = op->arg[4].number;
    monitor->attached = op->arg[5].number;
    if (monitor->pty) return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, monitor->pty_socket);
    if (monitor->keep_stdin) {
        if (make_pipe(monitor, 0, &monitor->stdin_source.fd) < 0) return -1;
    } else if ((monitor->child_stdio[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
        return -1;
    }
    if (make_pipe(monitor, 1, &monitor->stream[0].source.fd) < 0) return -1;
    return make_pipe(monitor, 2, &monitor->stream[1].source.fd);
}

/*
 * The engine's connection itself instead of the pipes of stdin and stdout: nothing of it passes through us. Our two
 * descriptors of it are closed once the child has them (streams_open).
 */
int op_channel_stdio(struct context *context, const struct op *op) {
    (void)op;
    struct monitor *monitor = &context->monitor;
    const int size = CHANNEL_BUFFER;
    if (monitor->pty || monitor->keep_stdin || monitor->attached || monitor->child_stdio[1] < 0 ||
        monitor->channel_is_stdio)
        return errno = EINVAL, -1;
    int output = fcntl(CHANNEL_FD, F_DUPFD_CLOEXEC, CHANNEL_FD + 1);
    if (output < 0) return -1;
    monitor->channel_is_stdio = true;
    close_fd(&monitor->child_stdio[0]);
    close_fd(&monitor->child_stdio[1]);
    close_fd(&monitor->stream[0].source.fd);
    monitor->child_stdio[0] = CHANNEL_FD;
    monitor->child_stdio[1] = output;
    /* Beyond what is usual on the host; with less we only wait more often. */
    setsockopt(output, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
    return 0;
}
