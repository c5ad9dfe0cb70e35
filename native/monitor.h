/*
 * The monitor: what the launcher becomes once the process runs. It holds the process' pipes or terminal, writes the
 * log, serves attach clients, and tells the end. It outlives the engine and never waits for a reader.
 *
 *     monitor.c   the loop and the end         streams.c   stdin, stdout, stderr
 *     clients.c   frames in and out            log_json.c  the log
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "base.h"
#include "log_json.h"

#include <sys/types.h>

struct monitor;
struct context;

/* What epoll wakes us for: embedded first in what owns the descriptor. */
struct source {
    int fd;
    uint32_t events;
    void (*ready)(struct context *context, struct source *source, uint32_t events);
};

struct stream {
    struct source source;
    uint8_t number; /* 1 stdout (or terminal), 2 stderr: the frame's type and the subscription's bit */
};

struct client {
    struct source source;
    struct client *next;
    uint8_t mask;
    bool dead;    /* freed after the round: events of this round may still name it */
    bool told;    /* the end has been sent to it: it gets nothing more */
    bool blocked; /* its stdin waits for room; what came after stays in `held` */
    /* the frame that is being read */
    uint8_t header[8], payload[8];
    uint32_t header_length, payload_left, payload_length;
    struct text held, queue; /* input not taken yet, output not sent yet */
};

struct monitor {
    int epoll;
    /* op stdio */
    bool pty, keep_stdin, stdin_once, attached;
    bool channel_is_stdio; /* op channel_stdio: fd 5 is no client of ours */
    uint16_t rows, cols;
    int child_stdio[3]; /* the child's ends of the pipes */
    int pty_socket[2];  /* the child sends the terminal's master to [0] by way of [1] */
    struct source stdin_source;
    struct stream stream[2];
    struct log *log; /* NULL: no log */
    /* op listen, op exit_record */
    struct source listener;
    char *socket_path, *record_path;
    struct client *clients;
    struct source signals;
    /* the end */
    bool died, ended; /* the process is gone; all is told */
    int exit_code, exit_signal;
    struct timespec finished;
    struct text counters; /* members of a JSON object, by read_counter */
    char *buffer;
    bool touched; /* the buffer has been used since its memory was given back */
};
enum { MONITOR_BUFFER = 32 << 10 };
/* Bit of a client's mask beside the streams': rather hold the process up than lose output. */
enum { WAIT = 0x80 };

/* Makes the loop from what stage launcher has prepared; after execve, before anybody is told. -1 with errno. */
int monitor_open(struct context *context);
/* Serves until the process has ended and everything about it is told. */
void monitor_run(struct context *context);

/* -- monitor.c: which events a source waits for; 0 takes it out of the loop */
void source_watch(struct monitor *monitor, struct source *source, uint32_t events);
void source_close(struct monitor *monitor, struct source *source);

/* -- streams.c */
/* Takes the parent's ends; receives the master of a terminal. -1 with errno. */
int streams_open(struct context *context);
/* Reads what is there now, up to a limit, and closes: at the end of the process. */
void streams_drain(struct context *context);
/* Reads from the process unless a client that waits is behind; to be called after each round. */
void streams_watch(struct context *context);
/* How many bytes stdin took: fewer than given when it is full. All of them when nobody reads it any more. */
size_t stdin_write(struct context *context, const char *bytes, size_t length);
void stdin_close(struct context *context);
int stdin_resize(struct context *context, uint16_t rows, uint16_t cols);

/* -- clients.c */
struct client *client_add(struct context *context, int fd);
void clients_accept(struct context *context, struct source *listener, uint32_t events);
/* One frame to all that subscribed to the stream. */
void clients_output(struct context *context, uint8_t stream, const char *bytes, size_t length);
void clients_tell_end(struct context *context);
/* stdin has room again. */
void clients_unblock(struct context *context);
/* Frees those that were cut off. */
void clients_sweep(struct context *context);
/* A client that is waited for is behind. */
bool clients_hold(const struct context *context);
/* After the end: tell the clients that have got everything by a half-close. False when all have gone. */
bool clients_farewell(struct context *context);

#endif
