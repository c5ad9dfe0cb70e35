/* From the engine to the container: makes one entry after the other, each from nothing, never through a link at its
 * end. */
#include "archive.h"

#include "root.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* The most that is read, and written, at once. */
enum { WRITE_BLOCK = 256 << 10 };

struct writer {
    struct archive *archive;
    struct record record;
    char name[PATH_MAX], link[PATH_MAX], xattrs[MAX_XATTRS];
    char path[PATH_MAX]; /* of the entry in the root */
};

/* -- what comes in --------------------------------------------------------------------------------------------- */

/* Up to `most` bytes, as they come; good until the next call. The engine's end of file is the end of the process: half
 * an archive has no Z. */
static size_t next_bytes(const char **bytes, uint64_t most) {
    static char block[WRITE_BLOCK];
    static size_t at, end;
    while (at == end) {
        ssize_t got = read(STDIN_FILENO, block, sizeof(block));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(1);
        at = 0;
        end = (size_t)got;
    }
    size_t size = most < end - at ? (size_t)most : end - at;
    *bytes = block + at;
    at += size;
    return size;
}

static void take(void *bytes, size_t size) {
    const char *part;
    for (char *at = bytes; size > 0;) {
        size_t got = next_bytes(&part, size);
        memcpy(at, part, got);
        at += got;
        size -= got;
    }
}

static void take_text(char *text, size_t room, uint32_t size) {
    if (size >= room) {
        errno = ENAMETOOLONG;
        put_error("open", "");
    }
    take(text, size);
    text[size] = 0;
}

/* A component ".." would be resolved inside the root, but not inside the destination. */
static bool leads_up(const char *path) {
    for (const char *at = path; *at; at += strcspn(at, "/"), at += strspn(at, "/"))
        if (strncmp(at, "..", 2) == 0 && (at[2] == 0 || at[2] == '/')) return true;
    return false;
}

/* A name below the destination as a path of the root. */
static void join(const struct writer *writer, const char *name, char path[PATH_MAX]) {
    const char *destination = writer->archive->destination;
    int length = snprintf(path, PATH_MAX, "%s/%s", strcmp(destination, "/") == 0 ? "" : destination, name);
    errno = leads_up(name) ? EXDEV : ENAMETOOLONG;
    if (length >= PATH_MAX || leads_up(name)) put_error("open", name);
}

static bool next_record(struct writer *writer) {
    struct record *record = &writer->record;
    take(record, sizeof(*record));
    if (record->kind == 'Z') return false;
    take_text(writer->name, sizeof(writer->name), record->name_size);
    take_text(writer->link, sizeof(writer->link), record->link_size);
    take_text(writer->xattrs, sizeof(writer->xattrs), record->xattrs_size);
    join(writer, writer->name, writer->path);
    return true;
}

/* -- room for it ----------------------------------------------------------------------------------------------- */

static int remove_tree(int parent, const char *name) {
    if (unlinkat(parent, name, 0) == 0) return 0;
    if (errno != EISDIR) return -1;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    int result = directory ? 0 : -1;
    for (struct dirent *entry; result == 0 && (entry = readdir(directory));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            result = remove_tree(fd, entry->d_name);
    if (directory) closedir(directory);
    return result < 0 ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}

/* Takes away what is in the way. A directory stays for a directory: they merge. */
static void clear(const struct writer *writer, int parent, const char *name) {
    struct stat status;
    bool directory = writer->record.kind == 'd';
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT) put_error("lstat", writer->path);
        return;
    }
    if (S_ISDIR(status.st_mode) && directory) return;
    if (writer->archive->keep_kinds && S_ISDIR(status.st_mode) != directory) {
        errno = directory ? ENOTDIR : EISDIR;
        put_error("overwrite", writer->path);
    }
    if (remove_tree(parent, name) < 0) put_error("unlinkat", writer->path);
}

/* -- making ---------------------------------------------------------------------------------------------------- */

/* Attributes that the file system does not know are left out, as docker does. */
static int set_xattrs(int fd, const char *at, size_t size) {
    struct link_path path = link_of(fd);
    for (const char *end = at + size; at < end;) {
        const char *name = at;
        uint32_t length;
        at += strnlen(at, (size_t)(end - at)) + 1;
        if (end - at < (ptrdiff_t)sizeof(length)) return errno = EINVAL, -1;
        memcpy(&length, at, sizeof(length));
        at += sizeof(length);
        if ((size_t)(end - at) < length) return errno = EINVAL, -1;
        if (setxattr(path.text, name, at, length, 0) < 0 && errno != EOPNOTSUPP && errno != EPERM) return -1;
        at += length;
    }
    return 0;
}

