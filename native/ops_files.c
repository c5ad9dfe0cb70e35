/* Files, directories and nodes: of the host by plain paths, of procfs with proof, of the container inside its root. */
#include "context.h"
#include "ops.h"
#include "root.h"

#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

/* In one write(2): files of the kernel take a value whole or not at all. */
static int write_once(int fd, const struct argument *data) {
    ssize_t written = write(fd, data->bytes, data->size);
    if (written < 0) return -1;
    return (size_t)written == data->size ? 0 : (errno = EIO, -1);
}

int op_write_file(struct context *context, const struct op *op) {
    (void)context;
    CLEANUP_FD int fd = open(op->arg[0].bytes, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? -1 : write_once(fd, &op->arg[1]);
}

/*
 * A container may have put something else at /proc, or a mount of another procfs file on the one we want
 * (CVE-2019-19921, CVE-2025-52881). So: /proc is the root of a procfs (inode 1), and no mount or link out of it lies on
 * the way.
 */
static int open_proc(const char *path) {
    struct statfs fs;
    struct stat status;
    if (strncmp(path, "/proc/", 6) != 0) return errno = EINVAL, -1;
    CLEANUP_FD int proc = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (proc < 0 || fstatfs(proc, &fs) < 0 || fstat(proc, &status) < 0) return -1;
    if (fs.f_type != PROC_SUPER_MAGIC || status.st_ino != 1) return errno = EXDEV, -1;
    return root_open_how(proc, path + 6, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
}

int op_write_proc(struct context *context, const struct op *op) {
    (void)context;
    CLEANUP_FD int fd = open_proc(op->arg[0].bytes);
    return fd < 0 ? -1 : write_once(fd, &op->arg[1]);
}

/* arg 0 is the file's name below /proc/CHILD: uid_map, gid_map, setgroups, oom_score_adj … */
int op_write_child_proc(struct context *context, const struct op *op) {
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "/proc/%d/%s", context->child, op->arg[0].bytes);
    CLEANUP_FD int fd = open_proc(path);
    return fd < 0 ? -1 : write_once(fd, &op->arg[1]);
}

int op_mkdir(struct context *context, const struct op *op) {
    struct missing missing = {MAKE_DIR, (mode_t)op->arg[1].number, false};
    CLEANUP_FD int fd = root_make(context_root(context), op->arg[0].bytes, &missing);
    if (fd < 0) return -1;
    if (!missing.made) return 0;
    return fchownat(fd, "", (uid_t)op->arg[2].number, (gid_t)op->arg[3].number, AT_EMPTY_PATH);
}

/* A device outside of /dev is there from the last start. */
static bool is_device(int parent, const char *name, mode_t mode, dev_t device) {
    struct stat status;
    return fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && ((status.st_mode ^ mode) & S_IFMT) == 0 &&
           status.st_rdev == device;
}

int op_mknod(struct context *context, const struct op *op) {
    char name[256];
    CLEANUP_FD int parent = root_parent(context_root(context), op->arg[0].bytes, name);
    if (parent < 0) return -1;
    dev_t device = makedev((unsigned)op->arg[2].number, (unsigned)op->arg[3].number);
    mode_t mask = umask(0);
    int result = mknodat(parent, name, (mode_t)op->arg[1].number, device);
    umask(mask);
    if (result < 0 && !(errno == EEXIST && is_device(parent, name, (mode_t)op->arg[1].number, device))) return -1;
    return fchownat(parent, name, (uid_t)op->arg[4].number, (gid_t)op->arg[5].number, AT_SYMLINK_NOFOLLOW);
}

int op_symlink(struct context *context, const struct op *op) {
    char name[256];
    CLEANUP_FD int parent = root_parent(context_root(context), op->arg[1].bytes, name);
    if (parent < 0) return -1;
    return symlinkat(op->arg[0].bytes, parent, name) < 0 && errno != EEXIST ? -1 : 0;
}

int op_chdir(struct context *context, const struct op *op) {
    char here[PATH_MAX];
    struct missing missing = {op->arg[1].number ? MAKE_DIR : MAKE_NONE, 0755, false};
    CLEANUP_FD int fd = root_make(context_root(context), op->arg[0].bytes, &missing);
    if (fd < 0) return -1;
    if (missing.made && fchownat(fd, "", (uid_t)op->arg[2].number, (gid_t)op->arg[3].number, AT_EMPTY_PATH) < 0)
        return -1;
    if (fchdir(fd) < 0) return -1;
    /* Outside of the root, the kernel's answer begins with "(unreachable)": getcwd(2), CVE-2024-21626. */
    if (syscall(SYS_getcwd, here, sizeof(here)) < 0) return -1;
    return here[0] == '/' ? 0 : (errno = EXDEV, -1);
}

int op_unlink(struct context *context, const struct op *op) {
    (void)context;
    return unlink(op->arg[0].bytes) < 0 && errno != ENOENT ? -1 : 0;
}
