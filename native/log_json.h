/*
 * The container's log in the format of docker's json-file driver, one object a line:
 *
 *     {"log":"text\n","stream":"stdout","attrs":{…},"time":"2026-01-02T03:04:05.123456789Z"}
 *
 * A line of more than 16 KiB is written in pieces; only the last one has its \n. When the file has reached its maximum
 * size, it becomes PATH.1, that one PATH.2 and so on, before the next line is written.
 */
#ifndef LOG_JSON_H
#define LOG_JSON_H

#include "base.h"

enum { LOG_PIECE = 16 << 10, LOG_BATCH = 32 << 10 };

struct log_line {
    char *held; /* the beginning of a line whose end has not come yet */
    size_t length;
    bool continued;        /* a piece of this line has been written */
    struct timespec begun; /* pieces carry the time of the first one */
};

struct log {
    int fd;
    char *path, *attrs;
    uint64_t max_size, size; /* 0: no limit */
    uint32_t max_files;
    struct text batch;
    struct log_line line[2];
    struct timespec last; /* of the latest line that began */
};

/* NULL with errno. */
struct log *log_open(const char *path, uint64_t max_size, uint32_t max_files, const char *attrs);
/* Errors of the disk lose lines and nothing else: the container goes on. stream: 1 stdout, 2 stderr. */
void log_write(struct log *log, uint8_t stream, const char *bytes, size_t length);
/*
 * The engine has compressed the rotated file of that inode into PATH.INODE.tmp: put it into its place. It is for us to do,
 * as nobody else knows that no rotation comes between. ENOENT: the file has been dropped meanwhile.
 */
int log_packed(struct log *log, uint64_t inode);
/* The stream has ended: a line without its end is written as it is. */
void log_end(struct log *log, uint8_t stream);

#endif
