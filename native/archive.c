#include "archive.h"

#include "context.h"
#include "ops.h"
#include "root.h"

#include <linux/capability.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum { MOST_FILES = 4096 };

/* -- answers --------------------------------------------------------------------------------------------------- */

static char waiting[BLOCK];
static size_t waiting_size;

void put_flush(void) {
    if (write_all(STDOUT_FILENO, waiting, waiting_size) < 0) _exit(1);
    waiting_size = 0;
}

void put(const void *bytes, size_t size) {
    if (size > sizeof(waiting) - waiting_size) put_flush();
    if (size >= sizeof(waiting)) {
        if (write_all(STDOUT_FILENO, bytes, size) < 0) _exit(1);
        return;
    }
    memcpy(waiting + waiting_size, bytes, size);
    waiting_size += size;
}

void put_record(struct record *record, const char *name, const char *link, const char *xattrs) {
    record->name_size = (uint32_t)strlen(name);
    record->link_size = (uint32_t)strlen(link);
    put(record, sizeof(*record));
    put(name, record->name_size);
    put(link, record->link_size);
    put(xattrs, record->xattrs_size);
}

void put_error(const char *call, const char *path) {
    struct record record = {.kind = 'E', .error = (uint32_t)errno};
    put_record(&record, path, call, "");
    put_finish();
}

void put_finish(void) {
    put_flush();
    for (;;) pause();
}

/* -- descriptors ----------------------------------------------------------------------------------------------- */

struct link_path link_of(int fd) {
    struct link_path path;
    snprintf(path.text, sizeof(path.text), "self/fd/%d", fd);
    return path;
}

static uint8_t kind_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return 'f';
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFCHR:
        return 'c';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    default:
        return 's'; /* a socket: stays where it is */
    }
}

struct record record_of(const struct stat *status) {
    return (struct record){
        .kind = kind_of(status->st_mode),
        .mode = status->st_mode & 07777,
        .uid = status->st_uid,
        .gid = status->st_gid,
        .major = major(status->st_rdev),
        .minor = minor(status->st_rdev),
        .links = (uint32_t)status->st_nlink,
        .nanoseconds = (uint32_t)status->st_mtim.tv_nsec,
        .device = status->st_dev,
        .inode = status->st_ino,
        .size = (uint64_t)status->st_size,
        .seconds = status->st_mtim.tv_sec,
    };
}

/* The kernel tells the path of a descriptor from our root on, which is the container's. */
static void find_destination(struct archive *archive, int fd) {
    ssize_t length = readlink(link_of(fd).text, archive->destination, sizeof(archive->destination) - 1);
    archive->destination[length < 0 ? 0 : length] = 0;
}

void archive_stat(struct archive *archive, const char *path, bool follow) {
    struct stat status;
    CLEANUP_FD int fd = root_open(archive->root, path, O_PATH | (follow ? 0 : O_NOFOLLOW));
    if (fd < 0 || fstat(fd, &status) < 0) put_error("lstat", path);
    find_destination(archive, fd);
    struct record record = record_of(&status);
    if (record.kind == 'l') {
        CLEANUP_FD int target = root_open(archive->root, path, O_PATH);
        if (target >= 0) {
            find_destination(archive, target);
        } else { /* a link into nothing: as it is written */
            ssize_t length = readlinkat(fd, "", archive->destination, sizeof(archive->destination) - 1);
            archive->destination[length < 0 ? 0 : length] = 0;
        }
    }
    put_record(&record, "", archive->destination, "");
    put_flush();
}

/* -- the operation --------------------------------------------------------------------------------------------- */

/* A procfs of our own, mounted nowhere: the container's /proc may be anything. */
int op_own_proc(struct context *context, const struct op *op) {
    (void)op;
    CLEANUP_FD int fs = fsopen("proc", FSOPEN_CLOEXEC);
    if (fs < 0 || fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) return -1;
    context->proc = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return context->proc < 0 ? -1 : 0;
}

/* A copy of the root's mount without those that lie in it. */
static int detach_root(struct archive *archive) {
    int tree = open_tree(archive->root, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    if (tree < 0) return -1;
    archive->root = tree;
    return 0;
}

/* Of the powers that we have, only those that the mask names stay. */
static int keep_capabilities(uint64_t mask) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) < 0) return -1;
    for (int half = 0; half < 2; half++) {
        data[half].permitted &= (uint32_t)(mask >> 32 * half);
        data[half].effective = data[half].permitted;
        data[half].inheritable = 0;
    }
    return (int)syscall(SYS_capset, &header, data);
}

/* Everything but stdio and the root is closed; nobody may look into us; a deep tree takes a descriptor a level. */
static int settle(struct archive *archive) {
    struct rlimit files;
    const int root = STDERR_FILENO + 1;
    if (archive->root != root && dup2(archive->root, root) < 0) return -1;
    archive->root = root;
    if (fcntl(root, F_SETFD, FD_CLOEXEC) < 0 || close_range((unsigned)root + 1, ~0U, 0) < 0) return -1;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0) return -1;
    files.rlim_cur = files.rlim_max < MOST_FILES ? files.rlim_max : MOST_FILES;
    if (setrlimit(RLIMIT_NOFILE, &files) < 0) return -1;
    umask(0);
    return prctl(PR_SET_DUMPABLE, 0);
}

/* The place of execve: closing `ready` tells the launcher that the launch is done. */
int op_files(struct context *context, const struct op *op) {
    static struct archive archive;
    const char *action = op->arg[0].bytes, *path = op->arg[1].bytes;
    archive.root = context_root(context);
    archive.own_file_system = op->arg[2].number;
    archive.content = op->arg[3].number;
    archive.keep_kinds = op->arg[4].number;
    if (archive.root < 0 || (archive.own_file_system && detach_root(&archive) < 0) || fchdir(context->proc) < 0) return -1;
    set_name(context, "cloche:files");
    context->progress->execve_since = nanoseconds();
    if (settle(&archive) < 0 || keep_capabilities(op->arg[5].number) < 0)
        return context->progress->execve_since = 0, -1;
    if (strcmp(action, "read") == 0)
        archive_read(&archive, path);
    else if (strcmp(action, "write") == 0)
        archive_write(&archive, path);
    else
        archive_stat(&archive, path, false);
    put_finish();
}
