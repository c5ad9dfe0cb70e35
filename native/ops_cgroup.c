/* cgroups of both versions: cgroups(7). */
#include "context.h"
#include "ops.h"

#include <dirent.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* Attempts 5 ms apart: a process that has been killed leaves its cgroup a moment later. */
enum { ATTEMPTS = 400 };
static const struct timespec PAUSE = {0, 5000000};

static ssize_t read_text(int directory, const char *name, char *text, size_t room) {
    CLEANUP_FD int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, room - 1);
    if (length >= 0) text[length] = 0;
    return length;
}

static int write_text(int directory, const char *name, const char *text) {
    CLEANUP_FD int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -1 : write_all(fd, text, strlen(text));
}

/* A new cgroup v1 cpuset is empty and takes no process before it has CPUs and memory nodes (cpuset(7)). */
static int inherit_cpuset(const char *path) {
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
    char parent_file[32], text[4096];
    struct statfs fs;
    CLEANUP_FD int directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return -1;
    if (faccessat(directory, files[0], F_OK, 0) < 0) return errno == ENOENT ? 0 : -1; /* no cpuset hierarchy */
    if (fstatfs(directory, &fs) < 0) return -1;
    if (fs.f_type != CGROUP_SUPER_MAGIC) return 0;
    for (size_t i = 0; i < LENGTH(files); i++) {
        ssize_t length = read_text(directory, files[i], text, sizeof(text));
        if (length < 0) return -1;
        if (length > 1) continue; /* more than a line end: cgroup.clone_children has done it */
        snprintf(parent_file, sizeof(parent_file), "../%s", files[i]);
        if (read_text(directory, parent_file, text, sizeof(text)) < 0) return -1;
        if (write_text(directory, files[i], text) < 0) return -1;
    }
    return 0;
}

static int make_cgroup(struct context *context, const char *path) {
    if (mkdir(path, 0755) < 0) return errno == EEXIST ? 0 : -1;
    struct made_cgroup *made = malloc(sizeof(*made));
    if (!made) abort();
    *made = (struct made_cgroup){keep(path), context->made};
    context->made = made;
    return inherit_cpuset(path);
}

int op_cgroup_create(struct context *context, const struct op *op) {
    char path[PATH_MAX];
    if (op->arg[0].size >= sizeof(path)) return errno = ENAMETOOLONG, -1;
    memcpy(path, op->arg[0].bytes, op->arg[0].size + 1);
    mode_t mask = umask(022);
    /* Mostly all but the last is there: one mkdir instead of one for each name. */
    int result = make_cgroup(context, path);
    bool parents = result < 0 && errno == ENOENT;
    if (parents) result = 0;
    for (char *slash = path; parents && result == 0 && slash;) {
        slash = strchr(slash + 1, '/');
        if (slash) *slash = 0;
        result = make_cgroup(context, path);
        if (slash) *slash = '/';
    }
    umask(mask);
    return result;
}

/* For clone: the child is born in it. */
static int keep_for_clone(struct context *context, int *directory) {
    close_fd(&context->cgroup);
    context->cgroup = *directory;
    *directory = -1;
    return 0;
}

/* By one path: v2 has no such file, and whatever fails here is told by the longer way. */
static int join_by_tasks(const char *path) {
    char file[PATH_MAX];
    if (snprintf(file, sizeof(file), "%s/tasks", path) >= (int)sizeof(file)) return -1;
    return write_text(AT_FDCWD, file, "0");
}

/*
 * A move by cgroup.procs takes the lock on all forks of the machine, and waits an RCU grace period for it: some 10 ms.
 * Two ways go without: to be born in a v2 cgroup (stage launcher; CLONE_INTO_CGROUP, Linux 5.7), and v1's file for
 * threads, where "0", the caller itself, needs no lock (Linux 5.5, "cgroup: Optimize single thread migration").
 */
int op_cgroup_join(struct context *context, const struct op *op) {
    char pid[16];
    struct statfs fs;
    if (op->stage == CONTAINER && join_by_tasks(op->arg[0].bytes) == 0) return 0;
    CLEANUP_FD int directory = open(op->arg[0].bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 || fstatfs(directory, &fs) < 0) return -1;
    bool v2 = fs.f_type == CGROUP2_SUPER_MAGIC;
    if (op->stage == LAUNCHER) return v2 ? keep_for_clone(context, &directory) : (errno = EINVAL, -1);
    if (op->stage == CONTAINER && !v2) return write_text(directory, "tasks", "0");
    snprintf(pid, sizeof(pid), "%d", op->stage == PARENT ? context->child : 0);
    return write_text(directory, "cgroup.procs", pid);
}

