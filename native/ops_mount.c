/* Mounts. Targets are descriptors (root.h), or the current directory after fchdir(2) where the old mount(2) wants a
 * path. */
#include "context.h"
#include "ops.h"
#include "root.h"

#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

int context_root(struct context *context) {
    if (context->root < 0) context->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return context->root;
}

/* The kernel takes a mount point only (EINVAL else): what is none is looked for above. */
int op_propagation(struct context *context, const struct op *op) {
    (void)context;
    char path[PATH_MAX];
    if (op->arg[0].size >= sizeof(path)) return errno = ENAMETOOLONG, -1;
    memcpy(path, op->arg[0].bytes, op->arg[0].size + 1);
    for (;;) {
        if (mount(NULL, *path ? path : "/", NULL, op->arg[1].number, NULL) == 0) return 0;
        char *slash = strrchr(path, '/');
        if (errno != EINVAL || !slash) return -1;
        *slash = 0;
    }
}

/* From the base directory, so that the layers' paths are short: mount data ends at 4096 bytes. */
int op_mount_overlay(struct context *context, const struct op *op) {
    (void)context;
    if (chdir(op->arg[0].bytes) < 0) return -1;
    if (mount("overlay", op->arg[1].bytes, "overlay", op->arg[3].number, op->arg[2].bytes) < 0) return -1;
    return chdir("/");
}

int op_open_root(struct context *context, const struct op *op) {
    const char *path = op->arg[0].bytes;
    struct statx status;
    if (statx(AT_FDCWD, path, 0, STATX_INO, &status) < 0) return -1;
    /* pivot_root(2) wants a mount point. */
    if (!(status.stx_attributes & STATX_ATTR_MOUNT_ROOT) && mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0)
        return -1;
    close_fd(&context->root);
    context->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return context->root < 0 ? -1 : 0;
}

/*
 * The place of a mount. A link of the image, or of a volume, must not lead it into /proc, where it would stand in for
 * files that are trusted (CVE-2019-16884, CVE-2025-52881): which may be covered is decided by their own paths.
 */
static int make_target(struct context *context, const char *path, struct missing *missing) {
    struct statfs fs;
    CLEANUP_FD int target = root_make(context_root(context), path, missing);
    if (target < 0 || fstatfs(target, &fs) < 0) return -1;
    bool named = strncmp(path, "/proc", 5) == 0 && (path[5] == '/' || path[5] == 0);
    if (fs.f_type == PROC_SUPER_MAGIC && !named) return errno = EXDEV, -1;
    int result = target;
    target = -1;
    return result;
}

/* /proc and /sys are no links to where a volume may cover them (CVE-2019-19921, CVE-2023-27561). */
static bool is_plain(struct context *context, const char *path) {
    CLEANUP_FD int fd =
        root_open_how(context_root(context), path, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
    return fd >= 0;
}

/* A tmpfs that is not told its mode takes that of the directory it covers: /run stays 0755. */
static const char *with_mode(int target, const char *data, char *buffer, size_t size) {
    struct stat status;
    if (strstr(data, "mode=") || fstat(target, &status) < 0) return data;
    int length = snprintf(buffer, size, "mode=%o%s%s", status.st_mode & 07777, *data ? "," : "", data);
    return length < (int)size ? buffer : data;
}

int op_mount(struct context *context, const struct op *op) {
    char buffer[4096];
    struct missing missing = {op->arg[5].number ? MAKE_DIR : MAKE_NONE, 0755, false};
    const char *path = op->arg[1].bytes, *type = op->arg[2].bytes, *data = op->arg[4].bytes;
    CLEANUP_FD int target = make_target(context, path, &missing);
    if (target < 0 || fchdir(target) < 0) return -1;
    if ((strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0) && !is_plain(context, path)) return -1;
    if (!missing.made && strcmp(type, "tmpfs") == 0) data = with_mode(target, data, buffer, sizeof(buffer));
    return mount(op->arg[0].bytes, ".", type, op->arg[3].number, data);
}

/* A copy of the mount at a descriptor, attached nowhere yet. */
static int clone_tree(int fd, bool recursive) {
    return open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0));
}

static int set_attributes(int tree, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive) {
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
    if (!set && !clear && !propagation) return 0;
    return mount_setattr(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof(attributes));
}