static int set_times(int fd, const struct record *record) {
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = record->seconds, .tv_nsec = record->nanoseconds}};
    return utimensat(fd, "", times, AT_EMPTY_PATH);
}

/* The owner first: its change takes the setuid bits and file capabilities away (chown(2), capabilities(7)). */
static void dress(const struct writer *writer, int fd) {
    const struct record *record = &writer->record;
    bool link = record->kind == 'l';
    if (fchownat(fd, "", record->uid, record->gid, AT_EMPTY_PATH) < 0) put_error("lchown", writer->path);
    if (!link && set_xattrs(fd, writer->xattrs, record->xattrs_size) < 0) put_error("lsetxattr", writer->path);
    if (!link && chmod(link_of(fd).text, record->mode & 07777) < 0) put_error("chmod", writer->path);
    if (set_times(fd, record) < 0) put_error("utimensat", writer->path);
}

static void write_file(const struct writer *writer, int parent, const char *name) {
    const char *bytes;
    CLEANUP_FD int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) put_error("open", writer->path);
    for (uint64_t left = writer->record.size; left > 0;) {
        size_t part = next_bytes(&bytes, left);
        if (write_all(fd, bytes, part) < 0) put_error("write", writer->path);
        left -= part;
    }
    dress(writer, fd);
}

static void write_hard_link(const struct writer *writer, int parent, const char *name) {
    char path[PATH_MAX], target[256];
    join(writer, writer->link, path);
    CLEANUP_FD int directory = root_parent(writer->archive->root, path, target);
    if (directory < 0 || linkat(directory, target, parent, name, 0) < 0) put_error("link", writer->path);
}

static int make_node(const struct writer *writer, int parent, const char *name) {
    const struct record *record = &writer->record;
    switch (record->kind) {
    case 'd':
        return mkdirat(parent, name, 0700) < 0 && errno != EEXIST ? -1 : S_IFDIR;
    case 'l':
        return symlinkat(writer->link, parent, name) < 0 ? -1 : S_IFLNK;
    case 'p':
        return mknodat(parent, name, S_IFIFO | 0600, 0) < 0 ? -1 : S_IFIFO;
    case 'c':
        return mknodat(parent, name, S_IFCHR | 0600, makedev(record->major, record->minor)) < 0 ? -1 : S_IFCHR;
    case 'b':
        return mknodat(parent, name, S_IFBLK | 0600, makedev(record->major, record->minor)) < 0 ? -1 : S_IFBLK;
    default:
        return errno = EINVAL, -1;
    }
}

/* What has been exchanged since it was made is not given away: it must be what we made, at least by its kind. */
static void write_node(const struct writer *writer, int parent, const char *name) {
    struct stat status;
    int type = make_node(writer, parent, name);
    if (type < 0) put_error("mknod", writer->path);
    CLEANUP_FD int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0) put_error("open", writer->path);
    errno = EBUSY;
    if ((status.st_mode & S_IFMT) != (mode_t)type) put_error("open", writer->path);
    dress(writer, fd);
}

/* Kind t, at the end: the time of a directory, which its entries have changed since. Whatever else is there now stays.
 */
static void write_time(const struct writer *writer) {
    CLEANUP_FD int fd = root_open(writer->archive->root, writer->path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (fd >= 0) set_times(fd, &writer->record);
}

static void write_entry(const struct writer *writer) {
    char name[256];
    if (writer->record.kind == 't') return write_time(writer);
    CLEANUP_FD int parent = root_parent(writer->archive->root, writer->path, name);
    if (parent < 0) put_error("mkdir", writer->path);
    clear(writer, parent, name);
    if (writer->record.kind == 'f')
        write_file(writer, parent, name);
    else if (writer->record.kind == 'h')
        write_hard_link(writer, parent, name);
    else
        write_node(writer, parent, name);
}

/* Told before the first byte is asked for: a destination that takes nothing. */
static void check_destination(struct archive *archive) {
    struct statvfs fs;
    CLEANUP_FD int fd = root_open(archive->root, archive->destination, O_PATH | O_DIRECTORY);
    if (fd < 0 || fstatvfs(fd, &fs) < 0) put_error("destination", archive->destination);
    errno = EROFS;
    if (fs.f_flag & ST_RDONLY) put_error("destination", archive->destination);
}

void archive_write(struct archive *archive, const char *path) {
    static struct writer writer;
    struct record end = {.kind = 'Z'};
    writer.archive = archive;
    archive_stat(archive, path, true);
    check_destination(archive);
    put_record(&end, "", "", "");
    put_flush();
    while (next_record(&writer)) write_entry(&writer);
    put_record(&end, "", "", "");
}