int op_cgroup_device_program(struct context *context, const struct op *op) {
    (void)context;
    CLEANUP_FD int cgroup = open(op->arg[0].bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup < 0) return -1;
    union bpf_attr load = {0}, attach = {0};
    load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    load.insns = (uint64_t)(uintptr_t)op->arg[1].bytes;
    load.insn_cnt = op->arg[1].size / 8;
    load.license = (uint64_t)(uintptr_t) "Apache-2.0";
    CLEANUP_FD int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
    if (program < 0) return -1;
    attach.target_fd = (uint32_t)cgroup;
    attach.attach_bpf_fd = (uint32_t)program;
    attach.attach_type = BPF_CGROUP_DEVICE;
    attach.attach_flags = BPF_F_ALLOW_MULTI;
    return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach));
}

/* Calls `visit` for the cgroup and all below it, children first. The first error stops it. */
static int walk(const char *path, int (*visit)(const char *path)) {
    char child[PATH_MAX];
    struct dirent *entry;
    int result = 0;
    DIR *directory = opendir(path);
    if (!directory) return -1;
    while (result == 0 && (entry = readdir(directory))) {
        if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >= (int)sizeof(child)) continue;
        result = walk(child, visit);
        if (result < 0 && errno == ENOENT) result = 0; /* gone meanwhile */
    }
    closedir(directory);
    return result < 0 ? result : visit(path);
}

/* EBUSY while a process is in it. */
static int kill_members(const char *path) {
    char file[PATH_MAX];
    int pid, found = 0;
    snprintf(file, sizeof(file), "%s/cgroup.procs", path);
    FILE *members = fopen(file, "re");
    if (!members) return -1;
    while (fscanf(members, "%d", &pid) == 1) {
        found++;
        if (pid > 1) kill(pid, SIGKILL);
    }
    fclose(members);
    return found ? (errno = EBUSY, -1) : 0;
}

/* Does it again while the answer is EBUSY, for ATTEMPTS * PAUSE = 2 s. */
static int insist(const char *path, int (*visit)(const char *path)) {
    for (int attempt = 0;; attempt++) {
        /* rmdir first: it alone does when nothing was made below. */
        if ((visit == rmdir && rmdir(path) == 0) || walk(path, visit) == 0 || errno == ENOENT) return 0;
        if (errno != EBUSY || attempt == ATTEMPTS) return -1;
        nanosleep(&PAUSE, NULL);
    }
}

int op_cgroup_kill(struct context *context, const struct op *op) {
    (void)context;
    CLEANUP_FD int directory = open(op->arg[0].bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return errno == ENOENT ? 0 : -1;
    write_text(directory, "cgroup.kill", "1"); /* v2 from Linux 5.14 on: also what forks meanwhile; else one by one */
    return insist(op->arg[0].bytes, kill_members);
}

int op_cgroup_remove(struct context *context, const struct op *op) {
    (void)context;
    return insist(op->arg[0].bytes, rmdir);
}

static int remove_one(const char *path) {
    if (rmdir(path) == 0) return 0;
    return errno == EBUSY ? -1 : 0;
}

/* Others may have put theirs below it meanwhile (a shared parent): then it stays, at once. */
void cgroup_remove_made(const char *path) {
    for (int attempt = 0; attempt < 20 && remove_one(path) < 0; attempt++) nanosleep(&PAUSE, NULL);
}

/* The number behind `key` in a file of "key number" lines; the file's own if key is "". */
static bool find_number(const char *text, const char *key, long long *number) {
    size_t length = strlen(key);
    if (length == 0) return sscanf(text, "%lld", number) == 1;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, length) == 0 && line[length] == ' ') return sscanf(line + length, "%lld", number) == 1;
    }
    return false;
}

int op_read_counter(struct context *context, const struct op *op) {
    struct text *counters = &context->monitor.counters;
    char text[4096];
    long long number;
    if (read_text(AT_FDCWD, op->arg[1].bytes, text, sizeof(text)) < 0) return -1;
    if (!find_number(text, op->arg[2].bytes, &number)) return errno = ENOENT, -1;
    text_word(counters, counters->length ? ",\"" : "\"");
    text_json(counters, op->arg[0].bytes, op->arg[0].size);
    text_word(counters, "\":");
    text_number(counters, number);
    return 0;
}
