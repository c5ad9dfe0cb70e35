/*
 * The dance (each box a stage of the plan, the names are those in ps):
 *
 *     cloche:launcher                                     the engine
 *         |<------------------ plan (fd 3) ---------------------|
 *      check it all
 *      stage launcher
 *         |--- clone ---> cloche:entering
 *      stage parent         waits on `go`
 *         |------ go ------>|
 *      waits on `ready`   stage container
 *         |<-- end of file: execve has closed it ---|
 *         |---------------- started (fd 4) ---------------->|
 *     cloche:monitor      PID 1 of the container
 *      stage exit, when it has ended
 *         |----------------- exit (fd 4) ------------------>|
 */
#include "context.h"
#include "ops.h"
#include "report.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void set_name(const struct context *context, const char *name) {
    size_t length = strlen(name);
    prctl(PR_SET_NAME, name);
    /* In place, as ps reads it there; a title that is too short (a shell started us) stays as it is. */
    if (length > context->title_room) return;
    memset(context->title, 0, context->title_room);
    memcpy(context->title, name, length);
}

static bool is_optional(const struct op *op) {
    return op->kind->optional >= 0 && op->arg[op->kind->optional].number;
}

/* In stage exit nobody is left to undo anything for: failures are told, and the rest still runs. */
static void run_exit_op(struct context *context, const struct op *op) {
    if (op->kind->run(context, op) < 0) report_op("warning", op, errno);
}

int run_stage(struct context *context, enum stage stage) {
    struct cursor cursor = context->plan.first[stage];
    struct progress *progress = context->progress;
    struct op op;
    while (plan_next(&context->plan, stage, &cursor, &op)) {
        if (stage == EXIT) {
            run_exit_op(context, &op);
            continue;
        }
        uint64_t since = nanoseconds();
        progress->current_index = op.index;
        if (op.kind->run(context, &op) < 0) {
            if (!is_optional(&op)) {
                progress->failed_index = op.index;
                progress->failed_errno = (uint32_t)errno;
                return -1;
            }
            progress->op[op.index].warning = errno;
        }
        progress->op[op.index].microseconds = (uint32_t)((nanoseconds() - since + 500) / 1000);
        progress->op[op.index].done = true;
    }
    return 0;
}

/* -- the child ---------------------------------------------------------------------------------------------------- */

/* What a process inherits over execve beside descriptors: ignored signals, the signal mask, the file mode mask. */
static void default_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    umask(022);
}

_Noreturn void container_main(struct context *context) {
    char byte;
    default_signals();
    set_name(context, "cloche:entering");
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* until execve: half a container is of no use to anybody */
    madvise(context->heir, sizeof(*context->heir), MADV_DONTFORK);
    close_fd(&context->go[1]);
    close_fd(&context->ready[0]);
    if (read(context->go[0], &byte, 1) != 1) _exit(1);
    run_stage(context, CONTAINER);
    _exit(1); /* execve came back, or an operation before it failed: progress tells */
}

/* -- the launcher ------------------------------------------------------------------------------------------------- */

static bool op_at(const struct context *context, uint32_t index, struct op *op) {
    for (int stage = 0; stage < STAGES; stage++) {
        struct cursor cursor = context->plan.first[stage];
        while (plan_next(&context->plan, (enum stage)stage, &cursor, op))
            if (op->index == index) return true;
    }
    return false;
}

static void undo(struct context *context) {
    if (context->child > 0) {
        kill(context->child, SIGKILL);
        waitpid(context->child, NULL, 0);
    }
    keeper_end(context);
    if (context->monitor.socket_path) unlink(context->monitor.socket_path);
    for (struct made_cgroup *made = context->made; made; made = made->older) cgroup_remove_made(made->path);
}

