/* Who the process is and what it may: names, user, capabilities, limits, seccomp. */
#include "context.h"
#include "ops.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int op_sethostname(struct context *context, const struct op *op) {
    (void)context;
    return sethostname(op->arg[0].bytes, op->arg[0].size);
}

int op_setdomainname(struct context *context, const struct op *op) {
    (void)context;
    return setdomainname(op->arg[0].bytes, op->arg[0].size);
}

int op_umask(struct context *context, const struct op *op) {
    (void)context;
    umask((mode_t)op->arg[0].number);
    return 0;
}

int op_rlimit(struct context *context, const struct op *op) {
    (void)context;
    struct rlimit limit = {op->arg[1].number, op->arg[2].number}; /* -1 is RLIM_INFINITY */
    return setrlimit((int)op->arg[0].number, &limit);
}

int op_cap_bounding(struct context *context, const struct op *op) {
    (void)context;
    for (int capability = 0; capability < 64; capability++) {
        int present = prctl(PR_CAPBSET_READ, capability);
        if (present < 0) return 0; /* beyond the kernel's last one */
        if (present && !(op->arg[0].number >> capability & 1) && prctl(PR_CAPBSET_DROP, capability) < 0) return -1;
    }
    return 0;
}

/* So that a program which is not root can open /dev/stdout, which leads to the pipe's own inode. */
static int own_pipes(uid_t uid) {
    struct stat status;
    for (int fd = 0; fd < 3; fd++) {
        if (fstat(fd, &status) < 0) return -1;
        if (S_ISFIFO(status.st_mode) && fchown(fd, uid, (gid_t)-1) < 0) return -1;
    }
    return 0;
}

int op_set_user(struct context *context, const struct op *op) {
    (void)context;
    uid_t uid = (uid_t)op->arg[0].number;
    gid_t gid = (gid_t)op->arg[1].number;
    if (op->arg[0].number >= UINT32_MAX || op->arg[1].number >= UINT32_MAX) return errno = EINVAL, -1; /* -1: keep */
    gid_t groups[op->arg[2].size / sizeof(gid_t) + 1];
    memcpy(groups, op->arg[2].bytes, op->arg[2].size);
    int at_death = 0; /* of the launcher: a change of user clears it (prctl(2)) */
    if (own_pipes(uid) < 0 || prctl(PR_GET_PDEATHSIG, &at_death) < 0) return -1;
    if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setgroups(op->arg[2].size / sizeof(gid_t), groups) < 0) return -1;
    if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0) return -1;
    prctl(PR_SET_PDEATHSIG, at_death);
    prctl(PR_SET_DUMPABLE, 0); /* a change of user sets it to fs.suid_dumpable (prctl(2)) */
    return prctl(PR_SET_KEEPCAPS, 0);
}

static int set_ambient(uint64_t mask) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
    for (int capability = 0; capability < 64; capability++)
        if (mask >> capability & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0) return -1;
    return 0;
}

int op_capabilities(struct context *context, const struct op *op) {
    (void)context;
    enum { EFFECTIVE, PERMITTED, INHERITABLE, AMBIENT };
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    for (int half = 0; half < 2; half++)
        data[half] = (struct __user_cap_data_struct){
            .effective = (uint32_t)(op->arg[EFFECTIVE].number >> 32 * half),
            .permitted = (uint32_t)(op->arg[PERMITTED].number >> 32 * half),
            .inheritable = (uint32_t)(op->arg[INHERITABLE].number >> 32 * half),
        };
    if (syscall(SYS_capset, &header, data) < 0) return -1;
    return set_ambient(op->arg[AMBIENT].number);
}

int op_no_new_privs(struct context *context, const struct op *op) {
    (void)context, (void)op;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int op_seccomp(struct context *context, const struct op *op) {
    (void)context;
    struct sock_fprog program = {
        .len = (unsigned short)(op->arg[1].size / sizeof(struct sock_filter)),
        .filter = (struct sock_filter *)(uintptr_t)op->arg[1].bytes,
    };
    if (op->arg[1].size / sizeof(struct sock_filter) > BPF_MAXINSNS) return errno = EINVAL, -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)op->arg[0].number, &program);
}
