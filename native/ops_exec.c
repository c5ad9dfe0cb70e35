/* The last steps: the container's init if one is wanted, and execve. */
#include "context.h"
#include "ops.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* All but the pipe whose end tells of execve: what is not there any more cannot be taken from us. */
int op_close_range(struct context *context, const struct op *op) {
    unsigned first = (unsigned)op->arg[0].number, kept = (unsigned)context->ready[1];
    if (first > kept) return close_range(first, ~0U, 0);
    if (first < kept && close_range(first, kept - 1, 0) < 0) return -1;
    return close_range(kept + 1, ~0U, 0);
}

/* -- init: PID 1 of the container, reaps what is orphaned and passes signals on ------------------------------------ */

/* Waits for all that has ended; ends itself, with its code, when the one child has. */
static void reap_until(pid_t child) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static _Noreturn void serve_as_init(const struct context *context, pid_t child, const sigset_t *signals) {
    set_name(context, "cloche:init");
    prctl(PR_SET_PDEATHSIG, 0);
    close_range(0, ~0U, 0); /* who holds a pipe of the process keeps its readers waiting */
    for (;;) {
        int number = sigwaitinfo(signals, NULL);
        reap_until(child);
        if (number > 0 && number != SIGCHLD) kill(child, number);
    }
}

/* The child leads the terminal's foreground group, so that ^C reaches it and not init. */
static int take_terminal(void) {
    if (setpgid(0, 0) < 0) return -1;
    if (!isatty(STDIN_FILENO)) return 0;
    signal(SIGTTOU, SIG_IGN);
    int result = tcsetpgrp(STDIN_FILENO, getpid());
    signal(SIGTTOU, SIG_DFL);
    return result;
}

int op_init(struct context *context, const struct op *op) {
    (void)op;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &all, NULL) < 0) return -1;
    pid_t child = fork();
    if (child < 0) return -1;
    if (child > 0) serve_as_init(context, child, &all);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return take_terminal() < 0 ? -1 : sigprocmask(SIG_SETMASK, &none, NULL);
}

/* -- execve ------------------------------------------------------------------------------------------------------- */

/* A NULL-terminated vector of the texts of a list; in memory of its own, gone with execve. */
static char **vector(const struct argument *list) {
    size_t count = 0, next = 0;
    for (uint32_t i = 0; i < list->size; i++) count += list->bytes[i] == 0;
    size_t size = (count + 1) * sizeof(char *);
    char **texts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (texts == MAP_FAILED) return NULL;
    for (uint32_t at = 0; at < list->size; at += (uint32_t)strlen(list->bytes + at) + 1)
        texts[next++] = (char *)(uintptr_t)list->bytes + at;
    return texts;
}

/* As Go's exec.LookPath, and so docker: what is no executable file is passed over. */
static bool is_executable(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

static const char *find_program(const char *name, const char *search, char path[PATH_MAX]) {
    if (strchr(name, '/')) return name;
    for (const char *at = search; *name && *at; at += *at == ':') {
        int length = (int)strcspn(at, ":");
        const char *directory = length ? at : ".";
        at += length;
        if (snprintf(path, PATH_MAX, "%.*s/%s", length ? length : 1, directory, name) >= PATH_MAX) continue;
        if (is_executable(path)) return path;
    }
    return NULL;
}

int op_execve(struct context *context, const struct op *op) {
    char path[PATH_MAX];
    char **arguments = vector(&op->arg[0]), **environment = vector(&op->arg[1]);
    if (!arguments || !environment) return -1;
    const char *program = find_program(arguments[0], op->arg[2].bytes, path);
    if (!program) return errno = ENOENT, -1;
    if (prctl(PR_SET_PDEATHSIG, 0) < 0) return -1; /* from here on it may outlive a monitor that is killed */
    context->progress->execve_since = nanoseconds();
    execve(program, arguments, environment);
    context->progress->execve_since = 0;
    return -1;
}
