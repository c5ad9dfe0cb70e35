/*
 * A cgroup that systemd makes (a scope). It wants a process to begin with, and it is removed, counters and all, as soon as the last
 * one has ended: sooner than we could read them. So a process of ours, the keeper, is its first and its last:
 *
 *     launcher                            engine                        systemd
 *         |-- fork --> cloche:keeper
 *         |-------- keeper (fd 4) -------->|
 *         |                                |---- StartTransientUnit ---->|
 *      waits for the keeper's arrival                                    | makes the cgroup, its limits, moves the keeper in
 *      moves it one below: a cgroup that holds processes itself cannot share its controllers out (cgroup-v2.rst,
 *      "No Internal Process Constraint"), and the container may want to.
 */
#include "context.h"
#include "ops.h"
#include "report.h"

#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Milliseconds between two looks, and how long systemd may take: more than the engine waits for its answer. */
enum { LOOK = 2, PATIENCE = 40000 };

/* Holds nothing but its place: descriptors of the container's stdio in its hands would keep them open. */
static _Noreturn void keeper_main(struct context *context, pid_t launcher) {
    set_name(context, "cloche:keeper");
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* of no use without its monitor */
    if (getppid() != launcher) _exit(1);
    close_range(0, ~0U, 0);
    plan_keep_exit(&context->plan); /* what the monitor gives back would be ours alone */
    malloc_trim(0);
    for (;;) pause();
}

static int spare_from_oom(pid_t pid) {
    char path[40];
    snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -1 : write_all(fd, "-1000", 5);
}

static void report_keeper(pid_t pid) {
    struct text line = {0};
    text_word(&line, "{\"event\":\"keeper\",\"pid\":");
    text_number(&line, pid);
    text_word(&line, "}\n");
    report(&line);
    text_free(&line);
}

static bool holds(const char *path, pid_t wanted) {
    char file[PATH_MAX];
    int pid;
    bool found = false;
    snprintf(file, sizeof(file), "%s/cgroup.procs", path);
    FILE *members = fopen(file, "re");
    if (!members) return false;
    while (!found && fscanf(members, "%d", &pid) == 1) found = pid == wanted;
    fclose(members);
    return found;
}

/* The engine gives up by closing its end. */
static int wait_for_arrival(const char *path, pid_t pid) {
    struct pollfd engine = {.fd = EVENTS_FD};
    for (uint64_t since = nanoseconds(); !holds(path, pid);) {
        if (nanoseconds() - since > PATIENCE * UINT64_C(1000000)) return errno = ETIMEDOUT, -1;
        if (poll(&engine, 1, LOOK) > 0 && engine.revents & (POLLHUP | POLLERR)) return errno = ECANCELED, -1;
    }
    return 0;
}

static int move_below(const char *path, const char *name, pid_t pid) {
    char place[PATH_MAX], text[16];
    snprintf(place, sizeof(place), "%s/%s", path, name);
    mode_t mask = umask(022);
    int made = mkdir(place, 0755);
    umask(mask);
    if (made < 0 && errno != EEXIST) return -1;
    snprintf(place, sizeof(place), "%s/%s/cgroup.procs", path, name);
    snprintf(text, sizeof(text), "%d", pid);
    CLEANUP_FD int fd = open(place, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -1 : write_all(fd, text, strlen(text));
}

int op_cgroup_keep(struct context *context, const struct op *op) {
    const char *path = op->arg[0].bytes, *name = op->arg[1].bytes;
    pid_t launcher = getpid();
    if (op->arg[0].size + op->arg[1].size + 20 > PATH_MAX || strchr(name, '/')) return errno = EINVAL, -1;
    context->keeper = fork();
    if (context->keeper == 0) keeper_main(context, launcher);
    if (context->keeper < 0) return -1;
    spare_from_oom(context->keeper); /* takes CAP_SYS_RESOURCE; it is the smallest in there anyway */
    report_keeper(context->keeper);
    if (wait_for_arrival(path, context->keeper) < 0) return -1;
    return move_below(path, name, context->keeper);
}

void keeper_end(struct context *context) {
    if (context->keeper <= 0) return;
    kill(context->keeper, SIGKILL);
    waitpid(context->keeper, NULL, 0);
    context->keeper = 0;
}
