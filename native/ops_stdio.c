/* What the process gets as 0, 1 and 2. */
#include "context.h"
#include "ops.h"
#include "root.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <termios.h>

int op_pipes(struct context *context, const struct op *op) {
    (void)op;
    const struct monitor *monitor = &context->monitor;
    if (monitor->pty) return errno = EINVAL, -1;
    setsid(); /* fails if we lead a session already */
    for (int i = 0; i < 3; i++)
        if (dup2(monitor->child_stdio[i], i) < 0) return -1;
    return 0;
}

static int send_terminal(int socket, int master) {
    char byte = 0;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec data = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &master, sizeof(int));
    return sendmsg(socket, &message, 0) < 0 ? -1 : 0;
}

/* The multiplexer of the container's own devpts, so that the terminal has a name in there. */
static int open_master(int root) {
    struct statfs fs;
    CLEANUP_FD int master =
        root_open_how(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
    if (master < 0 || fstatfs(master, &fs) < 0) return -1;
    if (fs.f_type != DEVPTS_SUPER_MAGIC) return errno = ENOTTY, -1;
    int unlocked = 0, result = master;
    if (ioctl(master, TIOCSPTLCK, &unlocked) < 0) return -1;
    master = -1;
    return result;
}

/* The slave is bound by its descriptor: its path, which the container could exchange, is never used (CVE-2025-52565).
 */
static int bind_console(int root, int slave) {
    struct missing missing = {MAKE_FILE, 0666, false};
    CLEANUP_FD int target = root_make(root, "/dev/console", &missing);
    if (target < 0) return -1;
    CLEANUP_FD int tree = open_tree(slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (tree < 0) return -1;
    return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* 0x0: a terminal without a size, as docker's is before the client tells one. */
static int set_size(const struct monitor *monitor, int fd) {
    struct winsize size = {.ws_row = monitor->rows, .ws_col = monitor->cols};
    return monitor->rows && monitor->cols ? ioctl(fd, TIOCSWINSZ, &size) : 0;
}

int op_pty(struct context *context, const struct op *op) {
    const struct monitor *monitor = &context->monitor;
    if (!monitor->pty) return errno = EINVAL, -1;
    int root = context_root(context);
    CLEANUP_FD int master = open_master(root);
    if (master < 0) return -1;
    CLEANUP_FD int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0 || fchown(slave, (uid_t)op->arg[1].number, (gid_t)op->arg[2].number) < 0) return -1;
    if (set_size(monitor, master) < 0) return -1;
    if (op->arg[0].number && bind_console(root, slave) < 0) return -1;
    setsid();
    if (ioctl(slave, TIOCSCTTY, 0) < 0) return -1;
    for (int i = 0; i < 3; i++)
        if (dup2(slave, i) < 0) return -1;
    return send_terminal(monitor->pty_socket[1], master);
}
