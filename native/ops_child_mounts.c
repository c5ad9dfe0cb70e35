/*
 * The host's part in the mounts of a container with a user namespace of its own. The child has no power over the host's
 * file systems: layers with attributes of overlayfs, id-mapped mounts, directories that only the host's root can enter.
 * So the parent goes into the child's mount namespace, with the host's power, and comes back.
 *
 *     enter_child_mounts   id_map_mount, propagation, mount_overlay, open_root, bind …   leave_child_mounts
 */
#include "context.h"
#include "ops.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int open_child(const struct context *context, const char *name) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/%s", context->child, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* A change of the file system user takes capabilities away (capabilities(7)): all that are permitted come back. */
static int raise_all(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) return -1;
    for (int half = 0; half < 2; half++) data[half].effective = data[half].permitted;
    return (int)syscall(SYS_capset, &header, data);
}

/* What is made on an id-mapped mount must belong to somebody whom the map knows: else EOVERFLOW. */
static int act_as(uid_t uid, gid_t gid) {
    setfsgid(gid);
    setfsuid(uid);
    if (setfsgid((gid_t)-1) != (int)gid || setfsuid((uid_t)-1) != (int)uid) return errno = EPERM, -1;
    return raise_all();
}

int op_enter_child_mounts(struct context *context, const struct op *op) {
    if (context->home >= 0) return errno = EALREADY, -1;
    /* Opened while we see the host's /proc. */
    CLEANUP_FD int mounts = open_child(context, "mnt");
    context->child_user = open_child(context, "user");
    context->home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (mounts < 0 || context->child_user < 0 || context->home < 0 || setns(mounts, CLONE_NEWNS) < 0) return -1;
    return act_as((uid_t)op->arg[0].number, (gid_t)op->arg[1].number);
}

int op_leave_child_mounts(struct context *context, const struct op *op) {
    (void)op;
    if (context->home < 0) return errno = EINVAL, -1;
    close_fd(&context->root); /* the child opens it for itself */
    close_fd(&context->child_user);
    int result = act_as(0, 0) < 0 || setns(context->home, CLONE_NEWNS) < 0 ? -1 : 0;
    close_fd(&context->home);
    return result;
}

/* Over the directory lies a copy of itself, whose owners are those of the child's user namespace. */
int op_id_map_mount(struct context *context, const struct op *op) {
    const char *path = op->arg[0].bytes;
    if (context->child_user < 0) return errno = EINVAL, -1;
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)context->child_user};
    CLEANUP_FD int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0) return -1;
    return move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* The child could not: a pipe of the host root's has an owner who does not exist there. */
int op_own_stdio(struct context *context, const struct op *op) {
    struct stat status;
    for (int i = 0; i < 3; i++) {
        int fd = context->monitor.child_stdio[i];
        if (fd < 0 || fstat(fd, &status) < 0 || !S_ISFIFO(status.st_mode)) continue;
        if (fchown(fd, (uid_t)op->arg[0].number, (gid_t)op->arg[1].number) < 0) return -1;
    }
    return 0;
}
