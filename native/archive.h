/*
 * Files of a container, to and from the engine: what op `files` speaks on its stdin and stdout (docs/protocol.md).
 *
 * The engine speaks tar to its clients and these records to us: they are a tar header without its dialects, so that no
 * text is parsed here. No program runs, no library is loaded, no name service is asked: all that a hostile root can do
 * is to exchange its own files. Each of them is therefore opened once, beneath the root (root.h), and from then on used
 * by its descriptor.
 */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "base.h"

#include <limits.h>
#include <sys/stat.h>

/* f file, d directory, l symlink, h hard link, c b devices, p FIFO; only as an answer: E error, Z done. */
struct record {
    uint8_t kind, zero[3];
    uint32_t mode, uid, gid, major, minor, links, nanoseconds, error;
    uint32_t name_size, link_size,
        xattrs_size; /* bytes that follow, in this order; of kind f: then `size` of content */
    uint64_t device, inode, size;
    int64_t seconds;
};
_Static_assert(sizeof(struct record) == 80, "the engine counts on it");

enum { MAX_XATTRS = 256 << 10, BLOCK = 64 << 10 };

struct archive {
    int root;                   /* the container's */
    bool own_file_system;       /* leave out what is mounted in the root */
    bool content;               /* of files, too */
    bool keep_kinds;            /* no directory gives way to a file, or the reverse */
    char destination[PATH_MAX]; /* where a path led to, as the root has it */
};

/* -- answers: buffered; a reader that has gone ends the process (SIGPIPE) -------------------------------------- */
void put(const void *bytes, size_t size);
void put_flush(void);
/* `link` is of a symlink its target, of an error the call that failed. */
void put_record(struct record *record, const char *name, const char *link, const char *xattrs);
/* The last one is out. We end when the engine has it, and with it our monitor: then nothing can be lost on the way. */
_Noreturn void put_finish(void);
/* Tells the engine that `call` failed on `path` with errno, and does no more. */
_Noreturn void put_error(const char *call, const char *path);

/* -- descriptors ----------------------------------------------------------------------------------------------- */
/* "self/fd/N": a path to what a descriptor is open on, good for this process in its current directory, a procfs. */
struct link_path {
    char text[24];
};
struct link_path link_of(int fd);
struct record record_of(const struct stat *status);

/* Answers with what is at the path, a link not followed, and where it leads to as `link`. Fills `destination`. */
void archive_stat(struct archive *archive, const char *path, bool follow);
/* The same, and then all that is there, with names relative to it. */
void archive_read(struct archive *archive, const char *path);
/* The same with links followed, then makes what stdin says below it; answers with Z when it is through. */
void archive_write(struct archive *archive, const char *path);

#endif
