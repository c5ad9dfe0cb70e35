#include "base.h"

#include <stdio.h>

void close_fd(int *fd) {
    int saved = errno;
    if (*fd >= 0) close(*fd);
    *fd = -1;
    errno = saved;
}

void text_add(struct text *text, const char *bytes, size_t length) {
    if (length == 0) return; /* `bytes` may be NULL then, which memcpy(3) does not take */
    if (text->length + length > text->capacity) {
        size_t capacity = text->capacity ? text->capacity : 256;
        while (capacity < text->length + length) capacity *= 2;
        if (!(text->at = realloc(text->at, capacity))) abort();
        text->capacity = capacity;
    }
    memcpy(text->at + text->length, bytes, length);
    text->length += length;
}

void text_word(struct text *text, const char *word) {
    text_add(text, word, strlen(word));
}

void text_number(struct text *text, int64_t number) {
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)number);
    text_add(text, digits, (size_t)length);
}

/* Length of the UTF-8 sequence at `bytes`, 0 if it is none (overlong, surrogate, cut off; RFC 3629). */
static size_t utf8_length(const unsigned char *bytes, size_t left) {
    unsigned char first = bytes[0];
    size_t length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || length > left) return 0;
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    return length;
}

static bool plain(unsigned char byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\' && byte != '<' && byte != '>' && byte != '&';
}

static void escape_ascii(struct text *text, unsigned char byte) {
    char escape[8] = {'\\', (char)byte};
    if (byte == '\n')
        escape[1] = 'n';
    else if (byte == '\r')
        escape[1] = 'r';
    else if (byte != '"' && byte != '\\')
        snprintf(escape, sizeof(escape), "\\u%04x", byte);
    text_word(text, escape);
}

void text_json(struct text *text, const char *string, size_t length) {
    const unsigned char *bytes = (const unsigned char *)string;
    for (size_t at = 0; at < length;) {
        size_t run = at;
        while (run < length && plain(bytes[run])) run++;
        text_add(text, string + at, run - at);
        if ((at = run) == length) return;
        size_t sequence = bytes[at] < 0x80 ? 1 : utf8_length(bytes + at, length - at);
        if (sequence == 0)
            text_word(text, "\\ufffd");
        else if (sequence == 1)
            escape_ascii(text, bytes[at]);
        else if (sequence == 3 && bytes[at] == 0xe2 && bytes[at + 1] == 0x80 && (bytes[at + 2] & 0xfe) == 0xa8)
            text_word(text, bytes[at + 2] == 0xa8 ? "\\u2028" : "\\u2029"); /* line ends to JavaScript, not to JSON */
        else
            text_add(text, string + at, sequence);
        at += sequence ? sequence : 1;
    }
}

/* Not gmtime_r: a static glibc reads /etc/localtime first. Days to date after Howard Hinnant's civil_from_days. */
void text_time(struct text *text, const struct timespec *time) {
    int64_t days = time->tv_sec / 86400, second = time->tv_sec % 86400;
    int64_t shifted = days + 719468, era = shifted / 146097, of_era = shifted % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_index = (5 * of_year + 2) / 153, day = of_year - (153 * month_index + 2) / 5 + 1;
    int64_t month = month_index < 10 ? month_index + 3 : month_index - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    char stamp[64];
    int length = snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02d.%09ld", (int)year, (int)month, (int)day,
                          (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60), time->tv_nsec);
    while (stamp[length - 1] == '0') length--;
    if (stamp[length - 1] == '.') length--;
    text_add(text, stamp, (size_t)length);
    text_add(text, "Z", 1);
}

void text_free(struct text *text) {
    free(text->at);
    *text = (struct text){0};
}

int write_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

char *keep(const char *string) {
    char *copy = strdup(string);
    if (!copy) abort();
    return copy;
}