/* Everything is undone before it is told: who reads the error finds nothing left. */
static int fail(struct context *context) {
    struct progress *progress = context->progress;
    struct op op = {0};
    int status = 0;
    bool told = progress->failed_errno != 0;
    if (!told && context->child > 0) {
        kill(context->child, SIGKILL); /* dead already; its status tells what killed it */
        if (waitpid(context->child, &status, 0) == context->child) context->child = 0;
    }
    undo(context);
    if (!op_at(context, told ? progress->failed_index : progress->current_index, &op)) return 1;
    if (told)
        report_op("error", &op, (int)progress->failed_errno);
    else
        report_killed(&op, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return 1;
}

static void report_warnings(struct context *context) {
    struct op op;
    for (uint32_t i = 0; i < context->plan.count; i++)
        if (context->progress->op[i].warning && op_at(context, i, &op))
            report_op("warning", &op, context->progress->op[i].warning);
}

/* Our child is the one that went on. Its number is its own until we reap it. */
static bool follow_heir(struct context *context) {
    if (context->heir->pid == 0) return true;
    waitpid(context->child, NULL, 0);
    context->child = context->heir->pid;
    close_fd(&context->pidfd);
    context->pidfd = pidfd_open(context->child, 0);
    return context->pidfd >= 0;
}

/* Waits for the end of file that execve or death brings. True if execve was reached. */
static bool wait_for_execve(struct context *context) {
    char byte;
    struct progress *progress = context->progress;
    close_fd(&context->ready[1]);
    if (write(context->go[1], "", 1) != 1) return false;
    while (read(context->ready[0], &byte, 1) < 0 && errno == EINTR) continue;
    /* An heir can be traced, and what it wrote be anything: it may tell lies about itself, and no more. */
    uint64_t since = *(volatile uint64_t *)&progress->execve_since;
    uint32_t current = *(volatile uint32_t *)&progress->current_index;
    if (!follow_heir(context) || progress->failed_errno || !since || current >= context->plan.count) return false;
    progress->op[current].microseconds = (uint32_t)((nanoseconds() - since) / 1000);
    progress->op[current].done = true;
    return true;
}

/* What only the launch needed: the plan but for stage exit, the progress, the pipes, other processes' descriptors. */
static void forget_launch(struct context *context) {
    munmap(context->progress, context->progress_size);
    munmap(context->heir, sizeof(*context->heir));
    context->progress = NULL;
    context->heir = NULL;
    plan_keep_exit(&context->plan);
    close_fd(&context->go[1]);
    close_fd(&context->ready[0]);
    for (int i = 0; i < SLOTS; i++) {
        close_fd(&context->slot[i].pidfd);
        close_fd(&context->slot[i].root);
    }
}

static void context_init(struct context *context) {
    *context = (struct context){.pidfd = -1, .root = -1, .proc = -1, .home = -1, .child_user = -1, .cgroup = -1, .birth = {-1, 0}, .go = {-1, -1}, .ready = {-1, -1}};
    for (int i = 0; i < SLOTS; i++) context->slot[i] = (struct slot){-1, -1};
    struct monitor *monitor = &context->monitor;
    monitor->epoll = monitor->stdin_source.fd = monitor->listener.fd = monitor->signals.fd = -1;
    monitor->stream[0].source.fd = monitor->stream[1].source.fd = -1;
    monitor->pty_socket[0] = monitor->pty_socket[1] = -1;
    for (int i = 0; i < 3; i++) monitor->child_stdio[i] = -1;
}

/* Before the first operation. Nothing that the engine gave us is the container's. */
static void become_launcher(const struct context *context) {
    sigset_t child;
    set_name(context, "cloche:launcher");
    /* Before execve the child stands in a joined PID namespace, in the end with no more capabilities than others there:
     * they may neither trace it nor open its descriptors, root or memory (CVE-2016-9962). */
    prctl(PR_SET_DUMPABLE, 0);
    setsid(); /* fails if the engine did it already */
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int fd = PLAN_FD; fd <= CHANNEL_FD; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
    close_range(CHANNEL_FD + 1, ~0U, 0);
    umask(077);
}

/* Memory that the child and we write and read. */
static void *share(size_t size) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int launch(char *title, size_t room) {
    static struct context context;
    context_init(&context);
    context.title = title;
    context.title_room = room;
    become_launcher(&context);
    int found = plan_read(&context.plan, PLAN_FD);
    if (found == 0) return 0; /* a spare launcher whose engine is gone */
    if (found < 0 || plan_check(&context.plan) < 0) {
        report_refused(&context.plan);
        return 1;
    }
    close(PLAN_FD);
    context.progress_size = sizeof(struct progress) + context.plan.count * sizeof(context.progress->op[0]);
    context.progress = share(context.progress_size);
    context.heir = share(sizeof(*context.heir));
    if (context.progress == MAP_FAILED || context.heir == MAP_FAILED) return 1;
    if (run_stage(&context, LAUNCHER) < 0 || run_stage(&context, PARENT) < 0 || !wait_for_execve(&context))
        return fail(&context);
    if (monitor_open(&context) < 0) {
        context.progress->failed_index = context.progress->current_index;
        context.progress->failed_errno = (uint32_t)errno;
        return fail(&context);
    }
    set_name(&context, "cloche:monitor"); /* before anybody is told of it and looks */
    report_warnings(&context);
    report_started(&context);
    forget_launch(&context);
    monitor_run(&context);
    return 0;
}
