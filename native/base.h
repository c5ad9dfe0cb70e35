/* What every file here needs: descriptors that close themselves, and a growing text. */
#ifndef BASE_H
#define BASE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A local descriptor with this mark is closed on every way out of its block; errno survives. */
#define CLEANUP_FD __attribute__((cleanup(close_fd)))
void close_fd(int *fd);

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* Text that is put together for one write: a log batch, an event. Out of memory ends the process. */
struct text {
    char *at;
    size_t length, capacity;
};
void text_add(struct text *text, const char *bytes, size_t length);
void text_word(struct text *text, const char *word);
void text_number(struct text *text, int64_t number);
/* Escapes as docker's json-file driver does: invalid UTF-8 becomes \ufffd, <, > and & become \u00XX. No quotes. */
void text_json(struct text *text, const char *bytes, size_t length);
/* RFC 3339 in UTC with up to nine digits, trailing zeros dropped as Go's RFC3339Nano does. */
void text_time(struct text *text, const struct timespec *time);
void text_free(struct text *text);

/* write(2) until all is out; -1 with errno. */
int write_all(int fd, const char *bytes, size_t length);
/* strdup that ends the process rather than return NULL. */
char *keep(const char *string);

#endif
