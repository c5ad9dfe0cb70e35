/* Other processes' namespaces, and the child's birth. */
#include "context.h"
#include "ops.h"
#include "report.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct slot *slot_at(struct context *context, uint64_t number) {
    if (number < SLOTS) return &context->slot[number];
    errno = EINVAL;
    return NULL;
}

/*
 * The pidfd comes first: if the start time that is read after it is the expected one, the pidfd holds the process that
 * was meant, and not one that got its number later.
 */
int op_open_process(struct context *context, const struct op *op) {
    struct slot *slot = slot_at(context, op->arg[0].number);
    pid_t pid = (pid_t)op->arg[1].number;
    char path[32];
    if (!slot) return -1;
    if ((slot->pidfd = pidfd_open(pid, 0)) < 0) return -1;
    snprintf(path, sizeof(path), "/proc/%d/root", pid);
    slot->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (slot->root < 0) return -1;
    if (start_time(pid) != op->arg[2].number) return errno = ESRCH, -1;
    return pidfd_send_signal(slot->pidfd, 0, NULL, 0); /* alive still: all that was read of /proc/PID was its own */
}

int op_setns(struct context *context, const struct op *op) {
    struct slot *slot = slot_at(context, op->arg[0].number);
    return slot ? setns(slot->pidfd, (int)op->arg[1].number) : -1;
}

int op_setns_path(struct context *context, const struct op *op) {
    (void)context;
    CLEANUP_FD int fd = open(op->arg[0].bytes, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -1 : setns(fd, (int)op->arg[1].number);
}

int op_chroot_process(struct context *context, const struct op *op) {
    struct slot *slot = slot_at(context, op->arg[0].number);
    if (!slot || fchdir(slot->root) < 0 || chroot(".") < 0) return -1;
    close_fd(&context->root);
    return 0;
}

int op_unshare(struct context *context, const struct op *op) {
    (void)context;
    return unshare((int)op->arg[0].number);
}

int op_child_setns(struct context *context, const struct op *op) {
    struct slot *slot = slot_at(context, op->arg[0].number);
    if (!slot) return -1;
    context->birth.pidfd = slot->pidfd;
    context->birth.flags = (int)op->arg[1].number;
    return 0;
}

/* Without CLONE_VM and a stack, clone3(2) is fork(2) with flags: the child goes on here, in a copy of all this. */
static pid_t make_child(struct context *context, struct clone_args *arguments) {
    if (context->cgroup >= 0) {
        arguments->flags |= CLONE_INTO_CGROUP;
        arguments->cgroup = (uint64_t)context->cgroup;
    }
    long pid = syscall(SYS_clone3, arguments, sizeof(*arguments));
    if (pid == 0) container_main(context);
    return (pid_t)pid;
}

/*
 * Who enters another user namespace leaves all power over the host behind and does not get back. So an envoy does: it makes the child
 * in there, as the launcher's own (CLONE_PARENT), with the namespaces that are to belong to that user namespace, and ends. In the
 * PID namespace it never is itself.
 */
static _Noreturn void send_envoy(struct context *context) {
    set_name(context, "cloche:envoy");
    if (setns(context->birth.pidfd, context->birth.flags) < 0) _exit(errno);
    /* The signal at its end is the envoy's own: clone3(2) wants 0 here. */
    struct clone_args arguments = {
        .flags = context->clone_flags | CLONE_PARENT | CLONE_PARENT_SETTID,
        .parent_tid = (uint64_t)(uintptr_t)&context->heir->pid,
    };
    _exit(make_child(context, &arguments) < 0 ? errno : 0);
}

static pid_t make_child_elsewhere(struct context *context) {
    int status;
    pid_t envoy = fork();
    if (envoy < 0) return -1;
    if (envoy == 0) send_envoy(context);
    if (waitpid(envoy, &status, 0) != envoy) return -1;
    pid_t child = context->heir->pid;
    context->heir->pid = 0;
    if (child == 0) return errno = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : ECANCELED, -1;
    context->child = child; /* from here on it is undone */
    context->pidfd = pidfd_open(child, 0);
    return context->pidfd < 0 ? -1 : child;
}

int op_clone(struct context *context, const struct op *op) {
    if (pipe2(context->go, O_CLOEXEC) < 0 || pipe2(context->ready, O_CLOEXEC) < 0) return -1;
    context->clone_flags = op->arg[0].number;
    struct clone_args arguments = {
        .flags = context->clone_flags | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)&context->pidfd,
        .exit_signal = SIGCHLD,
    };
    pid_t pid = context->birth.pidfd < 0 ? make_child(context, &arguments) : make_child_elsewhere(context);
    if (pid < 0) return -1;
    context->child = pid;
    close_fd(&context->go[0]);
    close_fd(&context->cgroup);
    return 0;
}

/*
 * As long as a process has more power than those of the PID namespace it is going to, it stays outside: whoever may trace
 * could else take that power over. So this one, by now without any, ends; what goes on is another child of the launcher's,
 * born inside. clone(2), as filters tend to know clone3(2) not; the kernel writes the number before the child runs.
 */
int op_hand_over(struct context *context, const struct op *op) {
    (void)op;
    signal(SIGHUP, SIG_IGN); /* what giving up the terminal brings */
    if (context->monitor.pty && ioctl(STDIN_FILENO, TIOCNOTTY) < 0) return -1;
    signal(SIGHUP, SIG_DFL);
    int flags = CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD;
    long pid = syscall(SYS_clone, flags, NULL, &context->heir->pid, NULL, NULL);
    if (pid < 0) return -1;
    if (pid > 0) _exit(0);
    if (setsid() < 0) return -1;
    return context->monitor.pty ? ioctl(STDIN_FILENO, TIOCSCTTY, 0) : 0;
}

/* For work that only the engine wants: the monitor's death is its child's (container_main). */
int op_end_with_engine(struct context *context, const struct op *op) {
    (void)context, (void)op;
    return prctl(PR_SET_PDEATHSIG, SIGKILL);
}
