#include "log_json.h"

#include <stdio.h>
#include <sys/stat.h>

struct log *log_open(const char *path, uint64_t max_size, uint32_t max_files, const char *attrs) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) < 0) return NULL;
    struct log *log = calloc(1, sizeof(*log));
    if (!log) abort();
    log->fd = fd;
    log->path = keep(path);
    log->attrs = keep(attrs);
    log->max_size = max_size;
    log->max_files = max_files;
    log->size = (uint64_t)status.st_size;
    return log;
}

static void flush(struct log *log) {
    if (log->batch.length == 0) return;
    if (write_all(log->fd, log->batch.at, log->batch.length) == 0) log->size += log->batch.length;
    /* A full disk: the lines are lost, but no half of one shall stay in the way of the reader. */
    else if (ftruncate(log->fd, (off_t)log->size) < 0)
        log->size = (uint64_t)lseek(log->fd, 0, SEEK_END);
    log->batch.length = 0;
}

/* path.N -> path.N+1; the engine may have compressed the older ones. A missing one is no error. */
static void shift(const struct log *log, uint32_t number, const char *suffix) {
    size_t room = strlen(log->path) + 32;
    char from[room], to[room];
    snprintf(from, room, number ? "%s.%u%s" : "%s", log->path, number, suffix);
    snprintf(to, room, "%s.%u%s", log->path, number + 1, suffix);
    rename(from, to);
}

/* The oldest may be there in either form; only one of them is overwritten by what comes. */
static void drop(const struct log *log, uint32_t number) {
    size_t room = strlen(log->path) + 32;
    char path[room];
    snprintf(path, room, "%s.%u", log->path, number);
    unlink(path);
    snprintf(path, room, "%s.%u.gz", log->path, number);
    unlink(path);
}

static void rotate(struct log *log) {
    flush(log);
    if (log->max_files > 1) drop(log, log->max_files - 1);
    for (uint32_t number = log->max_files - 1; number-- > 0;) {
        if (number > 0) shift(log, number, ".gz");
        shift(log, number, "");
    }
    int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    log->size = 0;
    if (fd < 0) return; /* go on in the old one */
    close(log->fd);
    log->fd = fd;
}

/* One object. `end` is "\\n" in JSON's spelling, or empty for a piece that is not the last of its line. */
static void add_entry(struct log *log, uint8_t stream, const char *bytes, size_t length, const char *end,
                      const struct timespec *time) {
    if (log->max_size && log->size + log->batch.length >= log->max_size) rotate(log);
    text_word(&log->batch, "{\"log\":\"");
    text_json(&log->batch, bytes, length);
    text_word(&log->batch, end);
    text_word(&log->batch, stream == 2 ? "\",\"stream\":\"stderr\"" : "\",\"stream\":\"stdout\"");
    if (log->attrs[0]) {
        text_word(&log->batch, ",\"attrs\":");
        text_word(&log->batch, log->attrs);
    }
    text_word(&log->batch, ",\"time\":\"");
    text_time(&log->batch, time);
    text_word(&log->batch, "\"}\n");
    if (log->batch.length >= LOG_BATCH) flush(log);
}

static int64_t nanoseconds_of(const struct timespec *time) {
    return time->tv_sec * 1000000000LL + time->tv_nsec;
}

/* Later than the last one: a clock that leaps back is waited for. One that was set back by more than a second is believed. */
static void next_time(struct log *log, struct timespec *time) {
    clock_gettime(CLOCK_REALTIME, time);
    int64_t now = nanoseconds_of(time), last = nanoseconds_of(&log->last);
    if (now <= last && last - now <= 1000000000) {
        *time = (struct timespec){(last + 1) / 1000000000, (last + 1) % 1000000000};
    }
    log->last = *time;
}

/* The time of an entry: now, or when its line's first piece was written. */
static const struct timespec *entry_time(struct log *log, struct log_line *line) {
    if (!line->continued) next_time(log, &line->begun);
    return &line->begun;
}

static void add_held(struct log *log, uint8_t stream, const char *end) {
    struct log_line *line = &log->line[stream - 1];
    add_entry(log, stream, line->held, line->length, end, entry_time(log, line));
    line->length = 0;
    line->continued = end[0] == 0;
}

/* Keeps bytes of a line that has not ended; writes a piece when there are 16 KiB of them. Returns how many it took. */
static size_t hold(struct log *log, uint8_t stream, const char *bytes, size_t length) {
    struct log_line *line = &log->line[stream - 1];
    if (!line->held && !(line->held = malloc(LOG_PIECE))) abort();
    size_t taken = length < LOG_PIECE - line->length ? length : LOG_PIECE - line->length;
    memcpy(line->held + line->length, bytes, taken);
    line->length += taken;
    if (line->length == LOG_PIECE) add_held(log, stream, "");
    return taken;
}

void log_write(struct log *log, uint8_t stream, const char *bytes, size_t length) {
    struct log_line *line = &log->line[stream - 1];
    const char *end = bytes + length;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t run = (size_t)((newline ? newline : end) - bytes);
        if (newline && line->length == 0 && run < LOG_PIECE) { /* the common case needs no copy */
            add_entry(log, stream, bytes, run, "\\n", entry_time(log, line));
            line->continued = false;
        } else {
            for (size_t taken = 0; taken < run;) taken += hold(log, stream, bytes + taken, run - taken);
            if (newline) add_held(log, stream, "\\n");
        }
        bytes += run + (newline ? 1 : 0);
    }
    flush(log);
}

int log_packed(struct log *log, uint64_t inode) {
    size_t room = strlen(log->path) + 32;
    char packed[room], plain[room], place[room];
    snprintf(packed, room, "%s.%llu.tmp", log->path, (unsigned long long)inode);
    for (uint32_t number = 1; number < log->max_files; number++) {
        struct stat status;
        snprintf(plain, room, "%s.%u", log->path, number);
        if (stat(plain, &status) < 0 || status.st_ino != inode) continue;
        snprintf(place, room, "%s.gz", plain);
        if (rename(packed, place) < 0) return -1;
        return unlink(plain);
    }
    return errno = ENOENT, -1;
}

void log_end(struct log *log, uint8_t stream) {
    if (log->line[stream - 1].length > 0) add_held(log, stream, "");
    flush(log);
}