static int attach(int tree, int target) {
    return move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int open_source(const struct op *op) {
    CLEANUP_FD int source = open(op->arg[0].bytes, O_PATH | O_CLOEXEC);
    if (source < 0) return -1;
    if (op->arg[1].size) return root_open(source, op->arg[1].bytes, O_PATH);
    int result = source;
    source = -1;
    return result;
}

int op_bind(struct context *context, const struct op *op) {
    enum { RECURSIVE = 3, ATTR_SET, ATTR_CLEAR, ATTR_RECURSIVE, PROPAGATION, CREATE };
    struct missing missing = {MAKE_NONE, 0755, false};
    if (op->arg[CREATE].number == 1) missing.make = MAKE_DIR;
    if (op->arg[CREATE].number == 2) missing.make = MAKE_FILE;
    uint64_t propagation = op->arg[PROPAGATION].number;
    CLEANUP_FD int source = open_source(op);
    if (source < 0) return -1;
    CLEANUP_FD int tree = clone_tree(source, op->arg[RECURSIVE].number);
    if (tree < 0) return -1;
    if (set_attributes(tree, op->arg[ATTR_SET].number, op->arg[ATTR_CLEAR].number, 0, op->arg[ATTR_RECURSIVE].number) <
        0)
        return -1;
    if (set_attributes(tree, 0, 0, propagation & ~(uint64_t)MS_REC, propagation & MS_REC) < 0) return -1;
    CLEANUP_FD int target = make_target(context, op->arg[2].bytes, &missing);
    return target < 0 ? -1 : attach(tree, target);
}

/* open_tree(2) copies mounts of the caller's own namespace only: so the other's is entered for that one call. */
static int clone_from(const struct slot *slot, const char *path) {
    CLEANUP_FD int source = root_open(slot->root, path, O_PATH);
    return source < 0 || setns(slot->pidfd, CLONE_NEWNS) < 0 ? -1 : clone_tree(source, true);
}

int op_bind_process(struct context *context, const struct op *op) {
    struct missing missing = {MAKE_DIR, 0755, false};
    if (op->arg[0].number >= SLOTS) return errno = EINVAL, -1;
    CLEANUP_FD int home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    CLEANUP_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_FD int target = make_target(context, op->arg[2].bytes, &missing);
    if (home < 0 || root < 0 || target < 0) return -1;
    CLEANUP_FD int tree = clone_from(&context->slot[op->arg[0].number], op->arg[1].bytes);
    int error = errno;
    /* Back home, and to the root there: setns has moved us to the other namespace's. */
    if (setns(home, CLONE_NEWNS) < 0 || fchdir(root) < 0 || chroot(".") < 0) return -1;
    return tree < 0 ? (errno = error, -1) : attach(tree, target);
}

/* The container's own /dev/null, if it really is one: an image may have put something else there (CVE-2025-31133). */
static int open_null(int root) {
    struct stat status;
    int fd = root_open_how(root, "dev/null", O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
    if (fd < 0) return -1;
    if (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) return fd;
    close(fd);
    return errno = ENODEV, -1;
}

static int mask_file(int root, int target) {
    CLEANUP_FD int null = open_null(root);
    CLEANUP_FD int tree = null < 0 ? -1 : clone_tree(null, false);
    return tree < 0 ? -1 : attach(tree, target);
}

static bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR;
}

int op_mask(struct context *context, const struct op *op) {
    struct stat status;
    int root = context_root(context);
    CLEANUP_FD int target = root_open(root, op->arg[0].bytes, O_PATH);
    if (target < 0) return is_missing(errno) ? 0 : -1;
    if (fstat(target, &status) < 0) return -1;
    if (!S_ISDIR(status.st_mode)) return mask_file(root, target);
    return fchdir(target) < 0 ? -1 : mount("tmpfs", ".", "tmpfs", MS_RDONLY, NULL);
}

int op_readonly_path(struct context *context, const struct op *op) {
    CLEANUP_FD int target = root_open(context_root(context), op->arg[0].bytes, O_PATH);
    if (target < 0) return is_missing(errno) ? 0 : -1;
    CLEANUP_FD int tree = clone_tree(target, true);
    if (tree < 0 || set_attributes(tree, MOUNT_ATTR_RDONLY, 0, 0, true) < 0) return -1;
    return attach(tree, target);
}

/*
 * pivot_root(2) allows new and old root to be the same place: the old one then lies on top of the new, where umount2
 * takes it away. Made a slave first, or the umount would reach the host through shared mounts.
 */
int op_pivot_root(struct context *context, const struct op *op) {
    (void)op;
    CLEANUP_FD int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || fchdir(context_root(context)) < 0) return -1;
    if (syscall(SYS_pivot_root, ".", ".") < 0) return -1;
    if (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0) return -1;
    if (umount2(".", MNT_DETACH) < 0) return -1;
    return chdir("/");
}

int op_readonly_root(struct context *context, const struct op *op) {
    (void)op;
    return set_attributes(context_root(context), MOUNT_ATTR_RDONLY, 0, 0, false);
}
