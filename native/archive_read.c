/* From the container to the engine: a walk over a tree, by descriptors. */
#include "archive.h"

#include "root.h"

#include <dirent.h>
#include <linux/magic.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

struct reader {
    struct archive *archive;
    char name[PATH_MAX]; /* of the entry at hand, relative to where the walk began */
};

/* Of the entry at hand, as errors call it. */
static const char *called(const struct reader *reader) {
    return reader->name[0] ? reader->name : reader->archive->destination;
}

static const char zeros[4096];

/* Straight from the page cache into the socket. Returns what is left when the file ends, or its file system cannot. */
static uint64_t send_content(int fd, uint64_t size) {
    const uint64_t most = 1 << 30; /* of one call */
    put_flush();
    while (size > 0) {
        ssize_t sent = sendfile(STDOUT_FILENO, fd, NULL, size < most ? size : most);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EINVAL && errno != ENOSYS && errno != EAGAIN) _exit(1);
        if (sent <= 0) break;
        size -= (uint64_t)sent;
    }
    return size;
}

/* -1 with errno; nothing of a file that would block. */
static ssize_t read_block(int fd, char block[BLOCK], uint64_t size) {
    ssize_t got;
    do got = read(fd, block, size < BLOCK ? size : BLOCK);
    while (got < 0 && errno == EINTR);
    return got < 0 && errno == EAGAIN ? 0 : got;
}

/*
 * As long as it was when we looked: what a writer adds meanwhile is left out, what it takes away becomes zeros. What
 * cannot be read is told as long as nothing of the file has been; later it ends us: the length is out, so a record
 * would be taken for content, and the engine wait for the rest.
 */
static void put_file(const struct reader *reader, int fd, struct record *record, const char *xattrs) {
    static char block[BLOCK];
    uint64_t size = record->size;
    ssize_t got = read_block(fd, block, size);
    if (got < 0) put_error("read", called(reader));
    put_record(record, reader->name, "", xattrs);
    put(block, (size_t)got);
    size -= (uint64_t)got;
    if (got > 0 && size >= BLOCK) size = send_content(fd, size);
    while (got > 0 && size > 0) {
        if ((got = read_block(fd, block, size)) < 0) _exit(1);
        put(block, (size_t)got);
        size -= (uint64_t)got;
    }
    for (size_t part; size > 0; size -= part) put(zeros, part = size < sizeof(zeros) ? size : sizeof(zeros));
}

static void append(char *xattrs, uint32_t *size, const void *bytes, size_t length) {
    memcpy(xattrs + *size, bytes, length);
    *size += (uint32_t)length;
}

/* For each: name, NUL, u32 size, value. What does not fit is left out. Returns the size of all. */
static uint32_t read_xattrs(int fd, char xattrs[MAX_XATTRS]) {
    static char names[XATTR_LIST_MAX], value[XATTR_SIZE_MAX];
    struct link_path path = link_of(fd);
    ssize_t length = listxattr(path.text, names, sizeof(names));
    uint32_t size = 0;
    for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1) {
        ssize_t got = getxattr(path.text, name, value, sizeof(value));
        size_t name_size = strlen(name) + 1;
        uint32_t value_size = (uint32_t)got;
        if (got < 0 || name_size + sizeof(value_size) + value_size > MAX_XATTRS - size) continue;
        append(xattrs, &size, name, name_size);
        append(xattrs, &size, &value_size, sizeof(value_size));
        append(xattrs, &size, value, value_size);
    }
    return size;
}

/* Files that the kernel makes up: their sizes lie, and there is no end of them. */
static bool is_made_up(int fd) {
    static const uint32_t types[] = {PROC_SUPER_MAGIC,   SYSFS_MAGIC,    CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
                                     DEVPTS_SUPER_MAGIC, DEBUGFS_MAGIC,  TRACEFS_MAGIC,      SECURITYFS_MAGIC,
                                     BPF_FS_MAGIC,       PSTOREFS_MAGIC, 0x19800202 /* mqueue */};
    struct statfs fs;
    if (fstatfs(fd, &fs) < 0) return true;
    for (size_t i = 0; i < LENGTH(types); i++)
        if ((uint32_t)fs.f_type == types[i]) return true;
    return false;
}

static void read_entry(struct reader *reader, int fd, uint64_t parent_device);

/* Takes the descriptor over: one a level, not two. */
static void read_directory(struct reader *reader, int fd, uint64_t device) {
    size_t length = strlen(reader->name);
    DIR *directory = fdopendir(fd);
    if (!directory) put_error("open", reader->name);
    for (struct dirent *entry; (entry = readdir(directory));) {
        size_t size = strlen(entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (length + size + 2 > sizeof(reader->name)) {
            errno = ENAMETOOLONG;
            put_error("open", reader->name);
        }
        int child = openat(fd, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (child < 0 && (errno == EMFILE || errno == ENFILE || errno == EIO)) put_error("open", reader->name);
        if (child < 0) continue; /* gone since the directory was read */
        if (length > 0) reader->name[length] = '/';
        memcpy(reader->name + length + (length > 0), entry->d_name, size + 1);
        read_entry(reader, child, device);
        reader->name[length] = 0;
    }
    closedir(directory);
}

/* By the descriptor's link: what is opened is the very file that was looked at. Nothing but files and directories is.
 */
static int reopen(int fd, int flags) {
    return open(link_of(fd).text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
}

static void read_entry(struct reader *reader, int fd, uint64_t parent_device) {
    static char xattrs[MAX_XATTRS], target[PATH_MAX];
    struct stat status;
    if (fstat(fd, &status) < 0) put_error("lstat", reader->name);
    struct record record = record_of(&status);
    int opened = -1;
    ssize_t length = record.kind == 'l' ? readlinkat(fd, "", target, sizeof(target) - 1) : 0;
    target[length < 0 ? 0 : length] = 0;
    if (record.kind == 'f' && reader->archive->content && (opened = reopen(fd, 0)) < 0)
        put_error("open", called(reader));
    record.xattrs_size = record.kind == 'l' ? 0 : read_xattrs(fd, xattrs);
    bool enter = record.kind == 'd' && (status.st_dev == parent_device || !is_made_up(fd));
    if (enter && (opened = reopen(fd, O_DIRECTORY)) < 0) enter = false;
    close(fd);
    if (!enter && opened >= 0) {
        put_file(reader, opened, &record, xattrs);
        close(opened);
        return;
    }
    if (record.kind != 's') put_record(&record, reader->name, target, xattrs);
    if (enter) read_directory(reader, opened, status.st_dev);
}

void archive_read(struct archive *archive, const char *path) {
    static struct reader reader;
    struct stat status;
    struct record end = {.kind = 'Z'};
    reader.archive = archive;
    archive_stat(archive, path, false);
    int fd = root_open(archive->root, path, O_PATH | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) < 0) put_error("lstat", path);
    read_entry(&reader, fd, status.st_dev);
    put_record(&end, "", "", "");
}
