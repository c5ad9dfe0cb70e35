#include "monitor.h"

#include "context.h"
#include "report.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

/* How long a client may do nothing, neither read nor close, after the end, in milliseconds. */
enum { LINGER = 30000 };

void source_watch(struct monitor *monitor, struct source *source, uint32_t events) {
    if (source->fd < 0 || source->events == events) return;
    struct epoll_event event = {.events = events, .data.ptr = source};
    /* EPOLLHUP cannot be masked: what waits for nothing must leave the loop, or it would wake us again and again. */
    if (events == 0)
        epoll_ctl(monitor->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    else if (epoll_ctl(monitor->epoll, EPOLL_CTL_MOD, source->fd, &event) < 0)
        epoll_ctl(monitor->epoll, EPOLL_CTL_ADD, source->fd, &event);
    source->events = events;
}

void source_close(struct monitor *monitor, struct source *source) {
    if (source->fd < 0) return;
    epoll_ctl(monitor->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    close_fd(&source->fd);
    source->events = 0;
}

static void reap(struct context *context) {
    struct monitor *monitor = &context->monitor;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid != context->child) continue; /* an orphan of a container without a pid namespace */
        clock_gettime(CLOCK_REALTIME, &monitor->finished);
        monitor->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        monitor->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        monitor->died = true;
    }
}

static void child_signal(struct context *context, struct source *source, uint32_t events) {
    (void)events;
    struct signalfd_siginfo ignored;
    while (read(source->fd, &ignored, sizeof(ignored)) > 0) continue;
    reap(context);
}

int monitor_open(struct context *context) {
    struct monitor *monitor = &context->monitor;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD); /* blocked since the launcher began */
    monitor->buffer = mmap(NULL, MONITOR_BUFFER, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    monitor->epoll = epoll_create1(EPOLL_CLOEXEC);
    monitor->signals.fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (monitor->buffer == MAP_FAILED || monitor->epoll < 0 || monitor->signals.fd < 0) return -1;
    if (streams_open(context) < 0) return -1;
    monitor->signals.ready = child_signal;
    source_watch(monitor, &monitor->signals, EPOLLIN);
    monitor->listener.ready = clients_accept;
    source_watch(monitor, &monitor->listener, EPOLLIN);
    if (!monitor->channel_is_stdio && fcntl(CHANNEL_FD, F_GETFD) >= 0)
        client_add(context, CHANNEL_FD)->mask = monitor->attached ? WAIT | 3 : 0;
    return 0;
}

/* Beside it first, then renamed: whoever finds a record finds a whole one. */
static void write_record(const struct monitor *monitor, const struct text *record) {
    size_t room = strlen(monitor->record_path) + 8;
    char path[room];
    snprintf(path, room, "%s.new", monitor->record_path);
    CLEANUP_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0 && write_all(fd, record->at, record->length) == 0) rename(path, monitor->record_path);
}

/* The order is the promise: all output is in the log, the record is on disk, the engine is told, the clients are told.
 */
static void finish(struct context *context) {
    struct monitor *monitor = &context->monitor;
    struct text record = {0};
    run_stage(context, EXIT);
    reap(context); /* what stage exit has killed */
    streams_drain(context);
    exit_text(&record, monitor);
    if (monitor->record_path) write_record(monitor, &record);
    report(&record);
    text_free(&record);
    clients_tell_end(context);
    source_close(monitor, &monitor->listener);
    if (monitor->socket_path) unlink(monitor->socket_path);
    stdin_close(context);
    clients_unblock(context); /* what they still send is for nobody */
    monitor->ended = true;
}

/* After a burst of output: a monitor lives as long as its container, there may be hundreds of them. */
static void give_memory_back(struct monitor *monitor) {
    madvise(monitor->buffer, MONITOR_BUFFER, MADV_DONTNEED);
    if (monitor->log) text_free(&monitor->log->batch);
    malloc_trim(0);
    monitor->touched = false;
}

void monitor_run(struct context *context) {
    struct monitor *monitor = &context->monitor;
    while (!monitor->ended || clients_farewell(context)) {
        struct epoll_event events[16];
        int timeout = monitor->ended ? LINGER : monitor->touched ? 1000 : -1;
        int count = epoll_wait(monitor->epoll, events, LENGTH(events), timeout);
        if (count == 0 && monitor->ended) return;
        if (count == 0) give_memory_back(monitor);
        for (int i = 0; i < count; i++) {
            struct source *source = events[i].data.ptr;
            source->ready(context, source, events[i].events);
        }
        clients_sweep(context);
        streams_watch(context);
        if (monitor->died && !monitor->ended) finish(context);
    }
}
