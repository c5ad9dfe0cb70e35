/*
 * Load a filter, make calls, print what the kernel answers: one line per call, "ok", "errno N" or "signal N".
 *   seccomp-probe FILTER < CALLS        a call: abi (64, 32 or x32), number, three arguments, all decimal
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long call_64(long number, long a, long b, long c) {
    long result;
    register long d __asm__("r10") = 0;
    register long e __asm__("r8") = 0;
    register long f __asm__("r9") = 0;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(d), "r"(e), "r"(f)
                     : "rcx", "r11", "memory");
    return result;
}

/* The entry of 32-bit programs, which 64-bit ones may use too. */
static long call_32(long number, long a, long b, long c) {
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"((int)number), "b"((int)a), "c"((int)b), "d"((int)c), "S"(0), "D"(0)
                     : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static int install(const struct sock_fprog *program) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, program);
}

/* In a child of its own: a call may be answered by a signal. Its errno is the exit status. */
static void probe(const struct sock_fprog *program, const char *abi, long number, const long *args) {
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (install(program) < 0) _exit(255);
        long result = strcmp(abi, "32") == 0 ? call_32(number, args[0], args[1], args[2])
                                             : call_64(number, args[0], args[1], args[2]);
        _exit(result < 0 && result > -200 ? (int)-result : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) exit(1);
    if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status) == 0)
        printf("ok\n");
    else
        printf("errno %d\n", WEXITSTATUS(status));
    fflush(stdout);
}

int main(int argc, char **argv) {
    static struct sock_filter filter[BPF_MAXINSNS];
    struct sock_fprog program = {.filter = filter};
    char abi[4];
    long number;
    long args[3];

    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (file == NULL) return 2;
    program.len = (unsigned short)fread(filter, sizeof *filter, BPF_MAXINSNS, file);
    fclose(file);
    while (scanf("%3s %ld %ld %ld %ld", abi, &number, &args[0], &args[1], &args[2]) == 5)
        probe(&program, abi, number, args);
    return 0;
}
